"""The environment's pages, by what they show."""
