"""Editions with their numbers, one file a compartment. An edition once in force is never changed, a new one is added below it."""
