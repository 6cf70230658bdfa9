"""The ways in of the residents' register on the home of the registers."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.registers.residents import queries, rules


def _duplicates(actor: Actor, at: datetime) -> Told | None:
    n = queries.duplicates(seen_by=actor).count()
    return Told(ngettext("%(n)d pair", "%(n)d pairs", n) % {"n": n}, "warn") if n else None


hang(
    "register-home", Door(key="new-resident", title=_("Register somebody"), url="/registers/residents/new/", icon="user-plus", may=rules.may_keep_some, rank=10)
)
hang("register-home", Door(
    key="duplicates", title=_("May be one person"), url="/registers/duplicates/", icon="users", may=rules.may_keep_some, told=_duplicates, rank=20,
))  # fmt: skip
