"""Refusals, and what the acts on emergencies share."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, Unreadable
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.emergencies import cap, plans, queries
from gongzhi.management_line.emergencies.models import Emergency, PublicAlert

LONGEST_ALERT = timedelta(days=7)
MOST_TEXT = 4000


class FaultyPlan(Refused):
    """The definition of a plan cannot be obeyed; `faults` names each place."""

    sentence = _("This plan cannot be obeyed as it stands: %(faults)s")
    field = "definition"


class PlanNotInForce(Refused):
    sentence = _("This version of the plan is not in force.")
    field = "plan"


class NoSuchLevel(Refused):
    sentence = _("The plan says nothing of this level.")
    field = "level"


class SameLevel(Refused):
    sentence = _("The response is at this level already.")
    field = "level"


class DeclaredAlready(Refused):
    sentence = _("A response by this plan is under way already; raise or lower its level instead.")
    field = "plan"


class Over(Refused):
    sentence = _("This response has been stood down.")


class PeopleMissing(Refused):
    sentence = _("%(n)d people are not accounted for. Count them again, or say in the reason why the response may end all the same.")
    field = "anyway"


class WordsMissing(Refused):
    sentence = _("Please say it in a few words.")
    field = "text"


class EndedAlready(Refused):
    sentence = _("This task has been reported on already.")


class BadCount(Refused):
    sentence = _("Say how many people are expected there and how many have come.")
    field = "expected"


class UnknownUnit(Refused):
    sentence = _("This unit does not exist or is closed.")
    field = "organ"


class BadAlert(Unreadable):
    sentence = _("This is no valid CAP 1.2 message: %(why)s")
    field = "content"


class UnknownSender(Refused):
    sentence = _("The town takes no alerts of the sender “%(sender)s”. The administrator may add it.")
    field = "content"


class BadTimes(Refused):
    sentence = _("An alert lasts from one minute to seven days.")
    field = "hours"


def said(text: str, field: str = "text", most: int = MOST_TEXT) -> str:
    kept = text.strip()
    if not kept:
        raise WordsMissing(field=field)
    return kept[:most]


def check_plan(definition: Any, at: datetime) -> plans.Plan:
    """Return the plan; raise FaultyPlan where it cannot be obeyed or names a unit that the town does not have."""
    try:
        plan = plans.parse(definition)
    except plans.Faulty as faulty:
        raise FaultyPlan(faults="；".join(f"{place}: {fault}" for place, fault in faulty.faults[:12])) from faulty
    known = set(organs.open_organs(seen_by=ANYONE, on=territory.day_of(seen_by=ANYONE, at=at)).values_list("code", flat=True))
    unknown = sorted(plan.units - known)
    if unknown:
        raise FaultyPlan(faults="；".join(str(_("the town has no unit %(code)s") % {"code": code}) for code in unknown[:12]))
    return plan


def keep_alert(message: cap.Message, content: bytes, *, at: datetime, is_own: bool, emergency: Emergency | None = None) -> PublicAlert:
    """Write a message down as it stands, with what pages show of it in Chinese and English."""
    forget(*queries.REMEMBERED)
    chinese = message.info("zh")
    english = message.info("en")
    first = chinese or english
    if english is not None and english.is_chinese:
        english = None
    expires = (first.expires if first else None) or message.sent + timedelta(hours=24)  # CAP 1.2: without one, the recipient decides
    head = (first.headline or first.event) if first else message.identifier
    return PublicAlert.objects.create(
        town_id=current_town(), identifier=message.identifier[:200], sender=message.sender[:200], sent_at=message.sent, status=message.status,
        kind=message.kind,
        scope=message.scope, is_own=is_own, event=(first.event if first else "")[:120], severity=first.severity if first else "Unknown",
        urgency=first.urgency if first else "Unknown", headline=head[:200], headline_en=(english.headline or english.event)[:300] if english else "",
        description=first.description if first else "", description_en=english.description if english else "", instruction=first.instruction if first else "",
        instruction_en=english.instruction if english else "", sender_name=(first.sender_name if first else "")[:120],
        areas=[area.words[:120] for area in first.areas][:50] if first else [], expires_at=expires, content=content, taken_at=at, emergency=emergency,
    )  # fmt: skip
