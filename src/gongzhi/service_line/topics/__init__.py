"""Topics 热点: what many write about at once, found by text and time, with a unit that answers to everybody.

Kind: none. Facts out: TopicsFound, TopicGiven, TopicAnswered.
Facts in: none.
Not here: the answers to each single case (cases), questions (openness).

finding.py  messages to topics: words, average linkage, heat (pure, no database)
"""
