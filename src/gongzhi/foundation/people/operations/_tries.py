"""Counting tries, so that whoever guesses is slowed and the owner is not.

A wrong password counts for the name at the address it came from, for the address, and for the name. The first makes only that
address wait for that name: five wrong ones from elsewhere stop nobody at home. The other two are for one who changes names or
addresses; they hold up neither the address from which the name came in before nor a device that it came in on.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection

from gongzhi.foundation.people import hashing
from gongzhi.foundation.people.models import Attempt, User
from gongzhi.kernel import callers
from gongzhi.kernel.towns import current_town

_NOBODY = "nobody has this log-in"
FREE_TRIES = 5
FREE_TRIES_OF_ADDRESS = 30
FREE_TRIES_OF_NAME = 100
LONGEST_WAIT = timedelta(hours=1)
LONGEST_WAIT_OF_NAME = timedelta(minutes=1)  # somebody with a new telephone may be among those who try
FORGOTTEN_AFTER = timedelta(hours=24)
KNOWN_FOR = timedelta(days=90)  # how long an address is known from which somebody came in


@dataclass(frozen=True, slots=True)
class Count:
    """One thing that is counted."""

    of: bytes
    free: int
    longest: timedelta
    name: bytes = b""


def which(password: str, users: Sequence[User], at_least: int) -> User | None:
    """Return the log-in that a password opens; takes as long for a name that nobody has, or fewer have, as for one of `at_least`."""
    found = None
    for user in users:
        if check_password(password, user.password):
            found = found or user
    for _missing in range(at_least - len(users)):
        make_password(_NOBODY + password[:64])
    return found


def name_hash(username: str) -> bytes:
    """Return the hash under which the tries of a name are found."""
    return hashing.keyed_hash(username.lower(), "sign-in name")


def lock(*parts: str) -> None:
    """Let one try of this name from this place come after the other, so that as many are counted as are made."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [digest, current_town()])


def counts(username: str, address: str, device: str, at: datetime) -> list[Count]:
    """Return what a try counts for, the name at its place first."""
    name, where = name_hash(username), callers.group(address)
    if device:
        return [Count(hashing.keyed_hash(f"{username.lower()}\n{device}", "sign-in device"), FREE_TRIES, LONGEST_WAIT, name)]
    own = Count(hashing.keyed_hash(f"{username.lower()}\n{where}", "sign-in place"), FREE_TRIES, LONGEST_WAIT, name)
    if Attempt.objects.filter(of=own.of, passed_at__gt=at - KNOWN_FOR).exists():
        return [own]
    by_address = Count(hashing.keyed_hash(where, "sign-in address"), FREE_TRIES_OF_ADDRESS, LONGEST_WAIT)
    return [own, by_address, Count(name, FREE_TRIES_OF_NAME, LONGEST_WAIT_OF_NAME, name)]


def waiting(counted: list[Count], at: datetime) -> datetime | None:
    """Return until when one must wait, or None."""
    found = Attempt.objects.filter(of__in=[one.of for one in counted], wait_until__gt=at).order_by("-wait_until").first()
    return found.wait_until if found else None


def failed(counted: list[Count], at: datetime) -> datetime | None:
    """Count a failure; return until when one must wait now, if at all."""
    longest = None
    for one in sorted(counted, key=lambda one: one.of):  # in one order, so that two who try wait for each other once only
        attempt, _made = Attempt.objects.select_for_update().get_or_create(
            town_id=current_town(), of=one.of, defaults={"last_at": at, "name": one.name}
        )  # fmt: skip
        if at - attempt.last_at > FORGOTTEN_AFTER:
            attempt.failures = 0
        attempt.failures += 1
        attempt.last_at = at
        if attempt.failures >= one.free:
            attempt.wait_until = at + min(one.longest, timedelta(seconds=30 * 2 ** min(attempt.failures - one.free, 10)))
            longest = max(longest or attempt.wait_until, attempt.wait_until)
        attempt.save()
    return longest


def passed(counted: list[Count], at: datetime) -> None:
    """Forget what failed here before; the place is known from now on."""
    own = counted[0]
    Attempt.objects.update_or_create(
        town_id=current_town(), of=own.of, defaults={"name": own.name, "failures": 0, "wait_until": None, "last_at": at, "passed_at": at}
    )  # fmt: skip


def forget(usernames: list[str]) -> None:
    """Forget all failures of these names, wherever they were made."""
    Attempt.objects.filter(name__in=[name_hash(username) for username in usernames]).delete()


def may_still(what: str, of: str, most: int, at: datetime) -> bool:
    """Count one of `most` tries in a day, beginning with the first of them; return False, and count nothing, when there were as many."""
    row, _made = Attempt.objects.select_for_update().get_or_create(town_id=current_town(), of=hashing.keyed_hash(of, what), defaults={"last_at": at})
    if at - row.last_at >= FORGOTTEN_AFTER:
        row.failures, row.last_at = 0, at
    if row.failures >= most:
        return False
    row.failures += 1
    row.save()
    return True
