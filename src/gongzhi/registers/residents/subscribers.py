"""The register as files and the catalogue know it, and the account that is parted when its owner's details are erased."""

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people.facts import PersonErased
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.registers.record.fields import Field, Register, declare, declare_closed
from gongzhi.registers.residents import operations, queries, rules, shared
from gongzhi.registers.residents.values import FIELDS, TITLE

declare(Register("residents", TITLE, FIELDS, operations.take_rows, queries.hits, rules.may_use_register, shared.SUBJECTS))

for _code, _title, _law in (
    ("care", _("Tags of care"), "《个人信息保护法》第二十八条：敏感个人信息只有具有特定的目的和充分的必要性方可处理"),
    ("control", _("Tags of control"), "《个人信息保护法》第二十八条；《社区矫正法》第五十四条"),
):
    declare_closed(
        Register(
            _code,
            _title,
            (
                Field("kind", _("Kind of tag"), meaning=_("Why the town cares for somebody, or watches by law"), share=3, closed_by=_law, renewed="year"),
                Field("days", _("Days of the tag"), meaning=_("From when, until when, looked at again by when"), share=3, closed_by=_law, renewed="year"),
                Field("note", _("Note on the tag"), sealed=True, meaning=_("What those who help must know"), share=3, closed_by=_law),
            ),
        )
    )


@on(PersonErased)
def part_the_account(entry: Entry) -> None:
    linked = queries.resident_of_account(seen_by=CLOCK, person_id=int(entry.fact.subject.rsplit(":", 1)[1]))
    if linked is not None:
        operations.unlink_account(by=CLOCK, at=entry.at, resident_id=linked.pk)
