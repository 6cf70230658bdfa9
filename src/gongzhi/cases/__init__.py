"""The closed loop that all three lines share 事项.

A need becomes a case in a place; exactly one organ has it, on a clock that explains itself; others join; another
person verifies; whoever raised it rates it; what goes badly becomes evidence.

Kind: none of its own. Kinds are registered by the lines (`kind.register`), with a procedure each.
Facts out: everything in facts.py, above all CaseOpened, CaseAssigned, CaseReturned, CaseAnswered, CaseVerified,
CaseClosed, CaseReferred, CaseRated, CaseFellDue.
Facts in: none from above; the engine never imports a line.
Not here: what a kind adds (its dossier stands in its own module), people, organs, territory (foundation), figures that
compare towns or periods (evaluation).

lifecycle.py  the one table of lawful state changes (pure)
clock.py      working-time arithmetic, the calendar is an argument (pure)
procedure.py  a kind's stages as versioned data: read, check, draw, export (pure)
rating.py     levels, tags, and what a bad one sets going (pure)
kind.py       the registry of kinds
"""
