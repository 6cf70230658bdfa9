"""The ways in of cases: queues in the desk's sidebar, the lists of the town for everybody and on the administration's home."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.cases import queries, rules
from gongzhi.cases.queues import QUEUE_WORDS, queues_of
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


def _has(code: str) -> Callable[[Actor], bool]:
    return lambda actor: rules.may_use_desk(actor) and code in queues_of(actor)


for _rank, (_code, (_title, _icon)) in enumerate(QUEUE_WORDS.items()):
    if _code != "any":  # what a search has found is no queue
        _also = ("/desk/", "/cases/") if _code == "mine" else ()
        hang("desk:work", Door(key=_code, title=_title, url=f"/desk/?queue={_code}", icon=_icon, may=_has(_code), rank=_rank, also=_also))
for _place in ("public:open", "desk:town"):
    hang(_place, Door(key="responsibilities", title=_("Responsibility list"), url="/responsibilities/", icon="book-open-check", rank=40))
hang("public:open", Door(key="procedures", title=_("Procedures"), url="/procedures/", icon="route", rank=45))
hang("public:report", Door(key="follow", title=_("Follow a case"), url="/follow/", icon="search", rank=20))
