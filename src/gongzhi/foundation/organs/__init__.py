"""Bodies that can be responsible, and who holds which post in them.

Facts out: OrganDefined, PostGiven, PostEnded. Facts in: none.

What it is not: which matter is whose stands in `cases` (responsibility list); log-ins stand in `people`.
"""
