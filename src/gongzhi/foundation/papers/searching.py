"""Papers are found by their titles and numbers, by those who may see them."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.papers import facts, queries
from gongzhi.foundation.search.registry import Searchable, Shown, register
from gongzhi.kernel.actors import CLOCK, Actor


def _shown(actor: Actor, items: Sequence[int]) -> list[Shown]:
    found = queries.papers(seen_by=actor).filter(pk__in=list(items))
    return [Shown(item=one.pk, title=one.title, url=f"/papers/{one.pk}/", note=one.number, thing=one) for one in found]


register(Searchable(
    kind="paper", title=_("Signed papers"), seen=lambda actor: queries.papers(seen_by=actor).order_by().values("pk"), shown=_shown,
    texts=lambda items: {one.pk: f"{one.title} {one.number} {one.sort_word}" for one in queries.papers(seen_by=CLOCK).filter(pk__in=list(items))},
    every=lambda after, most: list(queries.papers(seen_by=CLOCK).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most]),
    changed={facts.PaperIssued: lambda fact: [fact.paper_id]}, rank=40,
))  # fmt: skip
