"""The book 账簿: what the town pays out and takes in, kept by double entry for all lines; append only, in whole cents.

A posting moves amounts between accounts and balances to nought; it names the act it comes from and stands in the ledger with it. What was wrong
is reversed by a posting of its own, never changed. A period that is closed takes no posting. The balance of any day is the sum of its postings.

Facts out: AccountOpened, AccountClosed, Posted, PeriodClosed. Facts in: none; who pays calls `post`.

money.py   amounts as people and programs write them, in whole cents
Not here: why something is paid (benefits, financing).
"""
