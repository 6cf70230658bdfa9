"""Search 搜索: one place where a reader finds whatever they may see, by everyday words.

Texts are kept as postings (word, thing, how often) and ranked by BM25 within the database; a question is widened by synonyms, which are
reviewed data. The index follows facts within seconds and is derived: `./gongzhi reindex` makes it anew.

Facts out: SynonymsSet. Facts in: those that modules name for what they have found (`registry.register`).

words.py      which words stand in a text
synonyms.py   what people say and what offices call it
ranking.py    the formula, and an index in memory
measuring.py  how well search finds, measured on files
registry.py   what is found: modules say it of their own, with who may see it
indexing.py   the index follows what changed

What it is not: it keeps no titles and shows nothing by itself; what is shown of a thing is asked of its module
for the reader, so no word and no count of what they may not see.
"""
