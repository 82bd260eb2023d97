"""A private installation on one machine: everything started (`up`) and examined (`doctor`)."""
