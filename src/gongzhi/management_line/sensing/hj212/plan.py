"""A device's packets look alike: what one looks like is worked out once.

A plan is made of a packet that was read the careful way: one pattern whose open places are QN, DataTime, numbers and data
marks, everything else letter by letter as it came. What the pattern matches is read by one match; what it does not match
is read the careful way again. A plan is used only if it reads its own packet as the careful way did.
"""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from gongzhi.management_line.sensing.factors import present
from gongzhi.management_line.sensing.hj212.crc import crc_hex
from gongzhi.management_line.sensing.hj212.packet import FLAGS, PERIODS, STATISTICS, Packet

_NUMBER = rb"([-+]?[0-9]{1,15}(?:\.[0-9]{0,15})?)"
_IS_NUMBER = re.compile(_NUMBER)
_NAMED = re.compile(rb"([^-=]+)-([A-Za-z]+)")
_MARK = b"([" + "".join(sorted(FLAGS)).encode() + b"])"
_SEPARATORS = re.compile(rb"([;,])")
LONGEST = 2000  # bytes of a frame for which a plan is made


def key_of(frame: bytes) -> bytes:
    """Return the part of a frame that says whose it is and what it brings (ST, CN, PW, MN): plans are found by it."""
    return frame[frame.find(b";ST=", 6, 40) + 1 or 6 : frame.find(b"CP=", 6, 400)]


class _Floats(dict[bytes, float]):
    """Numbers by their text. A device sends the same few hundred again and again, and finding one is five times as fast as reading it."""

    MOST = 20_000

    def __missing__(self, text: bytes) -> float:
        if len(self) >= self.MOST:
            self.clear()
        value = self[text] = float(text)
        return value


_floats = _Floats()


class Plan:
    """How the packets of one device and one command are read.

    `names`: (factor, aggregate) of every number, in the order of the text.
    """

    __slots__ = ("_flags", "_match", "_mixed", "_named", "_numbers", "_single", "cn", "names", "wants_answer")

    def __init__(self, pattern: bytes, names: Sequence[tuple[str, str]], numbers: Sequence[int], flags: Sequence[int], packet: Packet, named: bool) -> None:
        self._match: Callable[[bytes], Any] = re.compile(pattern, re.DOTALL).fullmatch
        self.names = tuple(names)
        self._numbers = itemgetter(*numbers)
        self._single = len(numbers) == 1
        self._flags = tuple(flags)  # group of each number's data mark, -1 where none is sent
        self._mixed = itemgetter(*flags) if flags and min(flags) >= 0 else None
        self._named = named
        self.cn = packet.cn
        self.wants_answer = packet.wants_answer

    def read(self, frame: bytes) -> "tuple[bytes, bytes, list[float], bytes] | None":
        """Return (QN, DataTime, numbers, their marks), or None where the frame is not like the plan or its CRC is wrong.

        `frame`: from ## to the last digit of the CRC, its length already found to be what it declares.
        """
        return self.read_right(frame) if frame[-4:].upper() == crc_hex(frame[6:-4]) else None

    def read_right(self, frame: bytes) -> "tuple[bytes, bytes, list[float], bytes] | None":
        """Return what `read` does for a frame whose CRC has been found right."""
        found = self._match(frame)
        if found is None:
            return None
        groups = found.groups()
        numbers = self._numbers(groups)
        if self._single:
            values = [_floats[numbers]]
            mark = self._flags[0]
            return groups[0] if self._named else b"", groups[1 if self._named else 0], values, groups[mark] if mark >= 0 else b"-"
        values = list(map(_floats.__getitem__, numbers))
        if self._mixed is not None:
            marks = b"".join(self._mixed(groups))
        else:
            marks = b"".join([groups[place] if place >= 0 else b"-" for place in self._flags])
        return groups[0] if self._named else b"", groups[1 if self._named else 0], values, marks


def plan_of(frame: bytes, packet: Packet) -> Plan | None:
    """Return the plan of a frame that was read as this packet, None where its like must be read the careful way."""
    if packet.pnum is not None or packet.pno is not None or not packet.period or len(frame) > LONGEST or not packet.fields.get("DataTime"):
        return None
    head, mark, rest = frame[6:-4].partition(b"CP=&&")
    content, closed, after = rest.rpartition(b"&&")
    if not mark or not closed or after:
        return None
    pattern = [rb"##[0-9]{4}"]
    named = bool(packet.qn)
    if named:
        before, found, behind = head.partition(b"QN=" + packet.qn.encode())
        if before or not found or not re.fullmatch(r"[0-9]{17}", packet.qn):
            return None
        pattern += [rb"QN=([0-9]{17})", re.escape(behind)]
    else:
        pattern.append(re.escape(head))
    pattern.append(re.escape(mark))
    groups = 1 if named else 0
    names: list[tuple[str, str]] = []
    numbers: list[int] = []
    factors: list[str] = []
    marks: dict[str, int] = {}
    seen: set[bytes] = set()
    timed = False
    for piece in _SEPARATORS.split(content):
        if piece in (b";", b",", b""):
            pattern.append(piece)
            continue
        name, equal, value = piece.partition(b"=")
        if not equal or name in seen:
            return None
        seen.add(name)
        if name == b"DataTime":
            if timed or numbers or not re.fullmatch(rb"[0-9]{14}(?:[0-9]{3})?", value):
                return None
            timed = True
            pattern += [b"DataTime=([0-9]{14})", b"[0-9]{3}" if len(value) == 17 else b""]
            groups += 1
            continue
        parts = _NAMED.fullmatch(name)
        factor, sub = (present(parts[1].decode("utf-8", "replace")), parts[2].decode()) if parts else ("", "")
        pattern += [re.escape(name), b"="]
        if sub in STATISTICS and _IS_NUMBER.fullmatch(value):
            statistic, period = STATISTICS[sub], PERIODS[packet.cn]
            names.append((factor[:40], "rtd" if period == statistic == "rtd" else f"{period}.{statistic}"))
            numbers.append(groups)
            factors.append(factor)
            pattern.append(_NUMBER)
            groups += 1
        elif sub == "Flag" and value.decode("latin-1") in FLAGS:
            marks[factor] = groups
            pattern.append(_MARK)
            groups += 1
        elif sub == "Flag" or sub in STATISTICS:
            return None  # a mark or number that is not usual: each must be looked at
        else:
            pattern.append(re.escape(value))
    if not timed or not numbers or len(set(names)) != len(names):
        return None
    pattern += [re.escape(closed), rb"[0-9A-Fa-f]{4}"]
    return Plan(b"".join(pattern), names, numbers, [marks.get(factor, -1) for factor in factors], packet, named)
