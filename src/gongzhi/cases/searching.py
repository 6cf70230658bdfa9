"""Cases are found by title, first text, address and category. Their numbers and follow codes lead to them directly."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import facts, queries
from gongzhi.foundation.search.registry import Searchable, Shown, register
from gongzhi.kernel.actors import CLOCK, Actor


def _texts(items: Sequence[int]) -> Mapping[int, str]:
    return queries.search_texts(seen_by=CLOCK, case_ids=items)


def _shown(actor: Actor, items: Sequence[int]) -> list[Shown]:
    found = queries.first_cases(seen_by=actor, most=len(items), case_ids=items)
    return [Shown(item=case.pk, title=case.title, url=f"/cases/{case.slug}/", note=case.number, thing=case) for case in found]


register(Searchable(
    kind="case", title=_("Cases"), seen=lambda actor: queries.search_seen(seen_by=actor), texts=_texts, shown=_shown,
    every=lambda after, most: queries.case_ids_after(seen_by=CLOCK, after=after, most=most), rank=50,
    changed={
        facts.CaseOpened: lambda fact: [fact.case_id], facts.CaseReclassified: lambda fact: [fact.case_id], facts.CasePlaced: lambda fact: [fact.case_id],
        facts.CaseImported: lambda fact: [fact.case_id],
    },
))  # fmt: skip
