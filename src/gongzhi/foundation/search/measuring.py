"""How well search finds, measured on files: everyday questions against items, and titles against their official replies. Pure."""

import re
from collections.abc import Iterable, Sequence

from gongzhi.foundation.search import ranking, synonyms

DEPTHS = (1, 5, 10)
RUN = 8  # characters: an answer that quotes its question at such length would be found by the quotation alone
_QUOTED = re.compile(r"[“\"《「『][^”\"》」』]{2,80}[”\"》」』]")
_CODE = re.compile(r"[A-Za-z]{1,3}[0-9]{4,}")


def _recalls(ranks: Iterable[int | None], count: int) -> dict[str, float]:
    known = list(ranks)
    return {f"recall_{depth}": round(sum(rank is not None and rank < depth for rank in known) / max(1, count), 3) for depth in DEPTHS}


def of_items(texts: Sequence[str], queries: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return in how many of the questions one of the best 1, 5, 10 texts matches the pattern that was expected."""
    index = ranking.Memory(texts)
    ranks: list[int | None] = []
    for asked, expected in queries:
        wanted = re.compile(expected)
        best = index.best(synonyms.question(asked), max(DEPTHS))
        ranks.append(next((rank for rank, place in enumerate(best) if wanted.search(texts[place])), None))
    return _recalls(ranks, len(queries))


def without_copies(answer: str, question: str) -> str:
    """Return an answer without what would give it away: runs of its question of eight characters and more, quoted titles, codes of users."""
    kept = _CODE.sub("", _QUOTED.sub("", answer))
    place = 0
    while place <= len(question) - RUN:
        if question[place : place + RUN] not in kept:
            place += 1
            continue
        end = place + RUN
        while end < len(question) and question[place : end + 1] in kept:
            end += 1
        kept = kept.replace(question[place:end], "")
        place += 1
    return kept


def of_replies(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return for how many of the questions their own answer is among the best 1, 5, 10 of all answers, copied passages removed."""
    index = ranking.Memory([without_copies(answer, question) for question, answer in pairs])
    ranks: list[int | None] = []
    for place, (question, _answer) in enumerate(pairs):
        best = index.best(synonyms.question(question), max(DEPTHS))
        ranks.append(best.index(place) if place in best else None)
    return _recalls(ranks, len(pairs))
