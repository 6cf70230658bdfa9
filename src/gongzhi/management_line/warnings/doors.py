"""The way to early warnings from the environment's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.management_line.warnings import queries


def _told(actor: Actor, at: datetime) -> Told:
    n = queries.fired(seen_by=actor, open_only=True).count()
    return Told(ngettext("%(n)d warning stands", "%(n)d warnings stand", n) % {"n": n}, "warn" if n else "ok")


hang("environment", Door(
    key="warnings", title=_("Early warnings"), text=_("Silent devices, frozen values, quick changes, forecasts"), url="/environment/warnings/", icon="siren",
    told=_told, rooms=("air", "water", "noise"), rank=20,
))  # fmt: skip

hang("station", Door(
    key="forecast", title=_("Forecast"), text=_("The next 24 hours, and how good the forecast has been"), url="/stations/{code}/forecast/", icon="chart-column",
    rooms=("air", "surface_water", "waste_water", "flue_gas", "level", "noise", "dust"), rank=40,
))  # fmt: skip
