"""Work that stands still: jobs whose worker died are taken up again, and what waits too long is told.

The queue's library notes which worker does a job and when each worker was last heard, but takes nothing up by itself: a job of a
killed worker would be "doing" for ever, and one with a lock would keep its successors from running as long.
"""

import logging
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

log = logging.getLogger(__name__)
UNHEARD = 45  # seconds; a worker beats every ten
LOOK_AGAIN = 20.0  # seconds; with UNHEARD below two minutes
MOST_DEATHS = 5  # attempts after which a job that its workers do not survive is given up
TOO_LONG = 600  # seconds that a job which is due may wait before that is told
DEAD_TOO_LONG = 120  # seconds after which a dead worker's job should have been taken up

_DEAD = """
SELECT j.id, j.task_name, j.attempts, j.queueing_lock IS NOT NULL AND EXISTS (
         SELECT 1 FROM procrastinate_jobs n WHERE n.queueing_lock = j.queueing_lock AND n.status = 'todo') AS has_successor
FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s))
FOR UPDATE OF j SKIP LOCKED
"""
_STATE = """
SELECT (SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers),
       (SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
         WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s))
           AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) < now() - make_interval(secs => %s)),
       (SELECT extract(epoch FROM now() - min(coalesce(j.scheduled_at, (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id))))
          FROM (SELECT * FROM procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now() ORDER BY id LIMIT 200) j)
"""


@dataclass(frozen=True, slots=True)
class State:
    """How the queue stands. Seconds; None where there is nothing to tell."""

    worker_heard: float | None
    abandoned: int
    longest_waiting: float | None

    @property
    def faults(self) -> list[str]:
        """Return what stands still, each as a sentence."""
        found = []
        if self.worker_heard is None:
            found.append(_("No worker runs: nothing that is to be done in the background is done."))
        elif self.worker_heard > UNHEARD:
            found.append(_("The worker was last heard %(n)d seconds ago.") % {"n": self.worker_heard})
        if self.abandoned:
            found.append(_("%(n)d tasks of a worker that has died have not been taken up again.") % {"n": self.abandoned})
        if self.longest_waiting is not None and self.longest_waiting > TOO_LONG:
            found.append(_("A task has been waiting for %(n)d minutes.") % {"n": self.longest_waiting // 60})
        return found

    def told(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "worker_heard_seconds_ago": None if self.worker_heard is None else round(self.worker_heard, 1), "abandoned_tasks": self.abandoned,
            "longest_waiting_seconds": None if self.longest_waiting is None else round(self.longest_waiting, 1),
        }  # fmt: skip


def state(connection: Any) -> State:
    """Return how the queue stands; asked over any connection that has `execute` (psycopg's, or a cursor of Django)."""
    cursor = connection.execute(_STATE, [UNHEARD, DEAD_TOO_LONG])
    heard, abandoned, waiting = (cursor or connection).fetchone()
    return State(None if heard is None else float(heard), abandoned, None if waiting is None else max(0.0, float(waiting)))


def take_up_again(connection: Any) -> int:
    """Put the jobs of dead workers back into the queue (psycopg connection); return how many were found.

    One whose successor waits already is given up: the successor does the same. So is one that several workers did not survive.
    """
    with connection.transaction():
        dead = connection.execute(_DEAD, [UNHEARD]).fetchall()
        for job_id, task, attempts, has_successor in dead:
            if has_successor or attempts + 1 >= MOST_DEATHS:
                log.error("%s (job %s) lost its worker and is given up: %s", task, job_id, "its successor waits" if has_successor else "again and again")
                connection.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job_id])
            else:
                log.warning("%s (job %s) lost its worker and is taken up again", task, job_id)
                connection.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])
    return len(dead)
