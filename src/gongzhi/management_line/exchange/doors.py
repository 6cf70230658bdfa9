"""The ways to exchange: the catalogue for everybody, requests and grants for those who use or answer for data, the doubt beside each own value."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.management_line.exchange import queries, rules


def _waiting(actor: Actor, at: datetime) -> Told | None:
    n = queries.waiting(seen_by=actor, at=at)
    return Told(ngettext("%(n)d waits for you", "%(n)d wait for you", n) % {"n": n}, "warn") if n else None


hang("public:open", Door(key="exchange", title=_("What data are held"), url="/exchange/", icon="network", rank=48))
hang("desk:town", Door(key="exchange", title=_("Data exchange"), url="/exchange/", icon="network", rank=26, also=("/exchange/",)))
hang("register-home", Door(
    key="exchange", title=_("Requests and grants"), url="/exchange/requests/", icon="inbox", may=rules.may_use_exchange, told=_waiting, rank=40,
))  # fmt: skip
hang("own-value", Door(key="doubt", title=_("Doubt this"), url="/exchange/doubt/{register}/{subject}/{field}/", icon="circle-help"))
hang("grant", Door(key="grant", title=_("The grant"), url="/exchange/grants/{grant}/", icon="shield-check"))
