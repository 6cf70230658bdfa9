"""A target for atheris: whatever a device sends, its connection lives, and reads packets side by side as it reads them one by one.

python -m tests.fuzz.streams [libFuzzer options] [corpus folder …]

An input is lines; its first byte says how they are sent: bit 0 with length and CRC put right, so that what lies in them is looked at;
bits 1 to 3 each line so many times and once more, for it takes several alike before they are read side by side.
"""

import asyncio
import os
import sys

import atheris

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings.test")
with atheris.instrument_imports(include=["gongzhi.management_line.sensing.hj212", "gongzhi.management_line.sensing.gateway.connection"]):
    import django

    django.setup()  # loads some of them, so it belongs in here
    from gongzhi.management_line.sensing.hj212.answer import write
    from gongzhi.management_line.sensing.tests import alone

LOOP = asyncio.new_event_loop()
asyncio.set_event_loop(LOOP)


def read(data: bytes) -> None:
    """Send lines one by one and in one piece: the same packets taken and refused, the same answers."""
    if not data:
        return
    lines = data[1:].split(b"\r\n")
    if data[0] & 1:
        lines = [write(line[6:-4] if line[:2] == b"##" else line)[:-2] for line in lines if len(line) < 9_000]
    lines = [line + b"\r\n" for line in lines for _time in range((data[0] >> 1 & 7) + 1)]
    assert LOOP.run_until_complete(alone.read([b"".join(lines)])) == LOOP.run_until_complete(alone.read(lines))


if __name__ == "__main__":
    atheris.Setup([f"{sys.executable} -m {__spec__.name}", *sys.argv[1:]], read)  # the fuzzer calls itself by the first word when it merges
    atheris.Fuzz()
