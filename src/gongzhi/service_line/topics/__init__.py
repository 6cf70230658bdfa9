"""Topics 热点: what many write about at once, found by text and time.

Kind: none. Facts: none in, none out: it reads messages and tells of them.
Not here: the answers to each single case (cases), questions (openness).

finding.py  messages to topics: words, average linkage, heat (pure, no database)
"""
