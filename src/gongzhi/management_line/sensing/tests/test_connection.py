"""However many packets come in one piece, a connection reads them as it reads them one by one."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gongzhi.management_line.sensing.columns import micros
from gongzhi.management_line.sensing.gateway.connection import Times
from gongzhi.management_line.sensing.hj212 import build
from gongzhi.management_line.sensing.hj212.answer import write, write_many
from gongzhi.management_line.sensing.hj212.crc import are_right, crc_hex, crcs_hex
from gongzhi.management_line.sensing.tests import alone
from gongzhi.management_line.sensing.tests.alone import NOW, SENDERS, SHANGHAI


def read(pieces):
    return asyncio.run(alone.read(pieces))


def packet(number, value, mn="A1", **more):
    stamp = f"{NOW - timedelta(hours=1) + timedelta(seconds=number):%Y%m%d%H%M%S}"
    factors = [("w01018", {"Rtd": value, "Flag": "N"}), ("w01001", {"Rtd": 7.4})]
    return build(**({"mn": mn, "cn": "2011", "qn": f"{stamp}000", "data_time": stamp, "factors": factors} | more))


def _spoilt(good):
    return good[:-6] + b"0000\r\n"


LINES = st.one_of(
    st.builds(packet, st.integers(0, 3000), st.sampled_from([1, 50.25, "-3", "0.000", 1e5]), st.sampled_from(list(SENDERS))),
    st.builds(packet, st.integers(0, 3000), st.sampled_from(["abc", ".5", "1e9"]), st.just("A1")),
    st.builds(packet, st.integers(0, 99), st.just(5), st.sampled_from(["A1", "NOBODY"]), pw=st.just("guess!")),
    st.builds(packet, st.integers(0, 99), st.just(5), flag=st.sampled_from([4, 8, None])),
    st.builds(packet, st.integers(0, 99), st.just(5), data_time=st.sampled_from(["20261399999999", "19990101000000", "20261126126060"])),
    st.builds(packet, st.integers(0, 99), st.just(5)).map(_spoilt),
    st.builds(packet, st.integers(0, 99), st.just(5)).map(lambda good: good[:-6] + good[-6:-2].lower() + b"\r\n"),
    st.builds(packet, st.integers(0, 99), st.just(5)).map(lambda good: good[:-2]),
    st.sampled_from([b"\r\n", b"junk\r\n", b"##00", b"##0012QN=1\r\n", b"##0000FFFF\r\n", build(mn="A1", cn="9015", qn="20261126120000000")]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=30), st.lists(st.integers(0, 8000), max_size=6))
@example([packet(number, 5) for number in range(12)] + [_spoilt(packet(13, 5))] + [packet(number, 6) for number in range(14, 30)], [])
@example([packet(1, 5), b"\r\n", packet(2, 5), b"\r\n\r\n", *[packet(1, 5)] * 9], [])
def test_reads_a_stream_the_same_in_one_piece_and_in_many(lines, cuts):
    stream = b"".join(lines)
    places = [0, *sorted({min(cut, len(stream)) for cut in cuts}), len(stream)]
    one_by_one = read(lines)
    assert read([stream]) == one_by_one
    assert read([stream[begin:end] for begin, end in pairwise(places)]) == one_by_one


def test_takes_everything_that_is_right_and_answers_it():
    lines = [packet(number, number % 7 + 0.5, mn) for number in range(40) for mn in SENDERS]
    taken, refused, _written, _reach = read([b"".join(lines)])
    assert refused == []
    assert [each[1] + b"\r\n" for each in taken] == lines
    assert Counter(each[0] for each in taken) == {1: 80, 2: 40}
    assert all(b"CN=9014" in each[-1] and each[-1][-6:-2] == crc_hex(each[-1][6:-6]) for each in taken)


@given(st.lists(st.binary(max_size=700).filter(lambda text: b"\r\n" not in text), max_size=40), st.lists(st.booleans(), max_size=40))
def test_many_checks_at_once_are_the_checks_one_by_one(segments, spoilt):
    assert crcs_hex(segments) == [crc_hex(segment) for segment in segments]
    assert write_many(segments) == [write(segment) for segment in segments]
    frames = [write(segment)[:-2] for segment in segments]
    for place, is_spoilt in enumerate(spoilt[: len(frames)]):
        frames[place] = frames[place][:-4] + (b"0000" if is_spoilt else frames[place][-4:].lower())
    assert are_right(frames) == [frame[-4:].upper() == crc_hex(frame[6:-4]) for frame in frames]


@given(st.datetimes(datetime(2016, 1, 1), datetime(2036, 1, 1)), st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu"), UTC]))
def test_a_moment_is_what_its_text_says(moment, zone):
    assert Times().of(f"{moment:%Y%m%d%H%M%S}".encode(), zone) == micros(moment.replace(microsecond=0, tzinfo=zone))


@pytest.mark.parametrize("text", [b"20261301000000", b"20260230000000", b"20260101240000", b"20260101006000", b"20260101000060", b"00000000000000"])
def test_refuses_a_moment_that_is_none(text):
    with pytest.raises(ValueError, match=""):
        Times().of(text, SHANGHAI)


def test_counts_refusals_by_device_and_junk_by_itself(monkeypatch):
    monkeypatch.setattr(alone, "UNBOUNDED", False)
    monkeypatch.setattr("gongzhi.management_line.sensing.gateway.connection.asyncio.sleep", _at_once)
    junk = [b"no packet at all\r\n"] * 60
    spoilt = [_spoilt(packet(number, 5, mn)) for mn in ("A1", "A2") for number in range(35)]
    _taken, asked, _written, _reach = read([*junk, *spoilt])
    told = Counter(given[3] for given in asked if given[0] == "refuse")
    assert told == {"A1": 30, "A2": 30}


async def _at_once(_seconds):
    pass


def test_keeps_that_a_logger_logged_on():
    said = [build(mn="A1", cn="9021", qn="20261126120000000", flag=4), build(mn="A1", cn="9015", qn="20261126120000000", flag=5)]
    _taken, asked, written, _reach = read(said)
    assert [(given[0], given[3]) for given in asked] == [("notice", "9021")]
    assert written.count(b"CN=9013") == 1
