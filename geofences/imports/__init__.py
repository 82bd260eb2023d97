"""What an import means: which rows are one place, what would change, which datum is doubtful."""
