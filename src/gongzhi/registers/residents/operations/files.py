"""Rows of a file taken into the register, a batch in one transaction, with an account of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.registers.record import operations as record_operations
from gongzhi.registers.record.mapping import FileMapping
from gongzhi.registers.record.operations import Fault, Ground
from gongzhi.registers.residents import rules, values
from gongzhi.registers.residents.facts import ResidentsTaken
from gongzhi.registers.residents.operations._batch import Batch


@operation
def take_rows(*, by: Actor, at: datetime, file: Any, rows: Sequence[tuple[int, dict[str, str]]], meant: FileMapping, again: dict[int, Fault] | None,
              told: set[int]) -> Any:  # fmt: skip
    """Take rows of a file that follow each other; {} is a blank row. Returns the file with its counts.

    `again`: of a file taken over before, what was refused then; the other rows are known. `told`: whose home this file has told already.
    """
    ensure(rules.may_take)
    today = territory.day_of(seen_by=by, at=at)
    batch = Batch(by, at, Ground(source=meant.source, basis=meant.basis, word=meant.word, file_id=file.pk).checked(), meant.as_of or file.as_of, placed=told)
    counts = {"added": 0, "changed": 0, "known": 0, "blank": 0}
    refused: dict[int, Fault] = {}
    reads: list[tuple[int, values.Read]] = []
    for number, given in rows:
        if not given:
            counts["blank"] += 1
        elif again is not None and number in again:
            refused[number] = again[number]
        elif again is not None:
            counts["known"] += 1
        else:
            read = values.read(given, today)
            if read.wrong:
                wrong = read.wrong[0]
                refused[number] = Fault(wrong.field, wrong.text, wrong.why)
            else:
                reads.append((number, read))
    batch.load([read for _number, read in reads])
    by_number = dict(rows)
    for number, read in reads:
        try:
            counts[batch.take(read)] += 1
        except Refused as why:
            refused[number] = Fault(why.field or "", by_number[number].get(why.field or "", ""), str(why))
    batch.save()
    record(ResidentsTaken(subject=ref(file), added=counts["added"], changed=counts["changed"], moved=batch.moved))
    return record_operations.account(by=by, at=at, file_id=file.pk, last_row=rows[-1][0], rows=len(rows), refused=refused, **counts)
