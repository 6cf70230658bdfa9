"""A question is asked of a unit, and its answer published."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import codes, following
from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.foundation.people import masking
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.openness import queries, rules
from gongzhi.service_line.openness.facts import EnquiryAsked, EnquiryPublished
from gongzhi.service_line.openness.models import Enquiry
from gongzhi.service_line.policies import operations as policies


class NothingAsked(Refused):
    sentence = _("Write what you want to know.")
    field = "text"


class NobodyToAsk(Refused):
    sentence = _("Choose which unit you ask.")
    field = "organ"


class KeyUsed(Refused):
    sentence = _("This submission key was used for another enquiry; use a new one.")
    field = "submission_key"


class KeyTooShort(Refused):
    sentence = _("A submission key needs at least 16 characters, such as a UUID.")
    field = "submission_key"


@operation
def ask(
    *, by: Actor, at: datetime, organ_id: int, text: str, title: str = "", is_private: bool = False, policy_id: int | None = None, offered: int = 0,
    submission_key: str = "",
) -> tuple[Any, str]:  # fmt: skip
    """Ask a unit; return the case and the follow code of whoever is not signed in ("" for who is). The same `submission_key` gives both again.

    Public unless private. Raises NothingAsked, NobodyToAsk, KeyUsed, KeyTooShort, and what `cases.open_case` refuses.
    """
    ensure(rules.may_ask)
    text = text.strip()
    if not text:
        raise NothingAsked
    on = territory.day_of(seen_by=by, at=at)
    if organ_id not in {organ.pk for organ in queries.organs_asked(seen_by=by, on=on)}:
        raise NobodyToAsk
    signed_in = by.is_signed_in and by.person_id is not None
    if submission_key and len(submission_key) < 16 and not signed_in:
        raise KeyTooShort
    key = f"enquiry:{f'p{by.person_id}' if by.person_id else by.system or 'a'}:{submission_key}"[:80] if submission_key else None
    code = "" if signed_in else following.code_for(key)

    def enquiry(case: Any) -> Enquiry:
        return Enquiry(town_id=current_town(), case=case, organ_id=organ_id, policy_id=policy_id, is_private=is_private, offered=min(offered, 100))

    need = cases.Need(
        kind="enquiry", title=title.strip() or _title(masking.masked(text)), text=text, raised_by_id=by.person_id, lead_id=organ_id, submission_key=key,
        visibility="parties" if is_private else "public", follow_code_hash=codes.digest(code) if code else None,
    )  # fmt: skip
    case = cases.open_case(by=by, at=at, need=need, beside=lambda opened: [enquiry(opened)])
    if case.text != masking.masked(text):
        raise KeyUsed(case)
    record(EnquiryAsked(subject=ref(case), case_id=case.pk, organ_id=organ_id, anonymous=not signed_in, offered=offered, public=not is_private))
    return case, code


def _title(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else ""
    ends = [at for at in (first.find(mark) for mark in "？?。！!；;") if 0 < at < 60]
    return first[: min(ends) + 1] if ends else first[:60]


@operation
def publish_answer(*, by: Actor, at: datetime, case_id: int) -> Enquiry:
    """Keep when an enquiry was answered; where it is public, everybody finds the answer from now on by its words."""
    ensure(rules.may_publish_answer)
    enquiry = Enquiry.objects.select_for_update(of=("self",)).select_related("organ").get(case_id=case_id)
    case = case_queries.case_by_id(seen_by=by, case_id=case_id)
    if enquiry.answered_at is None:
        enquiry.answered_at = at
        enquiry.save(update_fields=["answered_at"])
    if not enquiry.is_private and case.visibility == "public":
        turns = queries.thread(seen_by=by, case=case)
        answers = "\n".join(turn.text for turn in turns if turn.is_answer)
        asked = "\n".join(turn.text for turn in turns if not turn.is_answer)
        policies.keep_passage(by=by, at=at, about=ref(case), kind="enquiry", title=case.title, text=answers, source=f"{enquiry.organ} {asked}"[:200],
                              url=f"/enquiries/{case.slug}/")  # fmt: skip
    record(EnquiryPublished(subject=ref(case), case_id=case_id, public=not enquiry.is_private))
    return enquiry
