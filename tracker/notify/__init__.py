"""Alerts leave the house: who is told, by which channel, again until they have it."""
