"""A target for atheris: whatever bytes come, the reader of HJ 212 neither fails nor hangs nor hoards.

python -m tests.fuzz.hj212 [libFuzzer options] [corpus folder …]
"""

import sys

import atheris

with atheris.instrument_imports(include=["gongzhi.management_line.sensing.hj212"]):
    from gongzhi.management_line.sensing.hj212 import Framer, Verdict, judge
    from gongzhi.management_line.sensing.hj212.plan import key_of, plan_of

MOST = 12_100  # bytes that may be held back


def _cut(content: bytes, width: int) -> list[object]:
    framer, found = Framer(), []
    for begin in range(0, len(content), width):
        found += framer.feed(content[begin : begin + width])
        assert framer.waiting <= MOST
    return [*found, *framer.finish()]


def read(data: bytes) -> None:
    """Read bytes whole and in pieces: the same frames; judge each; a plan must read its own packet as the careful way did."""
    width, content = (data[0] % 61 + 1, data[1:]) if data else (1, b"")
    frames = _cut(content, max(1, len(content)))
    assert frames == _cut(content, width)
    for frame in frames:
        judged = judge(frame)
        if judged.verdict is not Verdict.ACCEPT:
            continue
        assert judged.packet is not None
        key_of(frame.raw)
        plan = plan_of(frame.raw, judged.packet)
        found = plan.read(frame.raw) if plan else None
        if plan and found:
            careful = {
                (item.factor[:40], statistic): float(number) for item in judged.packet.items for statistic, number in item.values.items()
            }
            assert sorted(careful.values()) == sorted(found[2])


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
