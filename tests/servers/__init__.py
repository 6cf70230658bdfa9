"""The product on servers that it did not start."""
