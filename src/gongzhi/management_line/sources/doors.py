"""Ways into the registers: from the environment's home, and from one register to the next."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sources import queries, rules


def _permits(actor: Actor, at: datetime) -> Told:
    expired, soon = queries.permits_ending(seen_by=actor, on=sensing.day_of(seen_by=actor, at=at))
    if expired:
        return Told(ngettext("%(n)d without a permit in force", "%(n)d without a permit in force", expired) % {"n": expired}, "late")
    if soon:
        return Told(ngettext("%(n)d permit ends soon", "%(n)d permits end soon", soon) % {"n": soon}, "warn")
    return Told(_("all permits in force"), "ok")


def _returns(actor: Actor, at: datetime) -> Told:
    n = queries.returns(seen_by=actor, state="filed").count()
    return Told(ngettext("%(n)d to be checked", "%(n)d to be checked", n) % {"n": n}, "warn" if n else "ok")


hang(
    "environment",
    Door(
        key="sources",
        title=_("Pollution sources and permits"),
        text=_("Who gives off what by which outlet, and how far each permit is used"),
        url="/sources/",
        icon="factory",
        told=_permits,
        rooms=("air", "water"),
        rank=30,
    ),
)
hang(
    "environment",
    Door(
        key="returns",
        title=_("Returns and the three highs"),
        text=_("What firms report, and who uses or gives off much for its output"),
        url="/returns/",
        icon="file-text",
        may=rules.sees_registers,
        told=_returns,
        rank=32,
    ),
)
hang(
    "environment",
    Door(
        key="risks",
        title=_("Risk sources and sensitive places"),
        text=_("What is kept where, with which plan, and who lives near"),
        url="/risks/",
        icon="shield",
        may=rules.sees_registers,
        rank=34,
    ),
)

for rank, (url, title, may) in enumerate(
    (
        ("/sources/", _("Pollution sources"), rules.anybody),
        ("/permits/", _("Permits"), rules.anybody),
        ("/returns/", _("Returns of firms"), rules.sees_registers),
        ("/three-highs/", _("Three highs"), rules.may_trace),
        ("/risks/", _("Risk sources"), rules.sees_registers),
        ("/sensitive-places/", _("Sensitive places"), rules.sees_registers),
    )
):
    hang("registers", Door(key=url, title=title, url=url, icon="list", rank=rank, may=may))


def _own_returns(actor: Actor, at: datetime) -> Told | None:
    n = queries.returns(seen_by=actor, state="returned").count()
    return Told(ngettext("%(n)d sent back", "%(n)d sent back", n) % {"n": n}, "warn") if n else None


hang(
    "firm",
    Door(
        key="sources",
        title=_("Sources and permits"),
        text=_("What the permit allows, and how far it is used"),
        url="/sources/?mine=yes",
        icon="factory",
        rank=10,
    ),
)
hang(
    "firm",
    Door(
        key="returns",
        title=_("Monthly and quarterly returns"),
        text=_("Output, energy, water and emissions by month or quarter"),
        url="/returns/",
        icon="file-text",
        told=_own_returns,
        rank=20,
    ),
)
hang("firm", Door(key="risks", title=_("Risk sources"), text=_("Substances, emergency plans, drills"), url="/risks/", icon="shield", rank=40))
