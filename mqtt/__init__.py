"""Phones <-> service over MQTT."""
