"""Messages by a real mosquitto, kept by a real process that is killed in mid-stream; and the mapping's reader."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import paho.mqtt.client as mqtt
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import system
from gongzhi.management_line.feeds import demo, operations, playing
from gongzhi.management_line.feeds.book import Message
from gongzhi.management_line.feeds.mapping import BadMapping, Compiled
from gongzhi.management_line.feeds.models import Feed, RefusedMessage
from gongzhi.management_line.feeds.queries import book_of
from gongzhi.management_line.feeds.said import kept, said, told
from gongzhi.management_line.feeds.senml import BadPayload
from gongzhi.management_line.feeds.topics import covers
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

    def test_knows_it_when_both_come_in_one_batch(self, take, noon):
        """A line that broke and came back while the database was slow: the broker sends again what still waits here."""
        first = Message("n/outlet/w01018", b"7", noon - timedelta(seconds=9), mid=4, qos=1)
        both = take(first, Message("n/outlet/w01018", b"7", noon, mid=4, qos=1, dup=True))
        assert (both.known, _values()) == (1, [7.0])

    def test_takes_what_only_looks_known_in_a_new_session(self, take, noon):
        take(Message("n/outlet/w01018", b"7", noon - timedelta(seconds=9), mid=4, qos=1))
        operations.forget_session(by=BY, at=noon, feed_id=Feed.objects.get().pk, client="c")
        take(Message("n/outlet/w01018", b"7", noon, mid=4, qos=1, dup=True))
        assert _values() == [7.0, 7.0]

    def test_does_not_take_what_the_broker_had_kept_for_new(self, take, noon):
        taken = take(
            Message("n/outlet/w01018", b"7", noon, retain=True),
            Message("t/outlet", json.dumps({"ts": noon.timestamp(), "cod": 9000}).encode(), noon, retain=True),
        )
        assert (taken.refused, _values()) == (1, [9.0])

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
        refused = RefusedMessage.objects.get()
        with translation.override("zh-hans"):
            chinese = refused.why
        with translation.override("en"):
            english = refused.why
        assert refused.reason == chinese  # tests speak Chinese, as the process does
        assert re.search("[\u4e00-\u9fff]", chinese)
        assert english.strip()
        assert not re.search("[\u4e00-\u9fff]", english)

    def test_keeps_why_as_msgids_with_their_parameters(self, take, noon):
        take(Message("t/outlet", b'{"ts": "soon", "cod": 1}', noon))
        refused = RefusedMessage.objects.get()
        assert [sentence[:2] for sentence in refused.said] == [["“%(text)s” is no time", {"text": "soon"}]]
        with translation.override("en"):
            assert refused.why == "“soon” is no time"
        sentence = (said("“%(text)s” is no number") % {"text": "x"}).after("3: ")
        with translation.override("en"):
            assert told(kept([sentence, "as it came", sentence])) == "3: “x” is no number; as it came"
            assert told(kept(f"fault {n}" for n in range(9))).endswith("fault 4; … (9)")

    def test_shows_what_was_refused_before_msgids_were_kept_as_it_was_written(self, take, noon):
        take(Message("else", b"1", noon))
        RefusedMessage.objects.update(said=[], reason="没有匹配的映射")
        assert RefusedMessage.objects.get().why == "没有匹配的映射"


class TestCompiled:
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(payload=some.binary(max_size=200), form=some.sampled_from(["json", "number", "csv", "senml"]))
    def test_reads_any_bytes_or_says_why_not(self, payload, form):
        ready = Compiled({"topic": "{station}/{factor}", "format": form, "time": "t"}, UTC)
        with contextlib.suppress(BadPayload):
            ready.read({"station": "s", "factor": "f"}, payload)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
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


class Mosquitto:
    """A real broker, started, killed and started again."""

    def __init__(self, folder, *lines):
        if MOSQUITTO is None:
            pytest.skip("mosquitto is not installed (Debian package mosquitto)")
        self.port = free_port()
        self.config = folder / "m.conf"
        common = ("max_queued_messages 0", "max_inflight_messages 0", "user root", "persistence true", f"persistence_location {folder}/")
        self.config.write_text("\n".join((f"listener {self.port} 127.0.0.1", *(lines or ("allow_anonymous true",)), *common)) + "\n")
        self.start()

    def start(self):
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _until(self._listens, 10)

    def _listens(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def broker(tmp_path):
    made = Mosquitto(tmp_path)
    yield made.port
    made.stop()


@contextlib.contextmanager
def _running():
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "django", "feeds"], env=process_environment())
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def _sender(port):
    sender = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    sender.max_queued_messages_set(0)
    sender.connect("127.0.0.1", port)
    sender.loop_start()
    try:
        yield sender
    finally:
        sender.disconnect()
        sender.loop_stop()


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

    def test_goes_on_when_the_broker_was_restarted(self, committed_db, town, tmp_path):
        at = datetime.now(UTC)
        made = Mosquitto(tmp_path)
        make_station(at)
        feed = _feed(at, JSON, port=made.port)
        with _running(), _sender(made.port) as sender:
            _until(lambda: Feed.objects.get(pk=feed.pk).state == "connected")
            for number in range(900):
                sender.publish("t/outlet", json.dumps({"ts": at.timestamp() - 5_000 + number, "cod": number * 1000}), qos=1)
                if number == 400:
                    _until(lambda: Reading.objects.exists())
                    made.stop()
                    _until(lambda: Feed.objects.get(pk=feed.pk).state == "broken")
                    made.start()
            _until(lambda: Reading.objects.count() >= 900)
            assert _values() == [float(number) for number in range(900)]
            assert Feed.objects.get(pk=feed.pk).state == "connected"
        made.stop()

    def test_notices_feeds_that_are_switched_on_changed_and_off(self, committed_db, town, broker):
        at = datetime.now(UTC)
        make_station(at)
        feed = _feed(at, JSON, port=broker, is_active=False)
        with _running(), _sender(broker) as sender:
            time.sleep(4)
            assert Feed.objects.get(pk=feed.pk).state == "waiting"
            operations.switch_feed(by=MAKER, at=at, feed_id=feed.pk, is_active=True)
            _until(lambda: Feed.objects.get(pk=feed.pk).state == "connected")
            sender.publish("n/outlet/w01018", "5", qos=1).wait_for_publish(10)
            _until(lambda: RefusedMessage.objects.exists())
            operations.keep_mappings(by=MAKER, at=at, feed_id=feed.pk, definitions=[JSON, NUMBER])
            _until(lambda: (sender.publish("n/outlet/w01018", "5", qos=1).wait_for_publish(10), Reading.objects.exists())[1])
            operations.switch_feed(by=MAKER, at=at, feed_id=feed.pk, is_active=False)

    def test_uses_tls_and_a_password_and_says_what_is_wrong_with_them(self, committed_db, town, tmp_path):
        authority, key, certificate = _certificates(tmp_path)
        (tmp_path / "passwords").touch(0o600)
        subprocess.run(["mosquitto_passwd", "-b", str(tmp_path / "passwords"), "town", "right"], check=True, capture_output=True)
        made = Mosquitto(tmp_path, f"certfile {certificate}", f"keyfile {key}", "allow_anonymous false", f"password_file {tmp_path / 'passwords'}")
        at = datetime.now(UTC)
        make_station(at)
        feed = _feed(at, JSON, port=made.port, tls=True, username="town", password="wrong")

        def stands(state, words):
            now = Feed.objects.get(pk=feed.pk)
            return now.state == state and words in now.last_error.lower()

        with _running():
            _until(lambda: stands("broken", "certificate"))  # nobody vouches for it
            operations.define_feed(by=MAKER, at=at, code="f", name="F", host="127.0.0.1", topic="#", port=made.port, tls=True, authority=authority,
                                   username="town", password="wrong")  # fmt: skip
            _until(lambda: stands("broken", "not authorized"))
            operations.change_password(by=MAKER, at=at, feed_id=feed.pk, username="town", password="right")
            _until(lambda: stands("connected", ""))
        made.stop()


def _certificates(folder):
    """Return an authority's certificate as text and the files of a key and certificate that it signed for 127.0.0.1."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    now = datetime.now(UTC)

    def signed(name, key, issuer, issuer_key, *extensions):
        made = x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        made = made.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        for extension, critical in extensions:
            made = made.add_extension(extension, critical)
        return made.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = signed("Town CA", root, "Town CA", root, (x509.BasicConstraints(ca=True, path_length=None), True))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    (folder / "own.pem").write_bytes(signed("127.0.0.1", own, "Town CA", root, (names, False)))
    (folder / "own.key").write_bytes(
        own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return authority.decode(), folder / "own.key", folder / "own.pem"


class TestDemoCloud:
    def test_is_understood_by_a_client_and_its_messages_by_the_demo_mapping(self):
        """The demo's simulated cloud speaks MQTT 5 well enough for paho, and sends what the demo's feed can read."""
        port = free_port()
        process = subprocess.Popen([sys.executable, "-m", "gongzhi.management_line.feeds.playing", "--port", str(port), "--seconds", "0.2"],
                                   env=process_environment())  # fmt: skip
        got = []
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        client.username_pw_set(playing.USER, playing.PASSWORD)
        client.on_message = lambda _client, _data, message: got.append(message)
        client.on_connect = lambda one, *_given: one.subscribe("yunxi/iot/+/up", qos=1)
        try:
            _until(lambda: _connects(client, port), 10)
            client.loop_start()
            _until(lambda: len({message.topic for message in got}) >= len(playing.DEVICES), 20)
        finally:
            client.disconnect()
            client.loop_stop()
            process.terminate()
            process.wait(10)
        ready = Compiled(demo.MAPPINGS[0], UTC)
        assert {message.qos for message in got} == {1}
        assert all(ready.read(ready.match(message.topic), message.payload).rows for message in got)


def _connects(client, port):
    with contextlib.suppress(OSError):
        client.connect("127.0.0.1", port)
        return True
    return False
