"""The demonstration: a real city, real tracks and simulated visitors."""
