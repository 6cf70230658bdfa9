"""A target for atheris: whatever a message holds, its mapping gives measurable rows or says why not.

python -m tests.fuzz.payloads [libFuzzer options] [corpus folder …]

The first byte of an input chooses a mapping; 255 takes the mapping itself from the input (`definition NUL payload`).
"""

import math
import os
import sys
from datetime import timedelta, timezone

import atheris
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings.test")
with atheris.instrument_imports(include=["gongzhi.management_line.feeds.mapping", "gongzhi.management_line.sensing.bounds"]):
    import django

    django.setup()  # loads some of them, so it belongs in here
    from gongzhi.management_line.feeds.mapping import MOST_ROWS, BadMapping, BadPayload, Compiled

ZONE = timezone(timedelta(hours=8))
DEFINITIONS = (
    {"topic": "t/{station}", "time": "ts", "values": [{"path": "cod", "factor": "w01018", "unit": "ug/L"}, {"path": "$.more.ph", "factor": "w01001"}]},
    {"topic": "n/{station}/{factor}", "format": "number", "unit": "=mg/L", "missing": ["-9999", "na"]},
    {"topic": "c/{station}", "format": "csv", "factor": "f", "value": "v", "time": "t", "flag": "q", "unit": "u"},
    {"topic": "c/{station}", "format": "csv", "columns": ["t", "f", "v"], "delimiter": ";", "factor": "f", "value": "v", "time": "t", "time_form": "local"},
    {"topic": "#", "format": "senml", "name": "urn:dev:{station}:{factor}"},
    {"topic": "a/#", "each": "$.data[*]", "station": "$.site.id", "factor": "name", "value": "reading.value", "time": "at", "time_form": "iso", "flag": "mark"},
    {"topic": "a/+", "each": "[*].rows[*]", "station": "s", "factor": "=a34004", "value": "v", "time": "$[0].t",
     "time_form": "ms", "flags": {"ok": "N", "bad": "D"}},
    {"topic": "x/{station}/{factor}", "time": "t", "time_form": "us",
     "units": {"ppb": "ug/m3"}, "stations": {"1": "east"}, "factors": {"no2": "a21004"}},
)
READY = tuple(Compiled(definition, ZONE) for definition in DEFINITIONS)
NAMES = {"station": "east", "factor": "w01018"}


def read(data: bytes) -> None:
    """Read a message twice: the same rows both times, every one of them measurable; or a clear refusal."""
    if not data:
        return
    payload = data[1:]
    if data[0] == 255:
        definition, _nul, payload = payload.partition(b"\x00")
        try:
            ready = Compiled(orjson.loads(definition), ZONE)
        except (BadMapping, orjson.JSONDecodeError):
            return
    else:
        ready = READY[data[0] % len(READY)]
    try:
        found = ready.read(NAMES, payload)
    except BadPayload:
        return
    assert len(found.rows) <= MOST_ROWS * max(1, len(ready.values))
    for row in found.rows:
        assert row.station
        assert len(row.flag) == 1
        assert math.isfinite(row.value)
        assert row.moment is None or -(2**63) < row.moment < 2**63
    again = ready.read(NAMES, payload)
    assert (again.rows, again.faults) == (found.rows, found.faults)


if __name__ == "__main__":
    atheris.Setup([f"{sys.executable} -m {__spec__.name}", *sys.argv[1:]], read)  # the fuzzer calls itself by the first word when it merges
    atheris.Fuzz()
