"""Matters are found by their names, what people call them, and what they are about."""

from collections.abc import Mapping, Sequence

from django.utils.translation import pgettext_lazy

from gongzhi.foundation.search.registry import Searchable, Shown, register
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import Fact
from gongzhi.service_line.applications import facts, queries


def _of(fact: Fact) -> list[int]:
    return [int(fact.subject.rpartition(":")[2])]


def _texts(items: Sequence[int]) -> Mapping[int, str]:
    found = queries.offered_for_search(seen_by=CLOCK).filter(pk__in=list(items)).select_related("current", "organ")
    return {
        one.pk: "\n".join([one.current.title, one.current.title, *one.current.words, one.current.summary, one.current.result, one.organ.name])
        for one in found
        if one.current is not None
    }


def _shown(actor: Actor, items: Sequence[int]) -> list[Shown]:
    found = queries.offered_for_search(seen_by=actor).filter(pk__in=list(items)).select_related("current", "organ")
    return [Shown(item=one.pk, title=one.current.title, url=f"/matters/{one.code}/", note=one.organ.name) for one in found if one.current is not None]


def _every(after: int, most: int) -> Sequence[int]:
    return list(queries.offered_for_search(seen_by=CLOCK).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])


register(Searchable(
    kind="item", title=pgettext_lazy("search", "Matters"), seen=lambda actor: queries.offered_for_search(seen_by=actor).order_by().values("pk"),
    texts=_texts, shown=_shown, every=_every, changed={facts.ItemAdopted: _of, facts.ItemEnded: _of}, rank=10,
))  # fmt: skip
