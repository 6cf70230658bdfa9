"""Criteria 条件: who or what meets a condition, said as data over typed fields, judged yes, no or unknown.

A criterion belongs to a subject (a resident, a firm, whatever registers declare) and has versions, each with the clause
of its source. It is judged for one with an explanation, or for many at once. A version is tried on the register before
it is adopted.

Facts out: CriterionDefined, CriterionDrafted, CriterionTried, CriterionAdopted, ParameterSet. Facts in: none.

town_subjects.py  residents and firms, as every town has them
subjects.py  what criteria may speak of: subjects and their typed fields; registers bring the rows
units.py     money, areas, spans and their exact conversion
dates.py     completed years, months and days since a date
language.py  the conditions themselves: reading a definition, its faults, its words
judging.py   one: yes, no or unknown, and why
masks.py     many: NumPy masks for each distinct clause
answers.py   a form for one who tries
editing.py   a definition changed at one place

What it is not: it pays nothing and keeps nobody's data; benefits and registers stand above it.
"""
