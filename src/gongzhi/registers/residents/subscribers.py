"""The register as files and the catalogue know it, and the account that is parted when its owner's details are erased."""

from gongzhi.foundation.people.facts import PersonErased
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.registers.record.fields import Register, declare
from gongzhi.registers.residents import operations, queries, rules
from gongzhi.registers.residents.values import FIELDS, TITLE

declare(Register("residents", TITLE, FIELDS, operations.take_rows, queries.hits, rules.may_use_register))


@on(PersonErased)
def part_the_account(entry: Entry) -> None:
    linked = queries.resident_of_account(seen_by=CLOCK, person_id=int(entry.fact.subject.rsplit(":", 1)[1]))
    if linked is not None:
        operations.unlink_account(by=CLOCK, at=entry.at, resident_id=linked.pk)
