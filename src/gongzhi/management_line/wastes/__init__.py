"""Wastes: the ledgers of hazardous and general solid waste, which must balance, and the soil plots with their samples.

Facts out: WasteRegistered, WasteBooked, BookingStruck, StockCounted, PlotRegistered, SampleTaken.

stock.py   what is in stock at the end of each day, and since when. Pure

What it is not: it judges by no numbers of its own; those are in `standards` (waste.py, soil.py).
"""
