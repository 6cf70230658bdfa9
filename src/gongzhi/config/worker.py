"""The worker's process: the queue's own worker, and beside it a thread that takes up what dead workers left.

In a thread and not a task: all places of the worker may be taken, and a task of that kind could itself be left by a dead worker.
"""

import logging
import sys
import threading

import django
import psycopg

log = logging.getLogger(__name__)


def look_after_the_dead(ended: threading.Event, every: float | None = None) -> None:
    """Take up jobs of dead workers every so often until `ended`."""
    from gongzhi.config.health import own_connection
    from gongzhi.kernel import standing

    while not ended.wait(standing.LOOK_AGAIN if every is None else every):
        try:
            with own_connection() as connection:
                standing.take_up_again(connection)
        except psycopg.Error as error:
            log.warning("jobs of dead workers cannot be looked for: %s", error)


def main() -> None:
    """Run until stopped; the arguments are those of `procrastinate worker`."""
    django.setup()
    from django.core.management import execute_from_command_line

    threading.Thread(target=look_after_the_dead, args=(threading.Event(),), name="dead-workers", daemon=True).start()
    execute_from_command_line(["gongzhi", "procrastinate", "worker", *sys.argv[1:]])


if __name__ == "__main__":
    main()
