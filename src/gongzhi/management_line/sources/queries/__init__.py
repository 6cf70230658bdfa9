"""Questions about the registers, by meaning.

outlets.py  sources, outlets, permits, what an outlet has used of its yearly quantity
returns.py  what firms report, and which count as high
risks.py    risk sources, sensitive places, who lies near whom
trace.py    where an exceedance may come from
"""

from gongzhi.management_line.sources.queries.outlets import (
    Usage,
    limits_of_outlets,
    measures_of,
    permit_for,
    permits,
    permits_ending,
    points,
    source_for,
    sources,
    usage,
)
from gongzhi.management_line.sources.queries.returns import FirmIntensity, firm_trend, highs, intensities_of, outlets_of_firm, return_for, returns, thresholds
from gongzhi.management_line.sources.queries.risks import Near, RiskNow, is_paper_of_a_plan, near, risk_for, risks, sensitive_places
from gongzhi.management_line.sources.queries.trace import Suspect, Trace, trace

__all__ = [
    "FirmIntensity",
    "Near",
    "RiskNow",
    "Suspect",
    "Trace",
    "Usage",
    "firm_trend",
    "highs",
    "intensities_of",
    "is_paper_of_a_plan",
    "limits_of_outlets",
    "measures_of",
    "near",
    "outlets_of_firm",
    "permit_for",
    "permits",
    "permits_ending",
    "points",
    "return_for",
    "returns",
    "risk_for",
    "risks",
    "sensitive_places",
    "source_for",
    "sources",
    "thresholds",
    "trace",
    "usage",
]
