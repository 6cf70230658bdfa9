"""What people say and what offices call it: reviewed data, applied to the question and never to the texts. Pure.

`synonyms.yaml` is what every town begins with; a town adds its own (`operations.set_synonyms`). An entry says which everyday
phrases mean which official ones; `*` in a phrase stands for up to four characters (开*饭店: 开一家饭店).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from gongzhi.foundation.search import words

WEIGHT = 1.6  # of an official word that a phrase stands for, beside 1 of a word that was typed
OWN = 0.5  # of a typed word within a phrase that is known to mean something else
MOST = 2_000
MOST_PHRASE = 40


class BadSynonyms(ValueError):
    """An entry has not the form {say: [...], means: [...]}; names the first that is wrong."""


@dataclass(frozen=True, slots=True)
class Synonym:
    """Phrases that people say, and what they mean."""

    say: tuple[str, ...]
    means: tuple[str, ...]


def _phrases(value: Any, place: int) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise BadSynonyms(place)
    for one in value:
        if not isinstance(one, str) or not 0 < len(one.replace("*", "").strip()) <= MOST_PHRASE:
            raise BadSynonyms(place)
    return tuple(words.folded(one.strip()) for one in value)


def read(entries: Any) -> list[Synonym]:
    """Return the synonyms of a list of entries; raise BadSynonyms with the number of the first bad one (from 1)."""
    if not isinstance(entries, list) or len(entries) > MOST:
        raise BadSynonyms(0)
    found = []
    for place, entry in enumerate(entries, 1):
        if not isinstance(entry, Mapping) or set(entry) != {"say", "means"}:
            raise BadSynonyms(place)
        found.append(Synonym(_phrases(entry["say"], place), _phrases(entry["means"], place)))
    return found


@lru_cache(maxsize=1)
def shipped() -> tuple[Synonym, ...]:
    """Return the synonyms that every town begins with."""
    return tuple(read(yaml.safe_load((Path(__file__).parent / "synonyms.yaml").read_text(encoding="utf-8"))))


@lru_cache(maxsize=8192)
def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(".{0,4}?".join(re.escape(part) for part in phrase.split("*")))


def question(text: str, known: Iterable[Synonym] = ()) -> dict[str, float]:
    """Return the weighted words of a question: those that were typed, and the official ones that its phrases stand for.

    A phrase that is the whole question is taken at its word; within a long sentence it is one word among many.
    """
    told = words.folded(text)
    matter = max(1, words.matter(text))
    meant: dict[str, float] = {}
    covered: dict[str, float] = {}
    for synonym in (*shipped(), *known):
        hits = [found.group() for phrase in synonym.say if (found := _pattern(phrase).search(told))]
        if not hits:
            continue
        share = min(1.0, max(len(said) for said in hits) / matter)
        for said in hits:
            for word in words.words(said):
                covered[word] = max(covered.get(word, 0.0), share)
        for phrase in synonym.means:
            for word in words.words(phrase):
                if len(word) > 1:
                    meant[word] = max(meant.get(word, 0.0), WEIGHT * share)
    typed = {word: weight * (1 - (1 - OWN) * covered.get(word, 0.0)) for word, weight in words.asked(text).items()}
    return {word: max(typed.get(word, 0.0), meant.get(word, 0.0)) for word in typed.keys() | meant.keys()}
