"""Questions to the evaluation, by what they are about."""

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
    "Compared", "Comparison", "Measured", "Process", "behind", "comparison", "indicator", "indicators", "observations", "organ_names", "organs_measured",
    "process", "scorecard",
]  # fmt: skip
