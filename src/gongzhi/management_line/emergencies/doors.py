"""The ways in: emergencies on the desk, alerts for everybody."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.management_line.emergencies import queries, rules


def _waiting(actor: Actor, at: datetime) -> Told | None:
    n = queries.waiting_duties(seen_by=actor, organ_ids=actor.organ_ids).count()
    return Told(ngettext("%(n)d task waits for your unit", "%(n)d tasks wait for your unit", n) % {"n": n}, "late", figure=n) if n else None


hang("desk:management", Door(
    key="emergencies", title=_("Emergencies"), url="/emergencies/", icon="siren", may=rules.may_see_plans, told=_waiting, rank=15, also=("/emergencies/",),
))  # fmt: skip
hang("public:open", Door(key="alerts", title=_("Alerts"), url="/alerts/", icon="siren", rank=15))


def _alert(actor: Actor, at: datetime) -> Told | None:
    found = queries.alerts_in_force(seen_by=actor, at=at)
    if not found:
        return None
    first = found[0]
    more = len(found) - 1
    words = first.title + (" " + ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more} if more else "")
    return Told(words, {"Extreme": "late", "Severe": "warn", "Moderate": "warn"}.get(first.severity, "work"))


hang("banner", Door(key="alerts", title=_("Alert"), url="/alerts/", icon="triangle-alert", told=_alert, rank=10))
