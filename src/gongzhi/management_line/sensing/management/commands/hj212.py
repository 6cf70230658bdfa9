"""`./gongzhi hj212 check FILE…`: one JSON verdict a frame, for people who connect a device."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gongzhi.management_line.sensing.hj212 import Framer, Verdict, judge
from gongzhi.management_line.sensing.hj212.packet import unusable


class Command(BaseCommand):
    """Judge the packets of files."""

    help = "check HJ 212 packets in files: one JSON verdict a frame"
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["check"])
        parser.add_argument("files", nargs="+", metavar="FILE", help="raw bytes of packets; - reads standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = False
        for name in options["files"]:
            try:
                content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            except OSError as error:
                self.stderr.write(f"{name}: {error.strerror}")
                missing = True
                continue
            framer = Framer()
            frames = [*framer.feed(content), *framer.finish()]
            for frame in frames:
                judged = judge(frame)
                packet = judged.packet
                verdict, reason = judged.verdict, judged.reason
                if verdict is Verdict.ACCEPT and packet is not None and (fault := unusable(packet)):
                    verdict, reason = Verdict.MALFORMED, fault
                self.stdout.write(
                    json.dumps(
                        {
                            "file": name, "offset": frame.offset, "verdict": verdict.value, "reason": reason,
                            "length_declared": frame.declared, "length": len(frame.segment), "crc_given": frame.given.decode("ascii", "replace").upper(),
                            "crc_computed": judged.computed,
                            **(
                                {"st": packet.st, "cn": packet.cn, "mn": packet.mn, "flag": packet.flag, "version": packet.version.value,
                                 "data_time": packet.data_time, "factors": [item.factor for item in packet.items], "oddities": packet.oddities}
                                if packet else {}
                            ),
                        },
                        ensure_ascii=False,
                    )
                )  # fmt: skip
            if framer.junk or not frames:
                self.stdout.write(json.dumps({"file": name, "verdict": "no_packet", "reason": f"{framer.junk} bytes that are no packet"}))
        if missing:
            sys.exit(1)
