"""Enquiries: what was asked and answered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from gongzhi.cases import queries as cases
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import Actor
from gongzhi.service_line.openness.models import Enquiry
from gongzhi.service_line.policies import queries as policies

ANSWERS = ("committee", "department", "subdistrict", "station", "council")


def organs_asked(*, seen_by: Actor, on: date) -> list[Any]:
    """Return the units that can be asked, by kind and name."""
    return [organ for organ in organs.open_organs(seen_by=seen_by, on=on) if organ.kind in ANSWERS]


def answered(*, seen_by: Actor, organ_id: int | None = None) -> QuerySet[Enquiry]:
    """Return the public enquiries that were answered, the newest first."""
    found = Enquiry.objects.visible_to(seen_by).filter(answered_at__isnull=False, case__visibility="public", is_private=False)
    return (found.filter(organ_id=organ_id) if organ_id else found).select_related("case", "organ").order_by("-answered_at", "-pk")


def enquiry_of(*, seen_by: Actor, case: Any) -> Enquiry | None:
    """Return what an enquiry brings besides its case; the case was found as this reader may see it."""
    return Enquiry.objects.filter(case_id=case.pk).select_related("organ", "policy").first() if case.is_visible_to(seen_by) else None


def case_of(*, seen_by: Actor, slug: str) -> Any:
    """Return the case of an enquiry that this reader may see; raise Case.DoesNotExist."""
    case = cases.case_for(seen_by=seen_by, slug=slug)
    if case.kind != "enquiry":
        raise type(case).DoesNotExist
    return case


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of question and answer. `is_answer`: the town speaks."""

    is_answer: bool
    text: str
    at: datetime
    organ: Any = None


def thread(*, seen_by: Actor, case: Any) -> list[Turn]:
    """Return what was asked and answered, in order: the question, answers, and what was asked on."""
    found = [Turn(False, case.text or case.title, case.opened_at)]
    for step in reversed(list(cases.steps(seen_by=seen_by, case=case))):
        if step.act == "answer" and step.public_text:
            found.append(Turn(True, step.public_text, step.at, step.organ))
        elif step.act == "decide" and step.details.get("result") == "ask_on":
            found.append(Turn(False, step.public_text, step.at))
    return sorted(found, key=lambda turn: turn.at)


def enquiry_dossier(*, seen_by: Actor, case: Any) -> dict[str, Any]:
    """Return what stands on an enquiry's case page: whom it was asked, and what may answer it."""
    enquiry = enquiry_of(seen_by=seen_by, case=case)
    if enquiry is None:
        return {}
    likely = []
    if cases.may_now(seen_by=seen_by, case=case) and case.is_open:
        likely = policies.likely(seen_by=seen_by, text=f"{case.title}\n{case.text}", on=case.opened_at.date(), most=3)
    return {"enquiry": enquiry, "likely": likely, "thread": thread(seen_by=seen_by, case=case)}
