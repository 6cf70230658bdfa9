"""Benefits 惠企惠民政策: what firms and residents are entitled to, found for them from the registers.

A benefit is data: for whom, its conditions (foundation/criteria) with the clause of their source, an amount or a rate, budget, days, what it
excludes. A version is tried on the register before it is adopted and never changed after. Every firm and resident is matched with every benefit
that holds: entitled, nearly (with what is missing) or not (with why); anew whenever a field of theirs or a benefit changes, and every night.
What all registers say is paid without asking 免申即享, in batches that an officer approves; the rest by quick asking 快申快享. Payments keep
the budget, are made once, and are posted to the book.

Facts out: BenefitDrafted, BenefitTried, BenefitAdopted, BenefitsMatched, BenefitsFound, BenefitsTold, BenefitAsked, BenefitsPaid, BenefitTakenBack.
Facts in: FirmRegistered, FirmChanged, FirmFigureTold, FirmsTaken, ResidentRegistered, ResidentChanged, ResidentMoved, ResidentsTaken, ParameterSet.

definitions.py  a benefit as data: reading it, its faults with their places, its words
matching.py     all with all by masks: states, reasons in bits, amounts, what excludes what
packing.py      reasons of one for all benefits as they are kept
lines.py        a file of firms or persons against a file of benefits, for `./gongzhi match`

Not here: conditions themselves (criteria), the money's accounts (book).
"""
