"""Alerts of a superior, and what they call for."""

import hashlib
from datetime import datetime

from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.management_line.emergencies import cap, rules
from gongzhi.management_line.emergencies.facts import (
    AlertTaken,
)
from gongzhi.management_line.emergencies.models import (
    Emergency,
    EmergencyPlan,
    PublicAlert,
)
from gongzhi.management_line.emergencies.operations._shared import BadAlert, UnknownSender, keep_alert
from gongzhi.management_line.emergencies.operations.responding import change_level, declare


@operation
def take_alert(*, by: Actor, at: datetime, content: bytes) -> tuple[PublicAlert, bool]:
    """Take an alert of a superior in; return it and whether it is new. Plans that it calls for by themselves are declared or raised.

    Only senders that the town's setting `cap_senders` names are taken. The same message twice is one; an update or cancel ends
    those that it refers to; what has expired is kept and calls for nothing. Raises BadAlert, UnknownSender.
    """
    ensure(rules.may_bring)
    try:
        message = cap.read(content)
    except cap.NotValid as refused:
        raise BadAlert(why=str(refused)) from refused
    known_senders = territory.town(seen_by=ANYONE).settings.get("cap_senders") or []
    if message.sender not in known_senders:
        raise UnknownSender(sender=message.sender[:80])
    digest = hashlib.sha256(content).hexdigest()
    known = PublicAlert.objects.filter(sender=message.sender, identifier=message.identifier).first()
    if known is not None:
        record(AlertTaken(subject=ref(known), identifier=known.identifier, kind_of_message=known.kind, severity=known.severity, digest=digest))
        return known, False
    made = keep_alert(message, content, at=at, is_own=False)
    if message.kind in ("Update", "Cancel"):
        ended = PublicAlert.State.UPDATED if message.kind == "Update" else PublicAlert.State.CANCELLED
        for sender, identifier, _sent in message.references:
            if sender == message.sender:  # nobody ends the alerts of others
                PublicAlert.objects.filter(sender=sender, identifier=identifier, is_own=False, state="current").update(state=ended, replaced_by=made)
    record(AlertTaken(
        subject=ref(made), identifier=made.identifier, kind_of_message=made.kind, severity=made.severity, digest=digest, public=made.status == "Actual"
    ))  # fmt: skip
    if message.kind in ("Alert", "Update") and message.status in ("Actual", "Exercise") and made.expires_at > at:
        _answer(made, message, at=at)
    announce(["alerts"], "alert")
    return made, True


def _answer(alert: PublicAlert, message: cap.Message, *, at: datetime) -> None:
    """Declare or raise what the alert calls for by itself; tell those who command of what waits for them."""
    is_drill = message.status == "Exercise"
    commanders = organs.able(seen_by=ANYONE, ability="may_command_emergencies", on=territory.day_of(seen_by=ANYONE, at=at))
    for kept in EmergencyPlan.objects.filter(state=EmergencyPlan.State.IN_FORCE):
        called = min(
            (trigger for info in message.infos if (trigger := kept.plan.called_for(info.event, info.severity)) is not None),
            key=lambda one: one.level, default=None,
        )  # fmt: skip
        if called is None:
            continue
        running = Emergency.objects.current().filter(plan__code=kept.code).first()
        if called.by_itself and running is None:
            declare(by=CLOCK, at=at, plan_id=kept.pk, level=called.level, reason=f"收到预警：{alert.headline}", is_drill=is_drill, alert_id=alert.pk)
        elif called.by_itself and running is not None and running.is_drill == is_drill and called.level < running.level:
            change_level(by=CLOCK, at=at, emergency_id=running.pk, level=called.level, reason=f"收到预警：{alert.headline}")
        elif running is None or called.level < running.level:
            notices.give_notice(
                by=CLOCK, at=at, person_ids=commanders, kind="emergency", url=f"/emergencies/new/?plan={kept.pk}&level={called.level}",
                title="Alert %(alert)s calls for the plan %(plan)s: decide whether to declare it", params={"alert": alert.headline, "plan": kept.title},
            )  # fmt: skip
