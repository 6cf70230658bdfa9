"""How often somebody unknown did something lately, counted for all processes together.

In the database and not in a process's memory, where every process would allow as many again and a restart would forget them: the
table of tries is there already, behind the town's wall, with keyed hashes instead of addresses. A count is one statement (0.2 ms
beside the 10 ms of what is counted) that does not wait for the disk: what a crash loses is a minute of counting. Counting is no act:
nothing stands in the ledger of it.
"""

from datetime import datetime, timedelta

from gongzhi.foundation.people import hashing
from gongzhi.foundation.people.models import Attempt
from gongzhi.kernel.rows import prepared
from gongzhi.kernel.towns import current_town

_COUNT = """
INSERT INTO people_attempt AS kept (town_id, of, name, failures, last_at)
SELECT $1, $2, '', 1, $3 FROM set_config('synchronous_commit', 'off', true)
ON CONFLICT (town_id, of) DO UPDATE SET
    failures = CASE WHEN kept.last_at <= $4 THEN 1 ELSE least(kept.failures + 1, 1000000) END,
    last_at = CASE WHEN kept.last_at <= $4 THEN $3 ELSE kept.last_at END
RETURNING failures
"""


def count(what: str, of: str, *, seconds: int, at: datetime) -> int:
    """Count once more; return how often it was since the first of the present stretch of so many seconds, this one with it."""
    rows = prepared(_COUNT, [current_town(), hashing.keyed_hash(of, what), at, at - timedelta(seconds=seconds)])
    return int(rows[0][0])


def counted(what: str, of: str, *, seconds: int, at: datetime) -> int:
    """Return how often it was in the present stretch."""
    found = Attempt.objects.filter(of=hashing.keyed_hash(of, what), last_at__gt=at - timedelta(seconds=seconds)).values_list("failures", flat=True)
    return next(iter(found), 0)


def forget(what: str, of: str) -> None:
    """Begin counting anew."""
    Attempt.objects.filter(of=hashing.keyed_hash(of, what)).delete()
