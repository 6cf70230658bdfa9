"""Stations, devices and readings for programs.

reading.py   what is read
keeping.py   what is registered and kept: stations, devices, series, limits, maintenance, calibrations, requests
proposals.py what supervised units propose, and the answer

All write on one router: two routers with the same address would shadow each other's methods.
"""

from gongzhi.management_line.sensing.api import keeping, proposals, reading

router = reading.router
assert keeping.router is proposals.router is router
