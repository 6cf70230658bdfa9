"""Alerts of the town's own."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.management_line.emergencies import cap, rules
from gongzhi.management_line.emergencies.facts import (
    AlertIssued,
)
from gongzhi.management_line.emergencies.models import (
    Emergency,
    PublicAlert,
)
from gongzhi.management_line.emergencies.operations._shared import LONGEST_ALERT, BadTimes, Over, WordsMissing, keep_alert, said


def _sender() -> str:
    town = territory.town(seen_by=ANYONE)
    return str(town.settings.get("cap_sender") or f"{town.code}@gongzhi.town")


@operation
def issue_alert(
    *, by: Actor, at: datetime, event: str, severity: str, headline: str, description: str = "", instruction: str = "", hours: int = 24,
    headline_en: str = "", description_en: str = "", instruction_en: str = "", area_ids: Iterable[int] = (), emergency_id: int | None = None,
    replaces_id: int | None = None,
) -> PublicAlert:  # fmt: skip
    """Alert residents: a CAP message in Chinese (and English) that stands in every page's head until it expires or is lifted."""
    ensure(rules.may_alert)
    event, headline = said(event, "event", 120), said(headline, "headline", 200)
    if severity not in cap.SEVERITY:
        raise WordsMissing(field="severity")
    if not 1 <= hours <= LONGEST_ALERT // timedelta(hours=1):
        raise BadTimes
    town = territory.town(seen_by=ANYONE)
    wanted = list(dict.fromkeys(area_ids))
    known = territory.areas_by_id(seen_by=by, area_ids=wanted)
    emergency = Emergency.objects.get(pk=emergency_id) if emergency_id is not None else None
    places = [str(known[pk].name) for pk in wanted if pk in known] or [town.name]
    is_drill = emergency is not None and emergency.is_drill
    before = PublicAlert.objects.select_for_update().get(pk=replaces_id) if replaces_id is not None else None
    expires = at + timedelta(hours=hours)
    local_at, local_end = town.local(at).replace(microsecond=0), town.local(expires).replace(microsecond=0)
    area = tuple(cap.Area(words=place) for place in places)
    urgency, certainty = "Immediate" if severity in ("Extreme", "Severe") else "Expected", "Likely"

    def info(language: str, head: str, words: str, advice: str) -> cap.Info:
        return cap.Info(
            event=event, urgency=urgency, severity=severity, certainty=certainty, categories=("Safety",), language=language, effective=local_at,
            expires=local_end, sender_name=town.name, headline=head, description=words, instruction=advice, areas=area,
        )  # fmt: skip

    infos = [info("zh-CN", headline, description.strip(), instruction.strip())]
    if headline_en.strip():
        infos.append(info("en", headline_en.strip(), description_en.strip(), instruction_en.strip()))
    message = cap.Message(
        identifier=f"{town.code}-{town.local(at):%Y%m%d%H%M%S}-{uuid.uuid4().hex[:8]}", sender=_sender(), sent=local_at,
        status="Exercise" if is_drill else "Actual", kind="Update" if before else "Alert", scope="Public", infos=tuple(infos),
        references=((before.sender, before.identifier, town.local(before.sent_at).isoformat(timespec="seconds")),) if before else (),
    )  # fmt: skip
    made = keep_alert(message, cap.write(message), at=at, is_own=True, emergency=emergency)
    if before is not None:
        before.state, before.replaced_by = PublicAlert.State.UPDATED, made
        before.save()
    record(AlertIssued(subject=ref(made), identifier=made.identifier, kind_of_message=made.kind, severity=severity, public=made.status == "Actual"))
    announce(["alerts"], "alert")
    return made


@operation
def cancel_alert(*, by: Actor, at: datetime, alert_id: int, reason: str = "") -> PublicAlert:
    """Lift an alert of the town's own: a Cancel message refers to it."""
    before = PublicAlert.objects.select_for_update().get(pk=alert_id, is_own=True)
    ensure(rules.may_alert)
    if before.state != PublicAlert.State.CURRENT:
        raise Over(before)
    town = territory.town(seen_by=ANYONE)
    told = cap.read(bytes(before.content))
    message = cap.Message(
        identifier=f"{town.code}-{town.local(at):%Y%m%d%H%M%S}-{uuid.uuid4().hex[:8]}", sender=before.sender, sent=town.local(at).replace(microsecond=0),
        status=before.status, kind="Cancel", scope="Public", infos=told.infos, note=reason.strip()[:300],
        references=((before.sender, before.identifier, town.local(before.sent_at).isoformat(timespec="seconds")),),
    )  # fmt: skip
    made = keep_alert(message, cap.write(message), at=at, is_own=True, emergency=before.emergency)
    before.state, before.replaced_by = PublicAlert.State.CANCELLED, made
    before.save()
    record(AlertIssued(subject=ref(made), identifier=made.identifier, kind_of_message="Cancel", severity=made.severity, public=made.status == "Actual"))
    announce(["alerts"], "alert")
    return made
