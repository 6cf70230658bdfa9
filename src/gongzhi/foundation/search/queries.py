"""What a reader finds."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from gongzhi.foundation.search import ranking, registry, synonyms
from gongzhi.foundation.search.models import TownSynonym
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town

SYNONYMS = "search.synonyms"
MOST_WORDS = 60  # of a question, those that weigh most

# One statement ranks one kind of thing: only what the reader may see, by the formula of `ranking`.
_RANKED = """
WITH wanted AS (SELECT * FROM unnest(%(words)s::text[], %(weights)s::float8[]) AS w(word, weight)),
told AS (SELECT count(*)::float8 AS texts, greatest(avg(length), 1)::float8 AS mean FROM search_searchtext WHERE town_id = %(town)s AND kind = %(kind)s),
held AS (
    SELECT p.word, count(*)::float8 AS holding FROM search_posting p
    WHERE p.town_id = %(town)s AND p.kind = %(kind)s AND p.word = ANY(%(words)s) GROUP BY p.word
)
SELECT p.item, sum(
    w.weight * power(ln(1 + (t.texts - h.holding + 0.5) / (h.holding + 0.5)), %(rare)s)
    * p.count * (%(k1)s + 1) / (p.count + %(k1)s * (1 - %(b)s + %(b)s * d.length / t.mean))
) AS score
FROM search_posting p
JOIN wanted w ON w.word = p.word
JOIN held h ON h.word = p.word
CROSS JOIN told t
JOIN search_searchtext d ON d.town_id = p.town_id AND d.kind = p.kind AND d.item = p.item
WHERE p.town_id = %(town)s AND p.kind = %(kind)s AND p.word = ANY(%(words)s) AND p.item IN ({seen})
GROUP BY p.item ORDER BY score DESC, p.item LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What was found of one kind, the best first."""

    kind: str
    title: Any
    found: list[registry.Shown]


def own_synonyms(*, seen_by: Actor) -> list[synonyms.Synonym]:
    """Return the town's own synonyms in their order."""
    rows = TownSynonym.objects.visible_to(seen_by).order_by("place")
    return remember(SYNONYMS, lambda: [synonyms.Synonym(tuple(row.say), tuple(row.means)) for row in rows])


def question(*, seen_by: Actor, text: str) -> dict[str, float]:
    """Return the weighted words of a question in this town."""
    found = synonyms.question(text, own_synonyms(seen_by=seen_by))
    heaviest = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_WORDS]
    return dict(heaviest)


def ranked(*, seen_by: Actor, kind: str, text: str, most: int = 10) -> list[tuple[int, float]]:
    """Return the things of a kind that this actor may see and that answer the question, the best first, with their scores."""
    known = registry.searchable(kind)
    wanted = question(seen_by=seen_by, text=text)
    if known is None or not wanted:
        return []
    seen = known.seen(seen_by).order_by()
    try:
        inner, parameters = seen.query.sql_with_params()
    except EmptyResultSet:  # the reader may see nothing of this kind, which is known before the database is asked
        return []
    names = {f"seen_{place}": value for place, value in enumerate(parameters)}
    statement = _RANKED.format(seen=inner % tuple(f"%({name})s" for name in names))
    given: dict[str, Any] = {
        "words": list(wanted), "weights": list(wanted.values()), "town": current_town(), "kind": kind, "most": most, "rare": ranking.RARE, "k1": ranking.K1,
        "b": ranking.B,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, given | names)
        return [(item, score) for item, score in cursor.fetchall()]


def find(*, seen_by: Actor, text: str, most: int = 10, kinds: tuple[str, ...] = ()) -> list[Section]:
    """Return what this actor finds by a question, kind by kind; kinds of which nothing was found are left out."""
    sections = []
    for known in registry.registered():
        if kinds and known.kind not in kinds:
            continue
        order = [item for item, _score in ranked(seen_by=seen_by, kind=known.kind, text=text, most=most)]
        if order:
            shown = {one.item: one for one in known.shown(seen_by, order)}
            sections.append(Section(known.kind, known.title, [shown[item] for item in order if item in shown]))
    return [section for section in sections if section.found]
