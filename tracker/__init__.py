"""What happens to a fix. Read pipeline.py first."""
