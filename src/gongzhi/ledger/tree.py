"""Merkle trees after RFC 9162 §2.1. Pure: bytes in, bytes out.

A tree is read through `node(height, index)`, the hash of the complete subtree over leaves
[index·2^height, (index+1)·2^height); whoever keeps tiles answers it without reading all leaves.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

Node = Callable[[int, int], bytes]
EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 ‖ data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (which is at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def range_hash(node: Node, begin: int, end: int) -> bytes:
    """Return MTH(D[begin:end]); `begin` must be a multiple of the largest power of two not above the length."""
    size = end - begin
    if size == 0:
        return EMPTY
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return node(height, begin >> height)
    middle = begin + _split(size)
    return node_hash(range_hash(node, begin, middle), range_hash(node, middle, end))


def root(node: Node, size: int) -> bytes:
    """Return the root hash of the first `size` leaves."""
    return range_hash(node, 0, size)


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """Return PATH(index, D[size]), lowest sibling first; raise ValueError when the leaf is not in the tree."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")

    def path(at: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        middle = begin + _split(end - begin)
        if at < middle:
            return [*path(at, begin, middle), range_hash(node, middle, end)]
        return [*path(at, middle, end), range_hash(node, begin, middle)]

    return path(index, 0, size)


def consistency_proof(node: Node, old: int, size: int) -> list[bytes]:
    """Return PROOF(old, D[size]) that the first `old` leaves were not changed; raise ValueError for impossible sizes.

    RFC 9162 §2.1.4.1 defines it for 0 < old < size; for the same size it is empty, for an empty tree there is none.
    """
    if not 0 < old <= size:
        raise ValueError(f"a tree of {size} has no proof from size {old}")
    if old == size:
        return []

    def walk(count: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
        if count == end - begin:
            return [] if whole else [range_hash(node, begin, end)]
        middle = begin + _split(end - begin)
        if count <= middle - begin:
            return [*walk(count, begin, middle, whole=whole), range_hash(node, middle, end)]
        return [*walk(count - (middle - begin), middle, end, whole=False), range_hash(node, begin, middle)]

    return walk(old, 0, size, whole=True)


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root to which an inclusion proof leads (RFC 9162 §2.1.3.2); raise ValueError when it cannot be one."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    if any(len(hashed) != len(EMPTY) for hashed in (leaf, *proof)):
        raise ValueError("a hash has the wrong length")
    number, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if number & 1 or number == last:
            found = node_hash(sibling, found)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        number >>= 1
        last >>= 1
    if last:
        raise ValueError("the proof is too short")
    return found


def is_consistent(old: int, size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that the tree of `size` begins with that of `old` (RFC 9162 §2.1.4.2).

    The standard defines a proof only for 0 < old < size: from an empty tree to a grown one there is nothing that could
    be shown, so no proof shows it. Two heads of one size are consistent when they are the same head.
    """
    if any(len(hashed) != len(EMPTY) for hashed in (old_root, new_root, *proof)):
        return False
    if old == size:
        return not proof and old_root == new_root and old >= 0 and (old > 0 or old_root == EMPTY)
    if not 0 < old < size or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    number, last = old - 1, size - 1
    while number & 1:
        number >>= 1
        last >>= 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            second = node_hash(second, sibling)
        number >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


def fold(hashes: Iterable[bytes]) -> bytes:
    """Return the root of a complete subtree from its lowest hashes, whose number is a power of two."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


class Frontier:
    """The right edge of a growing tree: leaves are appended one by one, the root is asked at any size."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []  # roots of complete subtrees, largest first

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        self._edge.append(leaf)
        number = self.size
        while number & 1:
            right = self._edge.pop()
            self._edge[-1] = node_hash(self._edge[-1], right)
            number >>= 1
        self.size += 1

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
        if not self._edge:
            return EMPTY
        found = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found
