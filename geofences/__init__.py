"""Where visitors must not be. Knows no people, no network and no database."""
