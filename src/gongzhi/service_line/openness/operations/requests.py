"""A request for information is filed, and the day of its receipt kept (政府信息公开条例 arts 29 and 31)."""

from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import codes, following
from gongzhi.cases import operations as cases
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.openness import queries, rules
from gongzhi.service_line.openness.facts import InformationRequested, RequestReceived
from gongzhi.service_line.openness.models import InfoRequest
from gongzhi.service_line.openness.operations.enquiries import KeyTooShort, KeyUsed, NobodyToAsk


class NothingWanted(Refused):
    sentence = _("Describe the information: its name, number, or anything by which it can be found.")
    field = "text"


class NeedsName(Refused):
    sentence = _("A request for information needs a name and a telephone number (article 29 of the regulations). They are sealed.")
    field = "name"


class BadReceipt(Refused):
    sentence = _("The day of receipt cannot lie in the future, nor more than 30 days back.")
    field = "received_on"


AT_ONCE = ("in_person", "registered")  # the day of receipt is known with the paper; online and by ordinary mail both sides confirm it


@operation
def request_information(
    *, by: Actor, at: datetime, organ_id: int, text: str, title: str = "", form: str = "file", name: str = "", phone: str = "", email: str = "",
    channel: str = "online", received_on: date | None = None, submission_key: str = "",
) -> tuple[Any, str]:  # fmt: skip
    """File a request; return its case and the follow code of whoever is not signed in. What came on paper is filed by an officer.

    In person and by registered mail, the day of receipt is known and the clock begins with it; otherwise with the confirmation.
    Raises NothingWanted, NeedsName, BadReceipt, NobodyToAsk, KeyUsed, KeyTooShort.
    """
    ensure(rules.may_request)
    on_paper = channel != "online"
    if on_paper:
        ensure(rules.may_take_down)
    text = text.strip()
    if not text:
        raise NothingWanted
    today = territory.day_of(seen_by=by, at=at)
    if organ_id not in {organ.pk for organ in queries.organs_asked(seen_by=by, on=today)}:
        raise NobodyToAsk
    signed_in = by.is_signed_in and by.person_id is not None and not on_paper
    if not signed_in and not (name.strip() and (phone.strip() or email.strip())):
        raise NeedsName
    received_on = (received_on or today) if channel in AT_ONCE else None
    if received_on is not None and not 0 <= (today - received_on).days <= 30:
        raise BadReceipt
    if submission_key and len(submission_key) < 16 and not signed_in:
        raise KeyTooShort
    key = f"disclosure:{f'p{by.person_id}' if by.person_id else by.system or 'a'}:{submission_key}"[:80] if submission_key else None
    code = "" if signed_in else following.code_for(key)
    begins = at
    if received_on is not None and received_on < today:
        begins = datetime.combine(received_on, time(12), territory.town(seen_by=by).zone)
    person_id = by.person_id
    if not signed_in:
        person_id = people.register_person(by=by, at=at, kind="resident", public_name=str(_("Applicant")), name=name.strip()[:40], phone=phone.strip(),
                                           email=email.strip()[:254]).pk  # fmt: skip

    def filed(case: Any) -> InfoRequest:
        return InfoRequest(town_id=current_town(), case=case, channel=channel, form=form if form in InfoRequest.Form.values else "file",
                           received_on=received_on)  # fmt: skip

    need = cases.Need(
        kind="disclosure", title=title.strip() or text.splitlines()[0][:60], text=text, raised_by_id=person_id, lead_id=organ_id, submission_key=key,
        follow_code_hash=codes.digest(code) if code else None,
    )  # fmt: skip
    case = cases.open_case(by=by, at=begins, need=need, beside=lambda opened: [filed(opened)])
    if case.text.strip() == "":
        raise KeyUsed(case)
    record(InformationRequested(subject=ref(case), case_id=case.pk, organ_id=organ_id, channel=channel, public=False))
    if received_on is not None:
        cases.decide_case(by=_system(), at=begins, case_id=case.pk, result="confirm")
    return case, code


def _system() -> Actor:
    return Actor(kind="system", system="openness")


@operation
def note_receipt(*, by: Actor, at: datetime, case_id: int) -> InfoRequest:
    """Keep the day on which the receipt of a request was confirmed; one that is known already stays."""
    ensure(rules.may_publish_answer)
    found = InfoRequest.objects.select_for_update().get(case_id=case_id)
    if found.received_on is None:
        found.received_on = territory.day_of(seen_by=by, at=at)
        found.save(update_fields=["received_on"])
    record(RequestReceived(subject=ref(found), case_id=case_id, received_on=found.received_on, public=False))
    return found
