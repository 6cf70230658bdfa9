"""What follows from what the engine does with enquiries and requests."""

from typing import Any

from gongzhi.cases.facts import CaseAnswered, CaseDecided
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.service_line.openness import operations


@on(CaseAnswered)
def publish_the_answer_of_an_enquiry(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "enquiry":
        operations.publish_answer(by=CLOCK, at=entry.at, case_id=fact.case_id)


@on(CaseDecided)
def keep_the_day_of_receipt_of_a_request(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "disclosure" and fact.result == "confirm":
        operations.note_receipt(by=CLOCK, at=entry.at, case_id=fact.case_id)
