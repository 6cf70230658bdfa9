"""Units that join a case, each with its own task and clock; an order to a firm is one of these."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import rules
from gongzhi.cases.facts import CaseJoinAnswered
from gongzhi.cases.lifecycle import Act
from gongzhi.cases.models import Clock, CoHandling
from gongzhi.cases.operations import _steps
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record


class UnitLeads(Refused):
    sentence = _("This unit leads the case; ask another one to join.")
    field = "organ"


class UnknownUnit(Refused):
    sentence = _("This unit does not exist or is closed.")
    field = "organ"


class AnsweredAlready(Refused):
    sentence = _("This task has been reported on already.")


@operation
def join_case(
    *, by: Actor, at: datetime, case_id: int, organ_id: int, task: str, required: bool = True, is_order: bool = False,
    limit: tuple[int, str] | None = None,
) -> CoHandling:  # fmt: skip
    """Ask a unit to join, or order a firm: its own task, its own clock; the case waits for it where `required`.

    `limit`: (amount, unit); three working days where none is given.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_join, case)
    _steps.check(case, Act.JOIN)
    task = _steps.required(task, "task")
    if organ_id == case.lead_id:
        raise UnitLeads(case)
    if not organs.organs(seen_by=ANYONE).filter(pk=organ_id, closed_on__isnull=True).exists():
        raise UnknownUnit
    return _steps.ask_to_join(case, organ_id, task=task, required=required, is_order=is_order, limit=limit, by=by, at=at)


@operation
def answer_join(*, by: Actor, at: datetime, co_handling_id: int, result: str, attachment_ids: Iterable[int] = ()) -> CoHandling:
    """Report on the unit's part of a case; its clock ends."""
    case_id = CoHandling.objects.values_list("case_id", flat=True).get(pk=co_handling_id)
    case = _steps.locked(case_id)
    co_handling = CoHandling.objects.select_for_update().get(pk=co_handling_id)
    ensure(rules.may_answer_join, co_handling)
    if not co_handling.is_waiting:
        raise AnsweredAlready(co_handling)
    _steps.check(case, Act.JOIN_ANSWER)
    result = _steps.required(result, "result")
    co_handling.state = CoHandling.State.ANSWERED
    co_handling.answered_at = at
    co_handling.result = result
    co_handling.save()
    _steps.end_clocks(case, at, of=Clock.Of.JOIN, co_handling=co_handling)
    case.touched_at = at
    case.save(update_fields=["touched_at"])
    _steps.add_step(case, Act.JOIN_ANSWER, by=by, at=at, organ_id=co_handling.organ_id, public_text=result, attachment_ids=attachment_ids,
                    papers_public=False, details={"task": co_handling.task})  # fmt: skip
    record(CaseJoinAnswered(**_steps.about(case), organ_id=co_handling.organ_id))
    return co_handling
