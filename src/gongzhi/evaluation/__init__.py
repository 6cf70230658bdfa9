"""Evaluation 评价: the town sees how it works, from its own record, and what would make it better.

It reads all and acts in none of the lines. Modules declare their figures beside themselves (`kernel/figures.py`), so what
is built later joins without a change here.

Indicators 指标 are data: a formula over declared figures with target, owner and source; hard and soft in pairs. Scorecards 评价表
say what organs were measured by in a quarter, with intervals and the cases behind each figure.

Process mining 流程挖掘 (`mining.py`, pure) finds from any log what ways cases really took: arcs with their times, variants,
bottlenecks, rework, hand-offs. It is fed by XES files (`xes.py`; `./gongzhi mine FILE.xes.gz`) and by the town's own cases.

Findings 发现 are made once a week from public cases (`detecting.py`, pure): each compares a group with all others, says how sure it
is and rests on its cases; meetings get them by `kernel/agendas.py`.

What it is not: it changes no procedure, no clock and no case, and no figure of it opens a case to whoever may not see it.

Facts out: IndicatorAdopted, IndicatorEnded, ScorecardChanged, FindingsMade. Facts in: none; it asks the queries of cases.
"""
