"""The territory's way in on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.foundation.territory import queries, rules
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _told(actor: Actor, at: datetime) -> Told | None:
    n = queries.areas(seen_by=actor).filter(level="grid").count()
    return Told(ngettext("%(n)d grid", "%(n)d grids", n) % {"n": n}, "ok" if n else "warn")


hang("administration", Door(
    key="areas", title=_("Areas and boundaries"), text=_("Town, communities, grids; gaps and overlaps"), url="/administration/areas/", icon="map",
    may=rules.may_define_territory, told=_told, rank=20,
))  # fmt: skip
