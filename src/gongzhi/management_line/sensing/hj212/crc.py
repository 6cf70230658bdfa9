"""The check of HJ 212-2017 Annex A, which is neither CRC-16/MODBUS nor CRC-16/ARC.

    reg = 0xFFFF
    for each byte b:
        reg = (reg >> 8) XOR b          # the low byte is thrown away
        8 times: shift right; if a 1 fell out XOR 0xA001

Only the high byte of `reg` goes on to the next byte, so the state has 8 bits and one step is h' = L(h XOR b) with L a
linear map over GF(2). Hence the check of a text is the XOR of L^k(b) over its bytes, k = distance from the end, and a
text can be folded in half: the left half goes through the table of L^m, then the halves are XORed. Both are single
calls over whole byte strings, so a packet of 500 bytes takes nine of each instead of 500 steps of a loop.
"""

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
