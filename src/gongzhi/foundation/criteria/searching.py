"""Adopted criteria are found by their titles and sources."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.criteria import facts, queries
from gongzhi.foundation.search.registry import Searchable, Shown, register
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import Fact


def _of(fact: Fact) -> list[int]:
    return [int(fact.subject.rpartition(":")[2])]


def _texts(items: Sequence[int]) -> Mapping[int, str]:
    found = queries.criteria(seen_by=CLOCK).filter(pk__in=list(items)).prefetch_related("versions")
    return {one.pk: " ".join([one.title, *{version.source for version in one.versions.all()}]) for one in found}


def _shown(actor: Actor, items: Sequence[int]) -> list[Shown]:
    return [Shown(item=one.pk, title=one.title, url=f"/criteria/{one.code}/") for one in queries.criteria(seen_by=actor).filter(pk__in=list(items))]


register(Searchable(
    kind="criterion", title=_("Who meets what"), seen=lambda actor: queries.criteria(seen_by=actor).order_by().values("pk"), texts=_texts, shown=_shown,
    every=lambda after, most: list(queries.criteria(seen_by=CLOCK).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most]),
    changed={facts.CriterionDefined: _of, facts.CriterionDrafted: _of, facts.CriterionAdopted: _of}, rank=30,
))  # fmt: skip
