"""A walk over every page of the product, as whoever it is for."""
