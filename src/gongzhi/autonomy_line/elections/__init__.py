"""选举计票, the counting of elections: pure arithmetic in exact fractions, explained step by step. No tables yet.

`contests.py` is what a count works on: candidates, seats, ballots with a weight. Files become contests in `reading/` (a CSV of patterns or of
ranks, BLT); a file that is not what it says is refused with its line and the reason (`Malformed`). The counts:

- `blockvote.py`: several seats by crosses with the double majority 双过半 and the second round 另行选举; one seat by majority; approval; near relatives.
- `runoff.py`: ranked ballots as the rules of an American tabulator file say them: instant run-off, several winners, batch elimination.
- `transfers.py`: the single transferable vote: Droop quota, weighted inclusive Gregory, exact or with the five decimals of the Scottish rule.

Each gives a `Count`: rounds, winners, ties by name, and steps that `words.py` says in the reader's language. `regulation.py` reads the rules of a
count from JSON. No count draws a lot: where a rule asks for one, the tie is named, and the lot that people drew is given as data.

What is not here: votes over the network and their secrecy, the roll, candidates' pages. Participatory budgets are counted in `budgets`.
"""
