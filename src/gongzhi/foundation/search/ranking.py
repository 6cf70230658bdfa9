"""BM25: how well a text answers a question. The figures of the formula, and the same sum in memory as the database does. Pure.

S. Robertson, H. Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond (2009), with the inverse document frequency that
is never negative: ln(1 + (N - n + 0.5) / (n + 0.5)), raised to the power RARE.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gongzhi.foundation.search import words

K1 = 1.5  # how soon a word that comes again counts no more
B = 0.8  # how much a long text is held against its words
RARE = 1.3  # power of rarity: measured on 1,408 questions and replies, rare words tell more than the plain logarithm says


class Memory:
    """An index of texts in memory, for measurements and as the check of the one in the database."""

    def __init__(self, texts: Iterable[str], *, k1: float = K1, b: float = B) -> None:
        counted = [words.words(text) for text in texts]
        lengths = np.array([found.total() for found in counted] or [0], dtype=float)
        mean = max(1.0, float(lengths.mean()))
        held: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, found in enumerate(counted):
            for word, count in found.items():
                held[word].append((place, count))
        self.count = len(counted)
        self.parts: dict[str, tuple[Any, Any]] = {}  # word → which texts hold it, and what it adds to the score of each
        for word, postings in held.items():
            places, counts = np.array(postings).T
            share = counts * (k1 + 1) / (counts + k1 * (1 - b + b * lengths[places] / mean))
            self.parts[word] = places, rarity(self.count, len(places)) * share

    def best(self, wanted: Mapping[str, float], most: int = 10) -> list[int]:
        """Return the places of the texts that answer a weighted question best, the best first; of two alike the earlier."""
        scores = np.zeros(self.count)
        for word, weight in wanted.items():
            if word in self.parts:
                places, parts = self.parts[word]
                scores[places] += weight * parts
        order = np.argsort(-scores, kind="stable")[:most]
        return [int(place) for place in order if scores[place] > 0]


def rarity(texts: int, holding: int) -> float:
    """Return how much a word tells that so many of the texts hold."""
    return math.log(1 + (texts - holding + 0.5) / (holding + 0.5)) ** RARE
