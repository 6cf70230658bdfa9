"""A doubt whose case ends without an answer is a doubt no more."""

from typing import Any

from gongzhi.cases.facts import CaseMerged, CaseReferred, CaseRejected, CaseWithdrawn
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.registers.grants import operations as grants
from gongzhi.registers.grants import queries


@on(CaseWithdrawn, CaseRejected, CaseMerged, CaseReferred)
def drop_the_mark_of_a_doubt(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "correction":
        doubt = queries.doubt_of_case(seen_by=CLOCK, case_id=fact.case_id)
        if doubt is not None and doubt.ended_at is None:
            grants.drop_doubt(by=CLOCK, at=entry.at, case_id=fact.case_id)
