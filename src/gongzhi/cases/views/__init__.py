"""The pages of cases, by what people come for: one case, an act, the desk, dispatch, intake, the town's lists."""

from gongzhi.cases.views.acts import act
from gongzhi.cases.views.case import case
from gongzhi.cases.views.catalogue import (
    amendment,
    categories,
    category_edit,
    procedure,
    procedure_bpmn,
    procedure_list,
    procedure_new,
    responsibilities,
    responsibility,
    responsibility_end,
    responsibility_new,
)
from gongzhi.cases.views.desk import bulk, counts, desk, export, queue_numbers
from gongzhi.cases.views.dispatch import dispatch, dispatch_one, dispatch_points, new, new_similar
from gongzhi.cases.views.kept import saved_view, saved_views

__all__ = [
    "act",
    "amendment",
    "bulk",
    "case",
    "categories",
    "category_edit",
    "counts",
    "desk",
    "dispatch",
    "dispatch_one",
    "dispatch_points",
    "export",
    "new",
    "new_similar",
    "procedure",
    "procedure_bpmn",
    "procedure_list",
    "procedure_new",
    "queue_numbers",
    "responsibilities",
    "responsibility",
    "responsibility_end",
    "responsibility_new",
    "saved_view",
    "saved_views",
]
