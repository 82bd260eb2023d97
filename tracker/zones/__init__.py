"""Zones as the service holds them: versions, what is known of them now, and their record."""
