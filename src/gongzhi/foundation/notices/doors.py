"""The way in of deliveries on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.foundation.notices import queries, rules
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _told(actor: Actor, at: datetime) -> Told | None:
    failed = queries.deliveries(seen_by=actor, failed_only=True).order_by()[:100].count()
    if failed:
        return Told(ngettext("%(n)d failed", "%(n)d failed", failed) % {"n": failed}, "late")
    has_gateway = bool((territory.town(seen_by=actor).settings.get("webhook") or {}).get("url"))
    return Told(_("gateway set") if has_gateway else _("no gateway for text messages"), "ok" if has_gateway else "")


hang("administration", Door(
    key="deliveries", title=_("Notices on their way out"), text=_("Mail and text messages: what waits, what failed, try again"), url="/notices/deliveries/",
    icon="send", may=rules.may_see_deliveries, told=_told, rank=70,
))  # fmt: skip
hang("desk:work", Door(key="notices", title=_("Notices"), url="/notices/", icon="bell", may=lambda actor: actor.is_signed_in, rank=90))
