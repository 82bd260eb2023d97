"""Who logs in, as what, and what an account may see. Pure; `tracker.store` keeps it."""
