"""Questions to the evaluation, by what they are about."""

from gongzhi.evaluation.queries.findings import finding, findings, look_through, newest_week, week_of, weeks_found
from gongzhi.evaluation.queries.processes import Process, organ_names, process
from gongzhi.evaluation.queries.scorecards import (
    Compared,
    Comparison,
    Measured,
    behind,
    comparison,
    indicator,
    indicators,
    observations,
    organs_measured,
    scorecard,
)

__all__ = [
    "Compared", "Comparison", "Measured", "Process", "behind", "comparison", "finding", "findings", "indicator", "indicators", "look_through", "newest_week",
    "observations", "organ_names", "organs_measured", "process", "scorecard", "week_of", "weeks_found",
]  # fmt: skip
