"""What happens to an alarm's case is followed here."""

from typing import Any

from gongzhi.cases.facts import CaseAnswered, CaseClosed, CaseMerged, CaseReferred, CaseRejected, CaseWithdrawn
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.management_line.sensing import operations


@on(CaseAnswered)
def note_the_answer_when_the_unit_reports(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "alarm":
        operations.note_answer(by=CLOCK, at=entry.at, case_id=fact.case_id)


@on(CaseClosed, CaseMerged, CaseReferred, CaseRejected, CaseWithdrawn)
def settle_the_stretch_when_its_case_ends(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "alarm":
        operations.settle_alarm(by=CLOCK, at=entry.at, case_id=fact.case_id)
