"""The check of HJ 212-2017 Annex A, which is neither CRC-16/MODBUS nor CRC-16/ARC.

    reg = 0xFFFF
    for each byte b:
        reg = (reg >> 8) XOR b          # the low byte is thrown away
        8 times: shift right; if a 1 fell out XOR 0xA001

Only the high byte of `reg` goes on to the next byte, so the state has 8 bits and one step is h' = L(h XOR b) with L a
linear map over GF(2). Hence the check of a text is the XOR of L^k(b) over its bytes, k = distance from the end, and a
text can be folded in half: the left half goes through the table of L^m, then the halves are XORed. Both are single
calls over whole byte strings, so a packet of 500 bytes takes nine of each instead of 500 steps of a loop; and many packets
are folded side by side at once, since zeros before a text change nothing.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_FIRST = 0xFF  # the high byte of the initial register


def _one_byte(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


_STEP = tuple(_one_byte(value) for value in range(256))  # reg after one byte, from (reg >> 8) XOR b
_HEX = tuple(b"%04X" % value for value in _STEP)


def _fold_tables(levels: int) -> tuple[bytes, ...]:
    """Return the tables of L^1, L^2, L^4, ... as used for halves of 1, 2, 4, ... bytes."""
    table = bytes(value >> 8 for value in _STEP)
    tables = [table]
    for _ in range(levels - 1):
        table = table.translate(table)
        tables.append(table)
    return tuple(tables)


_FOLDS = _fold_tables(16)


_FEW = 6  # below it, one by one is as fast
_MOST_PADDED = 8  # times the bytes of the texts: where one is very long among many short ones, one by one too
_DIGITS = np.frombuffer(b"".join(_HEX), np.uint32)


def _residues(segments: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the residue of each row; rows are texts with zeros before them, a power of two wide, the initial register in their first byte."""
    width = segments.shape[1]
    while width > 1:
        width >>= 1
        left = np.frombuffer(segments[:, :width].tobytes().translate(_FOLDS[width.bit_length() - 1]), np.uint8)
        segments = left.reshape(len(segments), width) ^ segments[:, width:]
    return segments[:, 0]


def _side_by_side(texts: Sequence[bytes], head: int, tail: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return what lies between `head` and `tail` bytes of each text as _residues wants it, and the tails."""
    width = 1 << (max(map(len, texts)) - tail - 1).bit_length()
    whole = np.frombuffer(bytearray(b"".join([text.rjust(width + tail, b"\0") for text in texts])), np.uint8).reshape(len(texts), width + tail)
    starts = width + tail - np.fromiter(map(len, texts), np.int64, len(texts))
    rows = np.arange(len(texts))
    for place in range(head):
        whole[rows, starts + place] = 0
    whole[rows, starts + head] ^= _FIRST
    return whole[:, :width], whole[:, width:]


def _alike(texts: Sequence[bytes]) -> bool:
    """Return whether texts are many and of much the same length."""
    return len(texts) >= _FEW and max(map(len, texts)) * len(texts) < _MOST_PADDED * sum(map(len, texts))


def are_right(frames: Sequence[bytes]) -> list[bool]:
    """Return for each frame (from ## to the last digit of its CRC) whether its CRC is right."""
    if not _alike(frames) or min(map(len, frames)) < 11:
        return [frame[-4:].upper() == crc_hex(frame[6:-4]) for frame in frames]
    segments, given = _side_by_side(frames, 6, 4)
    given = np.where((given >= 97) & (given <= 122), given - 32, given)
    right: list[bool] = (np.ascontiguousarray(given).view(np.uint32)[:, 0] == _DIGITS[_residues(segments)]).tolist()
    return right


def crcs_hex(segments: Sequence[bytes]) -> list[bytes]:
    """Return the check of each segment as the standard prints it."""
    if not _alike(segments) or not all(segments):
        return [crc_hex(segment) for segment in segments]
    return [_HEX[residue] for residue in _residues(_side_by_side(segments, 0, 0)[0]).tolist()]


def _residue(segment: bytes) -> int:
    size = len(segment)
    if size == 1:
        return segment[0] ^ _FIRST
    level = (size - 1).bit_length()
    # leading zeros change nothing: L(0) = 0; the initial register goes into the first byte
    folded = int.from_bytes(segment, "big") ^ (_FIRST << (8 * size - 8))
    while level:
        level -= 1
        half = 1 << level  # bytes
        bits = half << 3
        left = folded >> bits
        if left:
            shifted = left.to_bytes(half, "big").translate(_FOLDS[level])
            folded = (folded & ((1 << bits) - 1)) ^ int.from_bytes(shifted, "big")
    return folded


def crc(segment: bytes) -> int:
    """Return the 16-bit check of a data segment (any length below 64 KiB)."""
    return _STEP[_residue(segment)] if segment else 0xFFFF


def crc_hex(segment: bytes) -> bytes:
    """Return the check as the standard prints it: four upper-case hex digits, high byte first."""
    return _HEX[_residue(segment)] if segment else b"FFFF"
