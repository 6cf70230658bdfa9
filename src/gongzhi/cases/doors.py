"""The ways in of the town's lists on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.cases import queries, rules
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _categories(actor: Actor, at: datetime) -> Told | None:
    n = queries.categories(seen_by=actor, on=territory.day_of(seen_by=actor, at=at)).count()
    return Told(ngettext("%(n)d category", "%(n)d categories", n) % {"n": n}, "" if n else "warn")


def _list(actor: Actor, at: datetime) -> Told | None:
    n = len(queries.responsibility_gaps(seen_by=actor, on=territory.day_of(seen_by=actor, at=at)))
    return Told(ngettext("nobody leads %(n)d category", "nobody leads %(n)d categories", n) % {"n": n}, "warn") if n else Told(_("no gap"), "ok")


hang("administration", Door(
    key="categories", title=_("Categories"), text=_("What one may ask for, and in what time"), url="/categories/", icon="tag", may=rules.may_define,
    told=_categories, rank=55,
))  # fmt: skip
hang("administration", Door(
    key="responsibilities", title=_("Responsibility list"), text=_("Exactly one unit leads each matter; lines are replaced, never edited"),
    url="/responsibilities/", icon="book-open-check", may=rules.may_define, told=_list, rank=56,
))  # fmt: skip
hang("administration", Door(
    key="procedures", title=_("Procedures"), text=_("Stages, owners and clocks of each kind of case"), url="/procedures/", icon="route", may=rules.may_define,
    rank=57,
))  # fmt: skip
