"""What supervisors and reviewers see."""
