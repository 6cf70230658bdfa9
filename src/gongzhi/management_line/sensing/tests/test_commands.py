"""The commands as people call them."""

import json
import signal
import socket
import subprocess
import sys

import pytest
from django.core.management import call_command

from gongzhi.management_line.sensing import demo
from gongzhi.management_line.sensing.hj212 import Framer, Verdict, build, judge
from gongzhi.management_line.sensing.hj212.answer import write
from gongzhi.management_line.sensing.tests.factories import process_environment

GOOD = build(mn="A" * 24, cn="2011", data_time="20261118120000", factors=[("w01018", {"Rtd": 55.1, "Flag": "N"})])


class TestCheck:
    def check(self, capsys, *files):
        call_command("hj212", "check", *map(str, files))
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    def test_says_of_each_frame_what_it_is(self, tmp_path, capsys):
        (tmp_path / "a").write_bytes(GOOD + GOOD[:-6] + b"0000\r\n" + GOOD.replace(b"##0", b"##1", 1))
        found = self.check(capsys, tmp_path / "a")
        assert [each["verdict"] for each in found] == ["accept", "crc_mismatch", "length_mismatch"]
        assert found[0]["factors"] == ["w01018"]
        assert found[1]["crc_computed"] == found[0]["crc_given"]

    @pytest.mark.parametrize(("before", "after", "reason"), [
        (b";MN=", b";,MN=", "MN: missing"), (b"MN=AA", b"MN=A-", "MN: A-AAAA"), (b"MN=AA", "MN=测".encode(), "MN: 测"),
    ])  # fmt: skip
    def test_refuses_a_name_that_registration_refuses(self, tmp_path, capsys, before, after, reason):
        segment = GOOD[6:-6].replace(before, after, 1)
        (tmp_path / "a").write_bytes(write(segment))
        found = self.check(capsys, tmp_path / "a")
        assert found[0]["verdict"] == "malformed"
        assert found[0]["reason"].startswith(reason)

    def test_reads_a_name_that_a_logger_has_not_been_told_yet(self, tmp_path, capsys):
        (tmp_path / "a").write_bytes(build(mn="", cn="2011", data_time="20261118120000", factors=[("w01018", {"Rtd": 1})]))
        found = self.check(capsys, tmp_path / "a")
        assert found[0]["verdict"] == "accept"
        assert "MN: empty" in found[0]["oddities"]

    def test_says_when_there_is_no_packet(self, tmp_path, capsys):
        (tmp_path / "a").write_bytes(b"hello")
        assert [each["verdict"] for each in self.check(capsys, tmp_path / "a")] == ["no_packet"]

    def test_names_a_file_that_is_not_there_and_goes_on_with_the_others(self, tmp_path, capsys):
        (tmp_path / "a").write_bytes(GOOD)
        with pytest.raises(SystemExit):
            call_command("hj212", "check", str(tmp_path / "none"), str(tmp_path / "a"))
        said = capsys.readouterr()
        assert "none" in said.err
        assert json.loads(said.out)["verdict"] == "accept"


class TestSimulate:
    def test_plays_every_station_and_an_exceedance(self, db):
        """A listener in place of the gateway hears good packets of all stations, the outlet beyond its limit."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            command = [sys.executable, "-W", "ignore", "-m", "django", "simulate", "--port", str(port), "--first", "0", "--seconds", "0.2"]
            process = subprocess.Popen(command, env=process_environment())
            try:
                server.settimeout(30)
                heard = {}
                playing = [played for played in demo.STATIONS if not played.silent_hours]
                peers = [server.accept()[0] for _played in playing]
                for peer in peers:
                    peer.settimeout(10)
                    framer, frames = Framer(), []
                    while not frames:
                        frames = framer.feed(peer.recv(4096))
                    judged = judge(frames[0])
                    assert judged.verdict is Verdict.ACCEPT
                    heard[judged.packet.mn] = {item.factor: float(item.values["rtd"]) for item in judged.packet.items}
                    peer.close()
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(15) == 0
        assert set(heard) == {played.mn for played in playing}
        for played in playing:
            assert set(heard[played.mn]) == set(played.series)
            factor, limit = played.limit[:2]
            assert (heard[played.mn][factor] > limit) is (played.overshoot > 1), played.code
