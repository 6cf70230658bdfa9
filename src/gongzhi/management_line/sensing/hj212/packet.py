"""A frame read leniently and judged strictly: the verdict is first on length, then on CRC, then on fields.

Fields of the data segment (HJ 212-2017, 6.3.2): QN ST CN PW MN Flag PNUM PNO CP. Real packets leave out QN or Flag, turn
PNO and PNUM round, write FLAG, leave MN or PW empty, give DataTime with milliseconds. All of that is read; only what
cannot be used is refused, and says why.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from gongzhi.management_line.sensing.bounds import is_measurable
from gongzhi.management_line.sensing.factors import present
from gongzhi.management_line.sensing.hj212.crc import crc_hex
from gongzhi.management_line.sensing.hj212.frame import Frame

_HEADER = re.compile(
    rb"(?:QN=(\d{17});)?ST=(\w{1,4});CN=(\d{4});PW=([^;&]*);MN=([^;&]*);(?:Flag=(\d{1,3});)?CP=&&(.*)&&", re.DOTALL
)
_KNOWN = {"QN", "ST", "CN", "PW", "MN", "FLAG", "PNUM", "PNO"}
MN = re.compile(r"[0-9A-Za-z]{4,40}", re.ASCII)  # what a device can be registered as
_NAME = re.compile(r"([^-]+)-([A-Za-z]+)$")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?$", re.ASCII)
_TIME = re.compile(r"\d{14}(?:\d{3})?$", re.ASCII)

# sub-field of CP → statistic of a reading; what else stands there (Flag, SampleTime, Info, SN) describes the reading
STATISTICS = {
    "Rtd": "rtd", "Min": "min", "Avg": "avg", "Max": "max", "Cou": "cou",
    "ZsRtd": "zsrtd", "ZsMin": "zsmin", "ZsAvg": "zsavg", "ZsMax": "zsmax",
    "Data": "data", "DayData": "daydata", "NightData": "nightdata", "RS": "rs", "RT": "rt",
}  # fmt: skip
# commands that bring readings → the period that a reading stands for
PERIODS = {"2011": "rtd", "2051": "minute", "2061": "hour", "2031": "day", "2021": "state", "2041": "day"}
FLAGS = {"N", "F", "M", "S", "D", "C", "T", "B"}


class Verdict(StrEnum):
    """What becomes of a frame."""

    ACCEPT = "accept"
    LENGTH = "length_mismatch"
    CRC = "crc_mismatch"
    MALFORMED = "malformed"


class Version(StrEnum):
    """Which edition of the standard a packet follows, by its Flag bits V5..V0; unknown ones are read as 2017."""

    V2005 = "2005"
    V2017 = "2017"
    V2025 = "2025"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Item:
    """One item of CP: a factor, by its code of 2017, with its sub-fields as sent. `values` maps a statistic to its number as text."""

    factor: str
    values: dict[str, str] = field(default_factory=dict)
    flag: str = ""
    device_flag: str = ""
    others: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Packet:
    """The fields of one packet. Absent ones are empty or None."""

    qn: str = ""
    st: str = ""
    cn: str = ""
    pw: str = ""
    mn: str = ""
    has_mn: bool = False  # it may be there and empty
    flag: int | None = None
    pnum: int | None = None
    pno: int | None = None
    fields: dict[str, str] = field(default_factory=dict)  # of CP, without a factor: DataTime, RtdInterval, QnRtn, ...
    items: list[Item] = field(default_factory=list)
    content: str = ""  # CP as it came
    oddities: list[str] = field(default_factory=list)  # what was read although the standard has it otherwise

    @property
    def wants_answer(self) -> bool:
        return self.flag is not None and bool(self.flag & 1)

    @property
    def version(self) -> Version:
        if self.flag is None:
            return Version.UNKNOWN
        return {0: Version.V2005, 1: Version.V2017, 2: Version.V2025}.get(self.flag >> 2, Version.UNKNOWN)

    @property
    def data_time(self) -> str:
        """Return DataTime as `YYYYMMDDhhmmss`, "" if there is none."""
        return self.fields.get("DataTime", "")[:14]

    @property
    def period(self) -> str:
        """Return what its readings stand for, "" when the command brings none."""
        return PERIODS.get(self.cn, "")


@dataclass(slots=True)
class Judged:
    """A frame with its verdict. `packet` is there whenever its fields could be read, whatever the verdict."""

    frame: Frame
    verdict: Verdict
    reason: str
    computed: str  # CRC, upper-case hex
    packet: Packet | None


def verdict_of(frame: Frame) -> tuple[Verdict, str, bytes]:
    """Return (verdict, reason, computed CRC) on length and CRC alone."""
    computed = crc_hex(frame.segment)
    if not frame.whole:
        if frame.given:
            return Verdict.LENGTH, f"declares {frame.declared} bytes of data, has {len(frame.segment)}", computed
        return Verdict.LENGTH, f"declares {frame.declared} bytes of data and ends after {len(frame.segment)} without a CRC", computed
    if frame.given.upper() != computed:
        return Verdict.CRC, f"gives CRC {frame.given.decode()}, computed {computed.decode()}", computed
    return Verdict.ACCEPT, "", computed


def judge(frame: Frame) -> Judged:
    """Read a frame and give its verdict: length, then CRC, then fields."""
    verdict, reason, computed = verdict_of(frame)
    packet, fault = read(frame.segment)
    if verdict is Verdict.ACCEPT and fault:
        verdict, reason = Verdict.MALFORMED, fault
    return Judged(frame, verdict, reason, computed.decode(), packet)


def unusable(packet: Packet) -> str:
    """Return why a packet whose fields could be read is still nobody's: it bears no name that a device can be registered under; "" where it does."""
    if not packet.mn:  # loggers that have not been told their name leave it empty; that can be read, and the gateway refuses it
        return "" if packet.has_mn else "MN: missing"
    return "" if MN.fullmatch(packet.mn) else f"MN: {packet.mn[:40]} is no name of 4 to 40 letters and digits"


def read(segment: bytes) -> tuple[Packet | None, str]:
    """Return the packet of a data segment and what is wrong with it ("" if nothing that matters)."""
    try:
        text = segment.decode("utf-8")
    except UnicodeDecodeError:
        text = segment.decode("gb18030", "replace")  # older devices write Chinese names in GBK
    if "\0" in text:
        return None, "a NUL byte stands in the text"
    head, mark, rest = text.partition("CP=&&")
    packet = Packet()
    if not mark:
        if "=" not in head:
            return None, "no fields: expected name=value;..."
        _read_head(packet, head)
        return packet, "CP: missing"
    _read_head(packet, head)
    content, closed, after = rest.rpartition("&&")
    if not closed:
        return packet, "CP: not closed by &&"
    if after.strip():
        packet.oddities.append(f"text after CP: {after[:20]}")
    packet.content = content
    fault = _read_content(packet, content)
    if not re.fullmatch(r"\d{4}", packet.cn, re.ASCII):
        return packet, f"CN: {packet.cn[:20] or 'missing'} is not a command of four digits"
    if packet.pnum is not None and packet.pno is not None and not 1 <= packet.pno <= packet.pnum:
        return packet, f"PNO: {packet.pno} of {packet.pnum} packets"
    return packet, fault


def _read_head(packet: Packet, head: str) -> None:
    for part in head.split(";"):
        if not part.strip():
            continue
        name, mark, value = part.partition("=")
        plain, value = name.strip().upper(), value.strip()
        if not mark:
            number = name.strip()
            if packet.flag is None and number.isascii() and number.isdecimal() and len(number) <= 3 and int(number) < 256:
                packet.flag = int(number)
                packet.oddities.append("Flag without its name")
            else:
                packet.oddities.append(f"not name=value: {part[:20]}")
            continue
        if plain not in _KNOWN:
            packet.oddities.append(f"unknown field {name[:20]}")
        elif plain in ("FLAG", "PNUM", "PNO"):
            if value.isascii() and value.isdecimal() and len(value) <= 6:
                setattr(packet, plain.lower(), int(value))
            else:
                packet.oddities.append(f"{name}: {value[:20] or 'empty'} is not a number")
        else:
            setattr(packet, plain.lower(), value)
            packet.has_mn |= plain == "MN"
    if packet.flag is not None and packet.flag > 255:
        packet.oddities.append(f"Flag: {packet.flag} is above 255")
        packet.flag = None
    for name, value, wanted in (("QN", packet.qn, 17), ("ST", packet.st, 2)):
        if len(value) != wanted:
            packet.oddities.append(f"{name}: {value or 'missing'}")
    for name, value in (("MN", packet.mn), ("PW", packet.pw)):
        if not value:
            packet.oddities.append(f"{name}: empty")


def _read_content(packet: Packet, content: str) -> str:
    """Fill fields and items; return the first fault that makes the packet unusable."""
    items: dict[str, Item] = {}
    fault = ""
    for part in re.split(r"[;,]", content):
        if not part.strip():
            continue
        name, mark, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if not mark:
            packet.oddities.append(f"CP: not name=value: {part[:20]}")
            continue
        named = _NAME.match(name)
        if named is None:
            packet.fields.setdefault(name, value)
            if name == "DataTime" and not _TIME.match(value):
                fault = fault or f"DataTime: {value[:20] or 'empty'} is not YYYYMMDDhhmmss"
            continue
        factor, sub = present(named[1]), named[2]
        item = items.get(factor)
        if item is None:
            item = items[factor] = Item(factor)
        if sub in STATISTICS:
            if not _NUMBER.match(value) or not is_measurable(float(value)):
                packet.oddities.append(f"{name}: {value[:20] or 'empty'} is not a number")
            else:
                item.values.setdefault(STATISTICS[sub], value)
        elif sub == "Flag":
            item.flag = value
        elif sub == "EFlag":
            item.device_flag = value
        else:
            item.others[sub] = value
    packet.items = list(items.values())
    brings_readings = packet.period in ("rtd", "minute", "hour") and any(item.values for item in packet.items)
    if brings_readings and "DataTime" not in packet.fields and packet.pno in (None, 1):
        fault = fault or "DataTime: missing"
    return fault


_PASSWORD = re.compile(rb"PW=[^;&]*", re.IGNORECASE)


def blot(raw: bytes) -> bytes:
    """Return the bytes with the password blotted out, for pages and logs."""
    return _PASSWORD.sub(b"PW=******", raw)
