"""The evaluation's ways in: for everybody under the open figures, for the desk under the whole town."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.evaluation import queries
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _found(actor: Actor, at: datetime) -> Told | None:
    n = len(queries.findings(seen_by=actor))
    return Told(ngettext("%(n)s finding", "%(n)s findings", n) % {"n": n}, "warn") if n else None


for _place, _rank in (("public:open", 30), ("desk:town", 50)):
    hang(_place, Door(key="evaluation", title=_("Evaluation"), url="/evaluation/", icon="target", rank=_rank))
hang("evaluation", Door(
    key="scorecards", title=_("Scorecards"), text=_("What units are measured by in a quarter, hard and soft side by side"), url="/evaluation/scorecards/",
    icon="clipboard-check", rank=10,
))  # fmt: skip
hang("evaluation", Door(
    key="indicators", title=_("Indicators"), text=_("What is measured, how, and what is aimed at"), url="/evaluation/indicators/", icon="target", rank=20,
))  # fmt: skip
hang("evaluation", Door(
    key="findings", title=_("Findings"), text=_("What goes wrong by the record, found once a week"), url="/evaluation/findings/", icon="search",
    told=_found, rank=5,
))  # fmt: skip
