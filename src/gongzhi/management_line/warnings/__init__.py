"""Warnings: what is wrong before a limit is passed: silence, frozen values, quick changes, neighbours that disagree, forecasts."""
