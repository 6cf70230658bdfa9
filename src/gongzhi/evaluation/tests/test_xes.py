"""Logs as files: what is read, what is refused and where, and one real log against an independent slow reading."""

import gzip
import importlib.util
import io
import itertools
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, median
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from gongzhi.evaluation import mining, xes

LOGS = sorted(Path("/work/shared/data/permits").glob("*.xes*"))
RECEIPT = Path("/work/shared/data/permits/receipt_wabo.xes.gz")


def event(name: str = "a", at: str = "2026-01-01T00:00:00+08:00", more: str = "") -> str:
    named = f'<string key="concept:name" value="{name}"/>' if name else ""
    moment = f'<date key="time:timestamp" value="{at}"/>' if at else ""
    return f"<event>{named}{moment}{more}</event>"


def document(*traces: str, head: str = "", log: str = "<log>") -> bytes:
    return f"<?xml version='1.0'?>\n{head}{log}\n{''.join(traces)}</log>".encode()


def trace(*events: str, name: str = "case-1") -> str:
    return f'<trace>\n<string key="concept:name" value="{name}"/>\n' + "\n".join(events) + "\n</trace>\n"


def events_of(text: bytes) -> list[list[mining.Event]]:
    return [each.events for each in xes.read(text)]


def refused(text: bytes) -> str:
    with pytest.raises(xes.NotXes) as told:
        list(xes.read(text))
    return str(told.value)


class TestReading:
    def test_reads_name_moment_hand_and_transition(self) -> None:
        more = '<string key="org:resource" value="王"/><string key="lifecycle:transition" value="START"/>'
        ((found,),) = events_of(document(trace(event("收件", "2026-01-01T08:00:00.250+08:00", more))))
        assert found == mining.Event("收件", datetime(2026, 1, 1, 0, 0, 0, 250000, tzinfo=UTC).timestamp(), "王", "start")

    def test_reads_with_a_namespace_and_without(self) -> None:
        plain = document(trace(event()))
        spaced = document(trace(event()), log='<log xes.version="1.0" xmlns="http://www.xes-standard.org/">')
        prefixed = (
            plain.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?").replace(b"<x:log>", b'<x:log xmlns:x="http://www.xes-standard.org/">')
        )
        assert events_of(plain) == events_of(spaced) == events_of(prefixed)

    def test_what_stands_inside_an_attribute_is_not_of_the_event(self) -> None:
        nested = '<list key="x"><values><string key="concept:name" value="other"/><date key="time:timestamp" value="1999-01-01T00:00:00Z"/></values></list>'
        ((found,),) = events_of(document(trace(event("a", more=nested))))
        assert found.activity == "a"

    def test_globals_are_no_events_and_a_moment_without_zone_is_utc(self) -> None:
        head = '<global scope="event"><string key="concept:name" value="?"/><date key="time:timestamp" value="1970-01-01T00:00:00Z"/></global>'
        ((found,),) = events_of(document(head, trace(event(at="1970-01-02T00:00:00"))))
        assert found.at == 86400

    def test_a_group_stands_in_for_a_hand_that_is_not_told(self) -> None:
        ((found,),) = events_of(document(trace(event(more='<string key="org:group" value="Group 1"/>'))))
        assert found.resource == "Group 1"

    def test_counts_empty_traces_and_events_outside_traces_apart(self) -> None:
        log = xes.read(document("<trace></trace>", event("x"), trace(event())))
        assert len(list(log)) == 1
        assert (log.empty, log.loose) == (1, 1)

    def test_a_log_that_was_written_reads_the_same(self) -> None:
        at = datetime(2026, 3, 1, 9, tzinfo=UTC)
        told = "".join(xes.written([("云溪报〔2026〕00001", [('开"始<', at, "水务站"), ("完\x00", at, "")])]))
        (found,) = list(xes.read(told.encode()))
        assert found.name == "云溪报〔2026〕00001"
        assert [(e.activity, e.at, e.resource, e.transition) for e in found.events] == [
            ('开"始<', at.timestamp(), "水务站", "complete"), ("完", at.timestamp(), "", "complete")
        ]  # fmt: skip


class TestRefusals:
    def test_a_missing_moment_is_refused_with_its_place(self) -> None:
        told = refused(document(trace(event("ok"), name="first"), trace(event("ok"), event("late", at=""), name="second")))
        assert "line 10, trace 2 (second), event 2" in told
        assert "“late” has no time:timestamp" in told

    def test_a_moment_that_is_none_is_refused(self) -> None:
        assert "“gestern” is no moment" in refused(document(trace(event(at="gestern"))))

    def test_an_event_without_a_name_is_refused(self) -> None:
        assert "trace 1 (case-1), event 1: the event has no concept:name" in refused(document(trace(event(""))))

    @pytest.mark.parametrize(
        "head",
        ["<!DOCTYPE log>", '<!DOCTYPE log SYSTEM "http://example.com/x.dtd">', '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'],
    )
    def test_a_document_type_is_refused(self, head: str) -> None:
        assert "line 2: the file declares a document type" in refused(document(trace(event()), head=head))

    def test_an_entity_of_its_own_is_refused(self) -> None:
        assert "undefined entity" in refused(document(trace(event("&boom;"))))

    def test_what_is_no_log_is_refused_with_line(self) -> None:
        assert "line 2: the file begins with <html>" in refused(b"<?xml version='1.0'?>\n<html/>")
        assert refused(b"") == "the file holds nothing."
        assert "line 4, column 1" in refused(document(trace(event()))[:60])
        assert "line 1" in refused(b"case,activity\n1,a\n")
        assert "no trace" in refused(document())

    def test_a_deep_file_is_refused(self) -> None:
        assert "200 deep" in refused(document("<list>" * 300 + "</list>" * 300))

    def test_a_cut_off_compressed_file_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "cut.xes.gz"
        file.write_bytes(gzip.compress(document(trace(event())))[:-20])
        with pytest.raises(CommandError, match="damaged or cut off"):
            call_command("mine", file, stdout=io.StringIO())

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file"):
            call_command("mine", tmp_path / "none.xes", stdout=io.StringIO())


def mined(file: Path) -> dict[str, object]:
    out = io.StringIO()
    call_command("mine", file, stdout=out)
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def read_slowly(file: Path) -> list[list[tuple[str, datetime, str]]]:
    """Return a log by way of a whole tree and nothing of the product."""
    packed = file.read_bytes()
    root = ElementTree.fromstring(gzip.decompress(packed) if file.suffix == ".gz" else packed)
    cases = []
    for each in root.iter():
        if each.tag.rpartition("}")[2] != "trace":
            continue
        events = []
        for one in each:
            if one.tag.rpartition("}")[2] == "event":
                told = {child.get("key"): child.get("value", "") for child in one}
                events.append((str(told["concept:name"]), datetime.fromisoformat(told["time:timestamp"]), told.get("org:resource") or ""))
        cases.append(sorted(events, key=lambda found: found[1]))
    return cases


@pytest.mark.skipif(not RECEIPT.exists(), reason="the real logs are not on this machine")
class TestRealLogs:
    @pytest.mark.parametrize("file", LOGS, ids=lambda file: file.name)
    def test_arcs_means_and_variants_equal_an_independent_reading(self, file: Path) -> None:
        cases = read_slowly(file)
        waits: dict[tuple[str, str], list[float]] = defaultdict(list)
        hands: Counter[tuple[str, str]] = Counter()
        for case in cases:
            for before, after in itertools.pairwise(case):
                waits[before[0], after[0]].append((after[1] - before[1]).total_seconds() / 3600)
                if before[2] and after[2] and before[2] != after[2]:
                    hands[before[2], after[2]] += 1
        found = mined(file)
        arcs = {(arc["from"], arc["to"]): arc for arc in found["arcs"]}  # type: ignore[attr-defined]
        assert {pair: arc["count"] for pair, arc in arcs.items()} == {pair: len(each) for pair, each in waits.items()}
        for pair, each in waits.items():
            assert arcs[pair]["mean_hours"] == pytest.approx(fmean(each), abs=1e-4)
            assert arcs[pair]["median_hours"] == pytest.approx(median(each), abs=1e-4)
        assert found["variants"] == len({tuple(name for name, _at, _who in case) for case in cases})
        assert found["cases"] == len(cases)
        assert found["events"] == sum(map(len, cases))
        assert found["handoffs"]["count"] == sum(hands.values())  # type: ignore[index]

    def test_the_permit_log_has_the_size_that_is_published(self) -> None:
        found = mined(RECEIPT)
        assert (found["cases"], found["events"], found["variants"]) == (1434, 8577, 116)

    @pytest.mark.skipif(importlib.util.find_spec("pm4py") is None, reason="pm4py is not installed")
    def test_equals_pm4py(self) -> None:
        import pm4py

        theirs = pm4py.read_xes(str(RECEIPT))
        dfg, _starts, _ends = pm4py.discover_dfg(theirs)
        means, _starts, _ends = pm4py.discover_performance_dfg(theirs)
        found = mined(RECEIPT)
        arcs = {(arc["from"], arc["to"]): arc for arc in found["arcs"]}  # type: ignore[attr-defined]
        assert {pair: arc["count"] for pair, arc in arcs.items()} == dict(dfg)
        for pair, told in means.items():
            assert arcs[pair]["mean_hours"] == pytest.approx(told["mean"] / 3600, abs=1e-3)
        assert found["variants"] == len(pm4py.get_variants(theirs))
