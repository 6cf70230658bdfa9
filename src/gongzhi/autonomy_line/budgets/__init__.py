"""参与式预算, participatory budgets: what residents vote money for, counted in exact fractions and explained per project. No tables yet.

`pabulib.py` reads files of real votes (the `.pb` format); `greedy.py` and `equalshares.py` are the rules; `counting.py` chooses by the name of the rule
and compares with the winners that a file names; `words.py` says it. `./gongzhi tally FILE` prints a count, of elections too.
"""
