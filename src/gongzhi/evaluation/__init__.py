"""Evaluation 评价: the town sees how it works, from its own record, and what would make it better.

It reads all and acts in none of the lines. Modules declare their figures beside themselves (`kernel/indicators.py`), so what
is built later joins without a change here.

Process mining 流程挖掘 (`mining.py`, pure) finds from any log what ways cases really took: arcs with their times, variants,
bottlenecks, rework, hand-offs. It is fed by XES files (`xes.py`; `./gongzhi mine FILE.xes.gz`) and by the town's own cases.

What it is not: it changes no procedure, no clock and no case, and no figure of it opens a case to whoever may not see it.
"""
