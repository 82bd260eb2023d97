"""Where visitors were: replayed, and taken as files."""
