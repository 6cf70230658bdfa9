"""Grants 授权: which organ answers for which field, what organs hold elsewhere, who may see what for what until when, and what is in doubt.

A grant opens single fields of a register or data set to one organ, for a purpose, on a basis, from day to day. `operations.fill` is the one way
to a value through it; each use is a look in the record (ids, never values). Requests, corrections and pages are exchange's (management line).

Facts out: FieldCatalogued, DataSetDefined, DataRowsTaken, GrantGiven, GrantEnded, DoubtRaised, DoubtSettled. Facts in: none.
"""
