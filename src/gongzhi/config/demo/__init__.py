"""The two demo towns, made wholly through operations and the same on every machine.

accounts.py   who can log in
territory.py  areas drawn from a seed: a rounded outline, a river, irregular grids that cover without gap or overlap
catalogue.py  categories, responsibility list, texts
loading.py    the order in which everything is made, and two months of history replayed
"""
