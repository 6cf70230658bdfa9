"""Acts that take two people: asking, confirming, declining."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import joint, rules, standing
from gongzhi.foundation.people.facts import JointActAsked, JointActDecided
from gongzhi.foundation.people.models import JointRequest
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

LASTS = timedelta(days=7)


class NotForOneself(Refused):
    sentence = _("Nobody does this for themselves; two others must do it.")


class NeedsAnother(Refused):
    sentence = _("Whoever has asked for it cannot confirm it; a second person must.")


class AboveBoth(Refused):
    sentence = _("This gives more than either of you holds; somebody who holds it must ask or confirm.")


class JointOver(Refused):
    sentence = _("This has been decided already, or its seven days are over; ask anew.")


def _not_for_oneself(by: Actor, concerns_id: int | None) -> int:
    """Return who acts; refuse whoever it is about."""
    if by.person_id is None or by.person_id == concerns_id:
        raise NotForOneself
    return by.person_id


@operation
def ask_joint_act(*, by: Actor, at: datetime, act: str, content: Mapping[str, Any], concerns_id: int | None = None) -> JointRequest:
    """Ask for an act that takes two people; `content` holds ids and small words only. It waits seven days for a second person."""
    ensure(rules.may_ask_joint_act, act)
    asker_id = _not_for_oneself(by, concerns_id)
    asked = JointRequest.objects.create(
        town_id=current_town(), act=act, content=dict(content), concerns_id=concerns_id, asked_by_id=asker_id, asked_at=at, lapses_at=at + LASTS
    )
    record(JointActAsked(subject=f"people.jointrequest:{asked.pk}", act=act))
    return asked


def _waiting(request_id: int, at: datetime) -> JointRequest:
    asked = JointRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if asked.state != JointRequest.State.WAITING or at >= asked.lapses_at:
        raise JointOver
    return asked


@operation
def confirm_joint_act(*, by: Actor, at: datetime, request_id: int) -> tuple[JointRequest, Any]:
    """Confirm as the second person, by which it is done; return the request and what the act returned.

    Whoever asked must still be allowed to, and one of the two must hold every critical ability that is given away.
    """
    asked = _waiting(request_id, at)
    ensure(rules.may_ask_joint_act, asked.act)
    _not_for_oneself(by, asked.concerns_id)
    if by.person_id == asked.asked_by_id:
        raise NeedsAnother
    sort = joint.known(asked.act)
    first = standing.actor(asked.asked_by_id, at)
    if not sort.may(first):
        raise JointOver
    reach = sort.reach(asked.content, at)
    if not (reach <= by.critical or reach <= first.critical):
        raise AboveBoth
    made = sort.perform(by, at, asked.content)
    _decide(asked, JointRequest.State.DONE, by, at)
    return asked, made


@operation
def decline_joint_act(*, by: Actor, at: datetime, request_id: int) -> JointRequest:
    """Decline what somebody has asked for, or take one's own request back."""
    asked = _waiting(request_id, at)
    ensure(rules.may_ask_joint_act, asked.act)
    _decide(asked, JointRequest.State.DECLINED, by, at)
    return asked


def _decide(asked: JointRequest, state: str, by: Actor, at: datetime) -> None:
    asked.state, asked.decided_by_id, asked.decided_at = state, by.person_id, at
    asked.save(update_fields=["state", "decided_by", "decided_at"])
    record(JointActDecided(subject=f"people.jointrequest:{asked.pk}", act=asked.act, outcome=str(state)))
