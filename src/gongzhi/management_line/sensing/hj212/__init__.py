"""HJ 212 污染物在线监控系统数据传输标准: frames, check, packets, answers. Pure: bytes in, values out.

crc.py      the check of Annex A, by folding
frame.py    a byte stream cut into frames, whatever lies between them
packet.py   a frame read leniently and judged strictly: length, then CRC, then fields
answer.py   packets written: answers of the platform, uploads for simulators and tests
"""

from gongzhi.management_line.sensing.hj212.answer import answer, build, write
from gongzhi.management_line.sensing.hj212.crc import crc
from gongzhi.management_line.sensing.hj212.frame import Frame, Framer
from gongzhi.management_line.sensing.hj212.packet import Item, Packet, Verdict, judge

__all__ = ["Frame", "Framer", "Item", "Packet", "Verdict", "answer", "build", "crc", "judge", "write"]
