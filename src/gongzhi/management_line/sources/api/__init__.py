"""The registers of sources for programs: what pages show and take, by the same queries and operations.

outlets.py  sources, outlets, permits
returns.py  returns of firms, the three highs
risks.py    risk sources and sensitive places
tracing.py  likely sources of an exceedance

All write on one router, in this order.
"""

from gongzhi.management_line.sources.api import outlets, returns, risks, sharing, tracing

router = sharing.router
assert outlets.router is returns.router is risks.router is tracing.router is router
