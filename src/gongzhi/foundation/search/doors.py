"""The way in to the words of search on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.foundation.search import queries, rules
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _told(actor: Actor, at: datetime) -> Told | None:
    count = len(queries.own_synonyms(seen_by=actor))
    return Told(ngettext("%(n)s entry of this town", "%(n)s entries of this town", count) % {"n": count}) if count else None


hang("administration", Door(
    key="search", title=_("Words of search"), text=_("What people say and what it is called: 开饭馆 means 食品经营许可"),
    url="/administration/search/", icon="search", may=rules.may_set_synonyms, told=_told, rank=58,
))  # fmt: skip
