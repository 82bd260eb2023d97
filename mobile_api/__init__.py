"""What a visitor's phone asks over HTTP."""
