"""A target for atheris: whatever bytes come, the reader of HJ 212 neither fails nor hangs nor hoards.

python -m tests.fuzz.hj212 [libFuzzer options] [corpus folder …]
"""

import sys
from collections.abc import Iterable

import atheris

with atheris.instrument_imports(include=["gongzhi.management_line.sensing.hj212"]):
    from gongzhi.management_line.sensing.hj212 import Framer, Verdict, judge
    from gongzhi.management_line.sensing.hj212.plan import key_of, plan_of

MOST = 12_100  # bytes that may be held back


def _cut(content: bytes, cuts: Iterable[int]) -> list[object]:
    """Return the frames of the bytes when they come in pieces, cut at these places."""
    framer, found, begin = Framer(), [], 0
    for end in (*cuts, len(content)):
        found += framer.feed(content[begin:end])
        assert framer.waiting <= MOST
        begin = end
    return [*found, *framer.finish()]


def read(data: bytes) -> None:
    """Read bytes whole and in pieces: the same frames; judge each; a plan must read its own packet as the careful way did."""
    how, content = (int.from_bytes(data[:2], "big"), data[2:]) if len(data) > 2 else (0, data)
    frames = _cut(content, ())
    if how % 16:  # two pieces, as a network cuts; one in sixteen in many small ones
        assert frames == _cut(content, (how // 16 % (len(content) + 1),))
    else:
        assert frames == _cut(content, range(how // 16 % 61 + 1, len(content), how // 16 % 61 + 1))
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
    atheris.Setup([f"{sys.executable} -m {__spec__.name}", *sys.argv[1:]], read)  # the fuzzer calls itself by the first word when it merges
    atheris.Fuzz()
