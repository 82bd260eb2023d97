"""How often detection is right, on a simulated city: see `python -m bench.detection --help`."""
