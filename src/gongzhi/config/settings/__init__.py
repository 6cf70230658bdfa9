"""Settings of every process; what differs comes from the environment (see config/environment.py)."""
