"""The environment's own ways on from its home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.management_line.sensing import queries as sensing


def _exceedances(actor: Actor, at: datetime) -> Told:
    n = sensing.episodes(seen_by=actor, open_only=True).count()
    return Told(ngettext("%(n)d not yet cleared", "%(n)d not yet cleared", n) % {"n": n}, "warn" if n else "ok")


hang("environment", Door(
    key="exceedances", title=_("Stretches beyond a limit"), text=_("Every one, with its case and its proof"), url="/environment/exceedances/",
    icon="triangle-alert", told=_exceedances, rooms=("air", "water", "noise"), rank=10,
))  # fmt: skip
hang("environment", Door(
    key="air-and-water", title=_("Air and water now"), text=_("For everybody, in plain words"), url="/air-and-water/", icon="smile",
    rooms=("air", "water"), rank=5,
))  # fmt: skip
hang("environment", Door(
    key="comparison", title=_("Comparison"), text=_("Stations beside each other, or what one station measures"), url="/environment/comparison/",
    icon="chart-column", rooms=("air", "water", "noise"), rank=60,
))  # fmt: skip
hang("environment", Door(
    key="completeness", title=_("Completeness"), text=_("Which data is there, what is missing, and why"), url="/environment/completeness/", icon="list-checks",
    rooms=("air", "water", "noise"), rank=70,
))  # fmt: skip
for _place, _rank in (("public:open", 50), ("desk:management", 10)):
    hang(_place, Door(key="environment", title=_("Environment"), url="/environment/", icon="leaf", also=("/air-and-water/",), rank=_rank))
