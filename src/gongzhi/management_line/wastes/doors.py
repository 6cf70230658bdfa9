"""Ways into the ledgers: from the compartments solid waste and soil, and from one register to the next."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.management_line.wastes import queries, rules


def _wastes(actor: Actor, at: datetime) -> Told:
    found = queries.wastes(seen_by=actor, on=territory.day_of(seen_by=actor, at=at))
    late = sum(one.state in ("late", "flagged") for one in found)
    stored = _("%(t)s t in store") % {"t": f"{sum(one.stock for one in found):,.1f}"} if found else ""
    if late:
        return Told(ngettext("%(n)d ledger needs a look", "%(n)d ledgers need a look", late) % {"n": late}, "late", stored)
    return Told(ngettext("%(n)d ledger in order", "%(n)d ledgers in order", len(found)) % {"n": len(found)}, "ok" if found else "", stored)


def _plots(actor: Actor, at: datetime) -> Told:
    found = queries.plots(seen_by=actor)
    grave = sum(one.worst == "measures" for one in found)
    watched = sum(one.worst == "watch" for one in found)
    count = ngettext("%(n)d plot", "%(n)d plots", len(found)) % {"n": len(found)} if found else ""
    if grave:
        return Told(ngettext("%(n)d plot above the control value", "%(n)d plots above the control value", grave) % {"n": grave}, "late", count)
    if watched:
        return Told(ngettext("%(n)d plot to be watched", "%(n)d plots to be watched", watched) % {"n": watched}, "warn", count)
    return Told(_("none above screening"), "ok", count) if found else Told(_("no plot yet"))


hang(
    "environment",
    Door(
        key="wastes",
        title=_("Waste ledgers"),
        text=_("Hazardous and general waste: produced, stored, moved, disposed of, in balance"),
        url="/wastes/",
        icon="trash-2",
        may=rules.sees_ledgers,
        told=_wastes,
        rooms=("waste",),
        rank=36,
    ),
)
hang(
    "environment",
    Door(
        key="soils",
        title=_("Soil plots and samples"),
        text=_("Judged by screening and control values for the use of the ground"),
        url="/soils/",
        icon="sprout",
        may=rules.sees_ledgers,
        told=_plots,
        rooms=("soil",),
        rank=38,
    ),
)
hang("registers", Door(key="/wastes/", title=_("Waste ledgers"), url="/wastes/", icon="list", may=rules.sees_ledgers, rank=20))
hang("registers", Door(key="/soils/", title=_("Soil"), url="/soils/", icon="list", may=rules.sees_ledgers, rank=21))
hang(
    "firm",
    Door(
        key="wastes",
        title=_("Waste ledgers"),
        text=_("Write down what is produced, moved and disposed of"),
        url="/wastes/",
        icon="trash-2",
        told=_wastes,
        rank=30,
    ),
)
