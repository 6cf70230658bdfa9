"""A proof that somebody brings to have it checked. Pure.

It has the form in which proofs are given away: one entry (`leaf`, `index`, `hashes`, `checkpoint`) or several (`proofs`, a
list of such, under one `checkpoint`). Of the checkpoint only its signed note counts.
"""

import json
from dataclasses import dataclass
from typing import Any

from gongzhi.ledger import note, tree

MOST_ENTRIES = 1000
MOST_STEPS = 64


class BadProof(ValueError):
    """A text that is no proof; says which part of it cannot be read."""

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__(part)


@dataclass(frozen=True, slots=True)
class GivenEntry:
    """An entry's text, its place and the hashes that lead from it to the root."""

    leaf: str
    index: int
    hashes: tuple[bytes, ...]

    def leads_to(self, head: note.Checkpoint) -> bool:
        """Return whether the entry stands in the tree under the head."""
        try:
            return tree.root_of_inclusion(tree.leaf_hash(self.leaf.encode()), self.index, head.size, self.hashes) == head.root
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Given:
    """The entries and the signed note over them."""

    entries: tuple[GivenEntry, ...]
    signed_note: str
    head: note.Checkpoint  # what the note states; its signature is still to be verified


def read(text: str) -> Given:
    """Return the proof that a JSON text holds; raise BadProof naming the part that cannot be read."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadProof("JSON") from error
    if not isinstance(told, dict):
        raise BadProof("JSON")
    checkpoint = told.get("checkpoint")
    signed = checkpoint.get("note") if isinstance(checkpoint, dict) else None
    if not isinstance(signed, str) or "\n\n" not in signed:
        raise BadProof("checkpoint.note")
    try:
        head = note.read(signed.rpartition("\n\n")[0] + "\n")
    except note.BadNote as error:
        raise BadProof("checkpoint.note") from error
    several = told.get("proofs")
    if several is not None and (not isinstance(several, list) or not 0 < len(several) <= MOST_ENTRIES):
        raise BadProof("proofs")
    entries = [_entry(each, f"proofs.{place}.") for place, each in enumerate(several)] if several else [_entry(told, "")]
    return Given(tuple(entries), signed, head)


def _entry(told: Any, where: str) -> GivenEntry:
    if not isinstance(told, dict):
        raise BadProof(where.rstrip("."))
    leaf, index, hashes = told.get("leaf"), told.get("index"), told.get("hashes")
    if not isinstance(leaf, str) or any(0xD800 <= ord(letter) < 0xE000 for letter in leaf):
        raise BadProof(f"{where}leaf")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < 2**62:
        raise BadProof(f"{where}index")
    if not isinstance(hashes, list) or len(hashes) > MOST_STEPS or not all(isinstance(step, str) and len(step) == 64 for step in hashes):
        raise BadProof(f"{where}hashes")
    try:
        steps = tuple(bytes.fromhex(step) for step in hashes)
    except ValueError as error:
        raise BadProof(f"{where}hashes") from error
    if any(len(step) != len(tree.EMPTY) for step in steps):
        raise BadProof(f"{where}hashes")
    return GivenEntry(leaf, index, steps)
