"""Pages of the evaluation: processes, scorecards, indicators."""

from gongzhi.evaluation.views.processes import index, process, process_ocel, process_xes
from gongzhi.evaluation.views.scorecards import adopt_shipped, figure, indicators, scorecard, scorecards

__all__ = ["adopt_shipped", "figure", "index", "indicators", "process", "process_ocel", "process_xes", "scorecard", "scorecards"]
