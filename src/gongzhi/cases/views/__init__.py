"""The pages of cases, by what people come for: one case, an act, the desk, dispatch, intake, the town's lists."""

from gongzhi.cases.views.acts import act
from gongzhi.cases.views.case import case
from gongzhi.cases.views.desk import bulk, counts, desk, export, save_view

__all__ = ["act", "bulk", "case", "counts", "desk", "export", "save_view"]
