"""The one way to write an act, and what carries it. No tables.

operation.py  the act: one transaction, one rule asked, one fact recorded
facts.py      what acts leave behind
actors.py     who acts
towns.py      which town the present work is for (row-level security reads it)
memory.py     what a process remembers for a few seconds
tables.py     the abstract town-owned model and its policy in migrations
web.py        pages, fragments, refusals over HTTP
live.py       facts to server-sent streams over LISTEN/NOTIFY
testing.py    what tests of every module share
"""
