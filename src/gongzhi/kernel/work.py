"""Periodic work over all towns: it goes to the towns where something has happened, and one town's trouble keeps no other waiting.

Row-level security lets a connection see one town's rows, so "where is something to do" cannot be asked of all towns by an
ordinary query, and to enter a thousand quiet towns one after the other takes seconds. Each module's migration therefore defines
with `kernel.tables.towns_having` a function of the database that answers for all towns with their numbers only.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection

from gongzhi.kernel.towns import in_town

log = logging.getLogger(__name__)


class TownsFailed(RuntimeError):
    """Work that failed in some towns; all others have been served, and the job counts as failed."""


def towns_having(name: str, at: datetime) -> list[int]:
    """Return the numbers of the towns where there is something of this name to do at a moment (`towns_having` of a migration)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT towns_having_{name}(%s)", [at])
        return [row[0] for row in cursor.fetchall()]


def serve_towns(town_ids: Iterable[int], act: Callable[[int], int | None]) -> int:
    """Do the work in each of these towns, in it; return the sum of what `act` counted.

    Raise TownsFailed at the end, when all have had their turn, if it failed in some: each failure stands in the log.
    """
    done, failed = 0, []
    for town_id in town_ids:
        with in_town(town_id):
            try:
                done += act(town_id) or 0
            except Exception:  # whatever one town's rows hold
                log.exception("%s failed in town %s", getattr(act, "__qualname__", "work"), town_id)
                failed.append(town_id)
    if failed:
        raise TownsFailed(f"failed in towns {failed}")
    return done
