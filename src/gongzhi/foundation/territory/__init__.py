"""Towns and their territory: areas down to grids, places by name, where a point lies.

Facts out: TownFounded, TownRulesSet, AreaDefined, PlaceDefined. Facts in: none.

locator.py   an R-tree per town and boundary version, tens of thousands of look-ups a second
coverage.py  gaps and overlaps between the grids of a community
datum.py     GCJ-02 and BD-09 to WGS-84

What it is not: it knows no organs; who is responsible for an area stands in `cases` (responsibility list).
"""
