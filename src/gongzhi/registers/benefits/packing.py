"""Reasons of one firm or person for all benefits, as they are kept: one record a benefit in a few bytes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gongzhi.registers.benefits.matching import BESIDE, ENTITLED, NEARLY, Matched

RECORD = np.dtype([("version", "<u4"), ("state", "u1"), ("yes", "<u8"), ("no", "<u8"), ("cents", "<i8")])


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one benefit: the version it was judged by, the state, bits of conditions, cents."""

    version: int
    state: int
    yes: int
    no: int
    cents: int

    @property
    def is_entitled(self) -> bool:
        return self.state == ENTITLED

    @property
    def is_nearly(self) -> bool:
        return self.state == NEARLY

    @property
    def is_beside(self) -> bool:
        return self.state == BESIDE


def packed(matched: Matched) -> list[bytes]:
    """Return the records of each row, in the order of the benefits."""
    many, n = matched.states.shape
    records = np.zeros((n, many), RECORD)
    records["version"] = np.array([one.key for one in matched.benefits], np.uint32)
    records["state"], records["yes"], records["no"], records["cents"] = matched.states.T, matched.yes.T, matched.no.T, matched.cents.T
    return [row.tobytes() for row in records]


def unpacked(raw: Any) -> list[Kept]:
    """Return the records again."""
    return [Kept(*(int(part) for part in record)) for record in np.frombuffer(bytes(raw), RECORD).tolist()]


def bits(number: int, count: int) -> list[bool]:
    """Return the bits of a number, the lowest first."""
    return [bool(number >> place & 1) for place in range(count)]


def listed(matched: Matched, keys: Sequence[int], state: int) -> list[list[int]]:
    """Return for each row the keys of the benefits that stand in a state with it."""
    found: list[list[int]] = [[] for _row in range(matched.states.shape[1])]
    for place, row in zip(*(matched.states == state).nonzero(), strict=True):
        found[row].append(keys[place])
    return found
