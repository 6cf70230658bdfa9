"""Reports 报事: what residents see and tell the town.

Kind: report (mark 报), checked on site by another person.
Facts out: those of the engine; ReportsImported for a batch of another system's events; SuggestionTrained.
Facts in: none.
Not here: states, clocks, ratings and merging (cases), people and photos (foundation), alarms of devices (sensing).

suggestion.py  what a text is about: keywords, and a linear model of character n-grams (pure, no database)
open311.py     GeoReport v2 words: requests, services and errors as plain data, JSON and XML (pure)
mapping.py     reading another system's event file by a mapping (pure)
"""
