"""Pages of the evaluation: processes, scorecards, indicators, findings."""

from gongzhi.evaluation.views.findings import finding, findings
from gongzhi.evaluation.views.processes import index, process, process_ocel, process_xes
from gongzhi.evaluation.views.scorecards import adopt_shipped, figure, indicators, scorecard, scorecards

__all__ = ["adopt_shipped", "figure", "finding", "findings", "index", "indicators", "process", "process_ocel", "process_xes", "scorecard", "scorecards"]
