"""Pages of the registers, by meaning.

outlets.py  sources, outlets, permits
returns.py  firms' returns, their check, the three highs
risks.py    risk sources and sensitive places
trace.py    where an exceedance may come from
"""

from gongzhi.management_line.sources.views import outlets, returns, risks, trace

__all__ = ["outlets", "returns", "risks", "trace"]
