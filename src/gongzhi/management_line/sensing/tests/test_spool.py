"""Batches on disk: whole, in order, bounded; and a database that goes away under a running gateway."""

import uuid

import pytest

from gongzhi.management_line.sensing.gateway.spool import Full, Spool
from gongzhi.management_line.sensing.operations import Packed, Targets


def packed(number):
    return Packed(b"##raw%d" % number, 7, Targets(3, (("w01018", "rtd"), ("烟尘", "hour.avg"))), 10**15 + number, 10**15, [1.5, -2.0], b"N-", 0.25)


class TestSpool:
    def test_gives_back_what_was_set_down_also_to_another_process(self, tmp_path):
        spool, keys = Spool(tmp_path / "s"), [uuid.uuid4() for _ in range(3)]
        for number, key in enumerate(keys):
            spool.put(number + 1, key, [packed(number)])
        (tmp_path / "s" / "9.part").write_bytes(b"half")
        again = Spool(tmp_path / "s")
        assert not (tmp_path / "s" / "9.part").exists()
        for number, key in enumerate(keys):
            found = again.oldest()
            assert (found.town_id, found.key) == (number + 1, key)
            wanted = packed(number)
            got = found.packets[0]
            assert (got.raw, got.device_id, got.targets.names, got.received, got.moment, list(got.values), got.flags, got.skew) == (
                wanted.raw, wanted.device_id, wanted.targets.names, wanted.received, wanted.moment, wanted.values, wanted.flags, wanted.skew
            )  # fmt: skip
            again.done()
        assert again.oldest() is None
        assert again.size == 0

    def test_holds_no_more_than_it_may(self, tmp_path):
        spool = Spool(tmp_path, most=400)
        spool.put(1, uuid.uuid4(), [packed(1)])
        with pytest.raises(Full):
            spool.put(1, uuid.uuid4(), [packed(number) for number in range(9)])

    def test_sets_aside_what_cannot_be_read(self, tmp_path):
        (tmp_path / "0-x.batch").write_bytes(b"{broken")
        spool = Spool(tmp_path)
        spool.put(1, uuid.uuid4(), [packed(1)])
        assert spool.oldest().town_id == 1
        assert (tmp_path / "0-x.faulty").exists()
