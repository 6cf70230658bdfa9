"""Policies are found by title, number, gist and letter, with what each clause means in plain words."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.search.registry import Searchable, Shown, register
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import Fact
from gongzhi.service_line.policies import facts, queries


def _of(fact: Fact) -> list[int]:
    return [int(fact.subject.rpartition(":")[2])]


def _texts(items: Sequence[int]) -> Mapping[int, str]:
    found = queries.policies(seen_by=CLOCK, released=None).filter(pk__in=list(items)).prefetch_related("clauses")
    return {
        one.pk: "\n".join([one.title, one.title, one.number, one.gist, *(f"{part.text} {part.plain_title} {part.plain}" for part in one.clauses.all())])
        for one in found
    }


def _shown(actor: Actor, items: Sequence[int]) -> list[Shown]:
    found = queries.policies(seen_by=actor, released=None).filter(pk__in=list(items))
    return [Shown(item=one.pk, title=one.title, url=one.url, note=one.number, thing=one) for one in found]


register(Searchable(
    kind="policy", title=_("Policies"), seen=lambda actor: queries.policies(seen_by=actor, released=None).order_by().values("pk"), texts=_texts, shown=_shown,
    every=lambda after, most: list(queries.policies(seen_by=CLOCK, released=None).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most]),
    changed={facts.PolicyPrepared: _of, facts.PolicyReleased: _of, facts.PolicyEnded: _of, facts.ReadingPublished: _of}, rank=20,
))  # fmt: skip
