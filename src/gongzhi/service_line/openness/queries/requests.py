"""Requests for information: what each brings, and the year in figures as the law asks."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from gongzhi.cases import procedure
from gongzhi.cases import queries as cases
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.service_line.openness.models import InfoRequest


def request_of(*, seen_by: Actor, case: Any) -> InfoRequest | None:
    """Return what a request brings besides its case; the case was found as this reader may see it."""
    return InfoRequest.objects.filter(case_id=case.pk).first() if case.is_visible_to(seen_by) else None


def request_dossier(*, seen_by: Actor, case: Any) -> dict[str, Any]:
    """Return what stands on the case page of a request: how it came, since when the law counts, and where to appeal once it is answered."""
    found = request_of(seen_by=seen_by, case=case)
    return {"request": found, "may_appeal": bool(case.result) and case.is_closed} if found is not None else {}


@dataclass(slots=True)
class Year:
    """The requests of a year (政府信息公开条例 art. 50): how many came, what was answered, how many on time."""

    year: int
    received: int = 0
    waiting: int = 0
    withdrawn: int = 0
    late: int = 0
    results: list[tuple[str, str, int]] = field(default_factory=list)  # code, word, how many

    @property
    def answered(self) -> int:
        return sum(count for _code, _word, count in self.results)


def year(*, seen_by: Actor, number: int) -> Year:
    """Return a year's requests in numbers. Whoever asks: numbers only, which the law wants published every year."""
    zone = territory.town(seen_by=CLOCK).zone
    first, end = datetime(number, 1, 1, tzinfo=zone), datetime(number + 1, 1, 1, tzinfo=zone)
    found = Year(number)
    counted: Counter[str] = Counter()
    rows = cases.cases(seen_by=CLOCK, kind="disclosure", opened_from=first, opened_to=end).order_by()
    for state, result, overdue_at in rows.values_list("state", "result", "overdue_at"):
        found.received += 1
        found.late += overdue_at is not None
        if result:
            counted[result] += 1
        elif state == "withdrawn":
            found.withdrawn += 1
        else:
            found.waiting += 1
    version = cases.procedure_versions(seen_by=CLOCK, kind="disclosure").filter(effective_from__lt=end).order_by("-effective_from").first()
    if version is not None:  # a town may not have adopted the procedure yet
        words = procedure.of(version).results
        language = get_language() or "zh"
        found.results = [(code, words[code].words(language), counted[code]) for code in words if words[code].type]
    return found
