"""Words of Chinese text, for search and likeness. Pure."""

import re
from functools import cache, lru_cache
from typing import Any

_WORD = re.compile(r"[0-9A-Za-z]+|[\u3400-\u9fff]+")
_CLEAN = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")


@cache
def jieba() -> Any:
    """Return the word cutter. Its dictionary takes 33 MB, so only processes that cut texts load it."""
    import rjieba

    return rjieba


def cut(text: str) -> str:
    """Return the text cut into words for a `simple` tsvector, each also by search mode (long words in parts)."""
    return " ".join(word for word in jieba().cut_for_search(text) if _WORD.fullmatch(word))


@lru_cache(maxsize=512)
def grams(text: str) -> frozenset[str]:
    """Return the two-letter shingles of a text, by which likeness is measured."""
    plain = _CLEAN.sub("", text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset({plain})


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the overlap coefficient of two texts' shingles, 0…1: a short text inside a long one counts as alike."""
    if not one or not other:
        return 0.0
    return len(one & other) / min(len(one), len(other))
