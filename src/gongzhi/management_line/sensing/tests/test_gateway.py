"""The gateway as a process of its own: real TCP, real packets, real kills."""

import csv
import signal
import socket
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.sensing import queries
from gongzhi.management_line.sensing.hj212 import Framer, build, judge
from gongzhi.management_line.sensing.models import Batch, Reading, RefusedPacket
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
