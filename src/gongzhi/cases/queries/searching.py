"""Cases for the index of search."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from gongzhi.cases.models import Case
from gongzhi.kernel.actors import Actor


def search_seen(*, seen_by: Actor) -> QuerySet[Any]:
    """Return the numbers of the cases that this actor may see, as a question to be asked within another."""
    return Case.objects.visible_to(seen_by).order_by().values("pk")


def search_texts(*, seen_by: Actor, case_ids: Sequence[int]) -> dict[int, str]:
    """Return the words by which cases are found: title (twice, since it says what it is about), first text, address, category."""
    rows = Case.objects.visible_to(seen_by).filter(pk__in=list(case_ids)).values_list("pk", "title", "text", "address", "category__name")
    return {pk: " \n".join([title, title, text, address or "", category or ""]) for pk, title, text, address, category in rows}


def case_ids_after(*, seen_by: Actor, after: int, most: int) -> list[int]:
    """Return the numbers of the next cases after one, in their order."""
    return list(Case.objects.visible_to(seen_by).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])
