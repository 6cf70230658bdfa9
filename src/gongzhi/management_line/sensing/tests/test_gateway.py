"""The gateway as a process of its own: real TCP, real packets, real kills."""

import contextlib
import csv
import signal
import socket
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.hj212 import Framer, build, judge
from gongzhi.management_line.sensing.models import Batch, DeviceRequest, Reading, RefusedPacket
from gongzhi.management_line.sensing.tests.factories import MN, PASSWORD, free_port, make_station, running_gateway

SHANGHAI = ZoneInfo("Asia/Shanghai")
REAL = Path(__file__).parents[6] / "shared" / "data" / "hj212"


@pytest.fixture
def world(committed_db, town):
    return make_station(datetime.now(SHANGHAI))


def packet(number, value=50.0, **more):
    at = datetime.now(SHANGHAI).replace(microsecond=0) - timedelta(hours=1) + timedelta(seconds=number)
    given = {"mn": MN, "cn": "2011", "pw": PASSWORD, "qn": f"{at:%Y%m%d%H%M%S}{number % 1000:03d}", "data_time": f"{at:%Y%m%d%H%M%S}", "flag": 5,
             "factors": [("w01018", {"Rtd": value, "Flag": "N"}), ("w01001", {"Rtd": 7.4, "Flag": "N"})]}  # fmt: skip
    return build(**(given | more))


def answers(peer, count, patience=15.0):
    """Read answers until there are so many; return their QNs."""
    framer, found = Framer(), []
    peer.settimeout(patience)
    try:
        while len(found) < count:
            chunk = peer.recv(65536)
            if not chunk:
                break
            found += [judge(frame).packet for frame in framer.feed(chunk)]
    except TimeoutError:
        pass
    return found


def wait_for(question, patience=10.0):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.05)
    return bool(question())


class TestGateway:
    def test_keeps_and_answers_glued_and_cut_packets(self, world):
        port = free_port()
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            stream = b"".join(packet(number) for number in range(40))
            for begin in range(0, len(stream), 37):
                peer.sendall(stream[begin : begin + 37])
            found = answers(peer, 40)
            assert len(found) == 40
            assert {answer.cn for answer in found} == {"9014"}
            assert Reading.objects.count() == 80

    def test_keeps_what_it_cannot_use_with_the_reason_and_answers_nothing(self, world):
        port = free_port()
        good = packet(1)
        bad = good[:-6] + b"0000\r\n"
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(bad + packet(2, pw="guess") + packet(3, mn="NOBODY") + packet(4, data_time="20261399999999") + good)
            found = answers(peer, 2, patience=3)
            assert len(found) == 1
            assert wait_for(lambda: RefusedPacket.objects.count() == 3)
            assert set(RefusedPacket.objects.values_list("verdict", flat=True)) == {"crc_mismatch", "wrong_password", "malformed"}
            assert b"guess" not in queries.refused_packets(seen_by=CLOCK).get(verdict="wrong_password").text.encode()

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ({"data_time": "00010101000000"}, "too far"), ({"data_time": "20000101000000"}, "too far"), ({"data_time": "29990101000000"}, "too far"),
            ({"data_time": "20269901000000"}, "not a moment"), ({"data_time": ""}, "DataTime: missing"), ({"factors": [("w01\x00018", {"Rtd": 1})]}, "NUL"),
        ],
    )  # fmt: skip
    def test_goes_on_after_a_packet_that_cannot_be_kept(self, world, bad, reason):
        port = free_port()
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(packet(1, **bad) + packet(2))
            assert len(answers(peer, 2, patience=2)) == 1
            if reason != "NUL":  # without fields its town is not known: it stands in the log
                assert reason in RefusedPacket.objects.get().reason
        assert Reading.objects.count() == 2

    def test_reads_codes_of_2005_into_the_series_of_2017_and_judges_them(self, world):
        port = free_port()
        older = [("011", {"Rtd": 95.5, "Flag": "N"}), ("001", {"Rtd": 7.1, "Flag": "N"})]
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            for number in range(3):  # the first two the careful way and by a plan, the third in the form of 2017
                peer.sendall(packet(number, flag=1, factors=older) if number < 2 else packet(number, 96.0))
                assert len(answers(peer, 1)) == 1
        assert set(Reading.objects.values_list("series__factor", flat=True)) == {"w01018", "w01001"}
        assert Reading.objects.filter(series__factor="w01018").count() == 3
        assert queries.episodes(seen_by=CLOCK).get().rule.factor == "w01018"

    def test_keeps_starts_and_alarms_of_the_device_before_it_answers_them(self, world):
        port = free_port()
        at = datetime.now(SHANGHAI).replace(microsecond=0) - timedelta(hours=1)
        started = packet(1, cn="2081", factors=[], data_time=f"{at:%Y%m%d%H%M%S}", fields={"RestartTime": f"{at - timedelta(minutes=5):%Y%m%d%H%M%S}"})
        alarm = packet(2, cn="2072", factors=[("w01018", {"Ala": "120.1"})], data_time="", fields={"AlarmTime": f"{at:%Y%m%d%H%M%S}", "AlarmType": "1"})
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(started + alarm + started + packet(3, cn="9015", factors=[], data_time=""))
            assert [answer.cn for answer in answers(peer, 4)] == ["9013", "9014", "9013", "9013"]
        kept = list(queries.notices_of(seen_by=CLOCK, device_id=world[2].pk))
        assert [(one.command, one.told_at) for one in kept] == [("2072", at), ("2081", at - timedelta(minutes=5))]
        assert "w01018-Ala=120.1" in kept[0].content
        assert not Reading.objects.exists()

    def test_takes_no_value_that_is_not_finite_and_no_mark_that_is_not_known(self, world):
        port = free_port()
        factors = [("w01018", {"Rtd": "1e999", "Flag": "N"}), ("w01001", {"Rtd": "7.1", "Flag": "坏"})]
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(packet(1, factors=factors))
            assert len(answers(peer, 1)) == 1
        assert list(Reading.objects.values_list("value", "flag")) == [(7.1, "?")]

    def test_reads_on_in_a_message_of_several_packets(self, world):
        port = free_port()
        first, second = packet(1, pnum=2, pno=1), packet(1, pnum=2, pno=2, data_time="", factors=[("w21003", {"Rtd": 1.5, "Flag": "N"})])
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(first + second)
            assert len(answers(peer, 2)) == 2
        assert Reading.objects.values("measured_at").distinct().count() == 1
        assert Reading.objects.count() == 3

    def test_answers_what_it_has_read_when_it_is_stopped_in_the_middle(self, world):
        port = free_port()
        with running_gateway(port) as process, socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(packet(0))
            assert len(answers(peer, 1)) == 1
            peer.sendall(b"".join(packet(number) for number in range(1, 200)))
            time.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            found = answers(peer, 199, patience=15)
            assert process.wait(15) == 0
        assert Reading.objects.filter(series__factor="w01018").count() == len(found) + 1

    def test_loses_and_doubles_nothing_that_was_answered_when_it_is_killed(self, world):
        """kill -9 in mid-stream; the device sends again what was not answered, as devices do."""
        port = free_port()
        wanted = {judge(Framer().feed(packet(number))[0]).packet.qn: packet(number) for number in range(300)}
        answered = set()
        with running_gateway(port) as process, socket.create_connection(("127.0.0.1", port)) as peer:
            for number, sent in enumerate(wanted.values()):
                peer.sendall(sent)
                if number == 150:
                    time.sleep(0.06)
            answered |= {answer.qn for answer in answers(peer, 60)}
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert answered
        kept = Reading.objects.filter(series__factor="w01018").count()
        assert kept >= len(answered)
        port = free_port()
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            again = [sent for qn, sent in wanted.items() if qn not in answered]
            peer.sendall(b"".join(again))
            assert len(answers(peer, len(again))) == len(again)
        assert Reading.objects.filter(series__factor="w01018").count() == 300
        assert not Reading.objects.filter(version__gt=0).exists()

    def test_asks_a_connected_device_and_keeps_its_two_answers(self, world):
        port = free_port()
        _made, _station, device = world
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(packet(1))
            assert len(answers(peer, 1)) == 1
            now = datetime.now(SHANGHAI).replace(minute=0, second=0, microsecond=0)
            request = operations.ask_device(
                by=MAKER, at=now, device_id=device.pk, command="2061", begins_at=now - timedelta(hours=5), ends_at=now - timedelta(hours=2)
            )
            asked = answers(peer, 1)[0]
            assert (asked.cn, asked.mn, asked.pw) == ("2061", MN, PASSWORD)
            assert asked.fields == {"BeginTime": f"{now - timedelta(hours=5):%Y%m%d%H%M%S}", "EndTime": f"{now - timedelta(hours=2):%Y%m%d%H%M%S}"}
            peer.sendall(build(mn=MN, cn="9011", pw=PASSWORD, qn=asked.qn, flag=4, st="91", fields={"QnRtn": "1"}))
            state = lambda: DeviceRequest.objects.values_list("state", flat=True).get(pk=request.pk)  # noqa: E731
            assert wait_for(lambda: state() == "accepted")
            late = f"{now - timedelta(hours=4):%Y%m%d%H%M%S}"
            peer.sendall(packet(5, cn="2061", data_time=late, factors=[("w01018", {"Avg": 55, "Min": 50, "Max": 60, "Flag": "N"})]))
            peer.sendall(build(mn=MN, cn="9012", pw=PASSWORD, qn=asked.qn, flag=4, st="91", fields={"ExeRtn": "1"}))
            assert wait_for(lambda: state() == "done")
            assert wait_for(lambda: Reading.objects.filter(series__aggregate="hour.avg", value=55).exists())

    def test_tells_a_stranger_nothing(self, world):
        port = free_port()
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(packet(1, pw="guess") + packet(2, mn="NOBODY") + packet(3, cn="9015", pw="guess", factors=[]))
            assert answers(peer, 1, patience=1) == []
            peer.sendall(packet(4, cn="9015", factors=[], data_time=""))
            assert [answer.cn for answer in answers(peer, 1)] == ["9013"]

    def test_reads_devices_that_change_their_form_or_end_no_line(self, world):
        port = free_port()
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            stream = b"".join(
                packet(number, factors=[("w01018", {"Rtd": number, "Flag": "ND"[number % 2]})] + [("w01001", {"Rtd": 7})] * (number % 3 > 0))
                for number in range(60)
            )
            peer.sendall(stream.replace(b"\r\n", b""))
            peer.sendall(packet(99))
            assert len(answers(peer, 61)) == 61
        assert Reading.objects.filter(series__factor="w01018").count() == 61
        assert Reading.objects.filter(series__factor="w01018", flag="D").count() == 30

    def test_sees_at_once_that_a_password_was_changed(self, world):
        port = free_port()
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(b"".join(packet(number) for number in range(3)))
            assert len(answers(peer, 3)) == 3
            operations.rotate_device_password(by=MAKER, at=datetime.now(SHANGHAI), device_id=world[2].pk, password="another")
            time.sleep(2.5)
            peer.sendall(packet(10) + packet(11, pw="another"))
            assert [answer.qn[-3:] for answer in answers(peer, 2, patience=2)] == ["011"]

    def test_lets_others_through_while_one_floods(self, world):
        port = free_port()
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as flood, socket.create_connection(("127.0.0.1", port)) as other:
            flood.setblocking(False)
            stream = b"".join(packet(number % 3000) for number in range(6000))
            sent = 0
            with contextlib.suppress(BlockingIOError):
                while sent < len(stream):
                    sent += flood.send(stream[sent:])
            other.sendall(packet(3500))
            assert len(answers(other, 1)) == 1

    def test_opens_an_alarm_while_it_takes_readings(self, world):
        port = free_port()
        with running_gateway(port), socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(packet(1, 85.0) + packet(2, 95.0) + packet(3, 97.0))
            answers(peer, 3)
            assert wait_for(lambda: queries.episodes(seen_by=CLOCK).exists())
            assert queries.episodes(seen_by=CLOCK).get().case.kind == "alarm"

    def test_finishes_what_it_has_read_when_it_is_stopped(self, world):
        port = free_port()
        with running_gateway(port) as process:
            with socket.create_connection(("127.0.0.1", port)) as peer:
                peer.sendall(b"".join(packet(number) for number in range(50)))
                answers(peer, 50)
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        assert sum(Batch.objects.values_list("packets", flat=True)) == 50


@pytest.mark.skipif(not REAL.exists(), reason="the real packets are not on this machine")
class TestRealPackets:
    def test_have_the_verdicts_that_they_should_have(self):
        rows = list(csv.DictReader((REAL / "index.csv").open(encoding="utf-8")))
        assert len(rows) == 24
        for row in rows:
            framer = Framer()
            content = (REAL / row["file"]).read_bytes()
            judged = judge([*framer.feed(content), *framer.finish()][0])
            assert judged.verdict.value == row["verdict"], row["file"]
            assert judged.computed == row["crc_computed_hj212"], row["file"]
