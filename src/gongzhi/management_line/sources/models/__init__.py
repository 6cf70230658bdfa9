"""Tables of the registers.

outlets.py  sources, outlets, permits with their limits
returns.py  what firms report, and the town's thresholds for the three highs
risks.py    risk sources with substances, plans and drills; sensitive places
"""

from gongzhi.management_line.sources.models.outlets import Outlet, Permit, PermitLimit, Source
from gongzhi.management_line.sources.models.returns import Return, ReturnedAmount, Threshold
from gongzhi.management_line.sources.models.risks import Drill, Plan, RiskSource, SensitivePlace, Substance

__all__ = ["Drill", "Outlet", "Permit", "PermitLimit", "Plan", "Return", "ReturnedAmount", "RiskSource", "SensitivePlace", "Source", "Substance", "Threshold"]
