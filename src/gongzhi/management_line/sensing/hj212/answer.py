"""Packets written: the platform's answers (HJ 212-2017, 6.5 and Annex C) and any other packet, for simulators and tests."""

from collections.abc import Iterable, Mapping, Sequence

from gongzhi.management_line.sensing.hj212.crc import crc_hex, crcs_hex

DATA_ANSWER = "9014"
NOTICE_ANSWER = "9013"
EXECUTION_RESULT = "9012"
REQUEST_ANSWER = "9011"
HEARTBEAT = "9015"
# QnRtn of a request answer
READY, REFUSED, WRONG_PASSWORD, WRONG_COMMAND = 1, 2, 3, 8


def write(segment: bytes) -> bytes:
    """Return the frame around a data segment, with length, CRC and CR LF."""
    if len(segment) > 9999:
        raise ValueError(f"a data segment has at most 9999 bytes, this one {len(segment)}")
    return b"##%04d%b%b\r\n" % (len(segment), segment, crc_hex(segment))


def write_many(segments: Sequence[bytes]) -> list[bytes]:
    """Return the frames around short data segments, as `write` does one by one."""
    return [b"##%04d%b%b\r\n" % (len(segment), segment, digits) for segment, digits in zip(segments, crcs_hex(segments), strict=True)]


def answer(*, qn: bytes, cn: str, pw: bytes, mn: bytes, flag: int | None, content: str = "") -> bytes:
    """Return an answer to the packet with this QN, to its device, in the edition that its Flag names.

    `cn` 9014 answers data, 9013 a notice, 9011 a request (content `QnRtn=…`), 9012 gives a result (`ExeRtn=…`).
    """
    edition = 4 if flag is None else flag & 0xFC
    named = b"QN=%b;" % qn if qn else b""
    return write(
        b"%bST=91;CN=%b;PW=%b;MN=%b;Flag=%d;CP=&&%b&&" % (named, cn.encode(), pw, mn, edition, content.encode())
    )


def build(
    *,
    mn: str,
    cn: str,
    data_time: str = "",
    st: str = "32",
    pw: str = "123456",
    qn: str = "",
    flag: int | None = 5,
    pnum: int | None = None,
    pno: int | None = None,
    fields: Mapping[str, str] | None = None,
    factors: Iterable[tuple[str, Mapping[str, object]]] = (),
) -> bytes:
    """Return a whole packet. `factors` are (code, {"Rtd": 1.2, "Flag": "N"}); `fields` stand before them in CP."""
    head = [f"QN={qn}"] if qn else []
    head += [f"ST={st}", f"CN={cn}", f"PW={pw}", f"MN={mn}"]
    if flag is not None:
        head.append(f"Flag={flag}")
    if pnum is not None:
        head += [f"PNUM={pnum}", f"PNO={pno or 1}"]
    content = [f"DataTime={data_time}"] if data_time else []
    content += [f"{name}={value}" for name, value in (fields or {}).items()]
    content += [",".join(f"{code}-{sub}={value}" for sub, value in subs.items()) for code, subs in factors]
    return write(f"{';'.join(head)};CP=&&{';'.join(content)}&&".encode())
