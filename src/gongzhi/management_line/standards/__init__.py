"""The norms of the environment as dated data, and what they say of a value: pure, no tables of the database, no clock.

`tables/` holds editions with their days in force; the modules beside it compute. Every answer is a frozen dataclass that carries the
value, the limit, the clause and a sentence that says why. `on` is the day of the measurement, never today: a reading of 2025 keeps
the edition of 2025. How an edition is added: docs/howto/standards.md.

It stands below all that judge (registers of outlets and wastes, warnings, the environment's pages) and above `sensing`, whose units it uses.
"""
