"""The register as files know it; and every organ that is a firm has its place in the register."""

from django.db.models import Q

from gongzhi.foundation.organs.facts import OrganDefined
from gongzhi.foundation.papers import scopes as papers
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.operation import Entry, on
from gongzhi.registers.firms import operations, queries, rules, shared, values
from gongzhi.registers.record.fields import Register, declare

declare(Register("firms", values.TITLE, values.FIELDS, operations.take_firm_rows, queries.hits, rules.may_use_firms, shared.SUBJECTS))


@papers.register_scope
def papers_of_own_firm(actor: Actor) -> Q:
    """Open a firm's papers to those who serve in it."""
    return Q(holder_sort="firm", holder_key__in=queries.own_codes(seen_by=actor))


@on(OrganDefined)
def take_in_a_firm(entry: Entry) -> None:
    fact = entry.fact
    assert isinstance(fact, OrganDefined)
    if fact.kind_of_organ == "enterprise":
        organ_id = int(fact.subject.rsplit(":", 1)[1])
        if not queries.is_in_register(seen_by=CLOCK, organ_id=organ_id):
            operations.take_in_organs(by=CLOCK, at=entry.at, organ_ids=[organ_id])
