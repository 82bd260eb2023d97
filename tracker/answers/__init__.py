"""What people do about alerts, who is on duty, and how it went. Pure; `tracker.store` keeps it."""
