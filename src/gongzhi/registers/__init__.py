"""The registers 名录: what the town knows of its residents, dwellings and firms, once, for all lines. Each value has its source, basis, hand and day."""
