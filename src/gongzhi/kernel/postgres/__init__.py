"""Database backend: Django's PostgreSQL, with the town of the present work told to the connection."""
