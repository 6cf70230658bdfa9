"""Messages by a real mosquitto, kept by a real process that is killed in mid-stream; and the mapping's reader."""

import contextlib
import json
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import paho.mqtt.client as mqtt
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import system
from gongzhi.management_line.feeds import operations
from gongzhi.management_line.feeds.book import Message
from gongzhi.management_line.feeds.mapping import BadMapping, BadPayload, Compiled, covers
from gongzhi.management_line.feeds.models import Feed, RefusedMessage
from gongzhi.management_line.feeds.queries import book_of
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.models import Reading
from gongzhi.management_line.sensing.tests.factories import free_port, make_station, process_environment

BY = system("feeds")
JSON = {"topic": "t/{station}", "time": "ts", "values": [{"path": "cod", "factor": "w01018", "unit": "ug/L"}]}
NUMBER = {"topic": "n/{station}/{factor}", "format": "number", "unit": "=mg/L"}
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


def _feed(at, *definitions, **more):
    feed = operations.define_feed(by=MAKER, at=at, code="f", name="F", host="127.0.0.1", topic="#", **more)
    operations.keep_mappings(by=MAKER, at=at, feed_id=feed.pk, definitions=definitions)
    return feed


def _values():
    return sorted(Reading.objects.values_list("value", flat=True))


@pytest.mark.django_db
class TestTakeMessages:
    @pytest.fixture
    def take(self, town, noon):
        make_station(noon)
        feed = _feed(noon, JSON, NUMBER)

        def take(*messages):
            return operations.take_messages(by=BY, at=noon, book=book_of(seen_by=BY, feed_id=feed.pk), messages=messages, client="c")

        return take

    def test_converts_to_the_unit_of_the_series(self, take, noon):
        take(Message("t/outlet", json.dumps({"ts": noon.timestamp(), "cod": 5000}).encode(), noon))
        assert _values() == [5.0]

    def test_changes_nothing_when_a_message_comes_again(self, take, noon):
        message = Message("t/outlet", json.dumps({"ts": noon.timestamp(), "cod": 5000}).encode(), noon, mid=1, qos=1)
        take(message)
        take(message, message)
        assert _values() == [5.0]

    def test_knows_a_message_without_time_that_the_broker_sends_again(self, take, noon):
        take(Message("n/outlet/w01018", b"7", noon - timedelta(seconds=9), mid=4, qos=1))
        again = take(Message("n/outlet/w01018", b"7", noon, mid=4, qos=1, dup=True))
        assert (again.known, _values()) == (1, [7.0])

    def test_keeps_the_same_value_of_a_later_moment(self, take, noon):
        take(Message("n/outlet/w01018", b"7", noon - timedelta(seconds=9), mid=4, qos=1))
        take(Message("n/outlet/w01018", b"7", noon, mid=5, qos=1))
        assert _values() == [7.0, 7.0]

    @pytest.mark.parametrize(("topic", "payload"), [
        ("t/outlet", b"{"), ("t/nowhere", b'{"ts": 1763438400, "cod": 1}'), ("else", b"1"), ("t/outlet", b'{"ts": 1, "cod": 1}'), ("n/outlet/w99999", b"1"),
        ("n/outlet/w01018", b"\xff\x00"), ("n/outlet/w01018", b"1e99"),
    ])  # fmt: skip
    def test_keeps_what_it_cannot_use_with_the_reason(self, take, noon, topic, payload):
        taken = take(Message(topic, payload, noon), Message("n/outlet/w01018", b"3", noon))
        assert (taken.refused, _values()) == (1, [3.0])
        assert RefusedMessage.objects.get().reason


class TestCompiled:
    @given(payload=some.binary(max_size=200), form=some.sampled_from(["json", "number", "csv", "senml"]))
    def test_reads_any_bytes_or_says_why_not(self, payload, form):
        ready = Compiled({"topic": "{station}/{factor}", "format": form, "time": "t"}, UTC)
        with contextlib.suppress(BadPayload):
            ready.read({"station": "s", "factor": "f"}, payload)

    @given(document=some.recursive(some.none() | some.booleans() | some.floats() | some.integers() | some.text(max_size=9),
                                   lambda inner: some.lists(inner, max_size=4)
                                   | some.dictionaries(some.sampled_from(["n", "v", "t", "bn", "bt", "bv", "u", "x"]), inner)),
           form=some.sampled_from(["json", "senml"]))  # fmt: skip
    def test_reads_any_document_or_says_why_not(self, document, form):
        ready = Compiled({"topic": "{station}/{factor}", "format": form, "value": "v", "time": "t"}, UTC)
        with contextlib.suppress(BadPayload):
            ready.read({"station": "s", "factor": "f"}, json.dumps(document, allow_nan=False).encode() if _is_json(document) else b"[]")

    @pytest.mark.parametrize("text", ["2026-11-18T12:00:00+08:00", "2026-11-18T04:00:00Z", "1794974400", "1794974400000"])
    def test_reads_time_as_it_is_met(self, text):
        read = Compiled({"topic": "{station}/{factor}", "time": "t"}, UTC).read({"station": "s", "factor": "f"}, json.dumps({"value": 1, "t": text}).encode())
        assert read.rows[0].moment == datetime(2026, 11, 18, 4, tzinfo=UTC).timestamp() * 1e6

    def test_resolves_senml(self):
        pack = b'[{"bn":"urn:dev:a:","bt":1794974400,"bu":"Cel","n":"x","v":1},{"n":"y","v":2,"t":-60}]'
        rows = Compiled({"topic": "#", "format": "senml", "name": "urn:dev:{station}:{factor}"}, UTC).read({}, pack).rows
        assert [(row.station, row.factor, row.unit, row.value, row.moment // 1_000_000) for row in rows] == [
            ("a", "x", "Cel", 1, 1794974400), ("a", "y", "Cel", 2, 1794974340)]  # fmt: skip

    def test_names_every_fault_of_a_definition(self):
        with pytest.raises(BadMapping) as caught:
            Compiled({"topic": "a/#/b", "format": "xml", "nonsense": 1}, UTC)
        assert {name for name, _why in caught.value.faults} >= {"nonsense"}

    def test_knows_which_topics_a_filter_covers(self):
        assert all((covers("$share/g/a/+/c", "a/b/c"), covers("a/#", "a")))
        assert not any((covers("#", "$SYS/x"), covers("a/+", "a/b/c")))


def _is_json(document):
    try:
        json.dumps(document, allow_nan=False).encode()
    except ValueError:
        return False
    return True


@pytest.fixture
def broker(tmp_path):
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed (Debian package mosquitto)")
    port = free_port()
    (tmp_path / "m.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nuser root\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(tmp_path / "m.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    yield port
    process.terminate()
    process.wait(10)


def _until(true, patience=60.0):
    deadline = time.monotonic() + patience
    while not true() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert true()


class TestProcess:
    def test_killed_in_mid_stream_loses_and_doubles_nothing(self, committed_db, town, broker):
        at = datetime.now(UTC)
        make_station(at)
        feed = _feed(at, JSON, NUMBER, port=broker)
        command = [sys.executable, "-W", "ignore", "-m", "django", "feeds"]
        process = subprocess.Popen(command, env=process_environment())
        sender = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        sender.max_queued_messages_set(0)
        try:
            _until(lambda: Feed.objects.get(pk=feed.pk).state == "connected")
            sender.connect("127.0.0.1", broker)
            sender.loop_start()
            sent, total = [], 3_000
            for number in range(total):
                if number % 2:  # without a time of its own: only the broker's number tells a repeat
                    sent.append(sender.publish("n/outlet/w01018", str(number), qos=1))
                else:
                    stamp = (at - timedelta(days=1)).timestamp() + number
                    sent.append(sender.publish("t/outlet", json.dumps({"ts": stamp, "cod": number * 1000}), qos=1))
                if number in (700, 1_500, 2_200):
                    before = Reading.objects.count()
                    _until(lambda before=before: Reading.objects.count() > before)
                    process.kill()
                    process.wait()
                    process = subprocess.Popen(command, env=process_environment())
            sender.publish("t/outlet", b"poison", qos=1).wait_for_publish(20)
            for one in sent:
                one.wait_for_publish(20)
            _until(lambda: Reading.objects.count() >= total and RefusedMessage.objects.exists(), 90)
            time.sleep(2)
            assert _values() == [float(number) for number in range(total)]
            assert RefusedMessage.objects.count() == 1
            assert sensing.station_for(seen_by=BY, code="outlet")
        finally:
            process.kill()
            process.wait()
            sender.disconnect()
            sender.loop_stop()
