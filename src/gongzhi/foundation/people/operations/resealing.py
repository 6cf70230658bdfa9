"""Personal fields under a new key, in batches that may be cut off at any point."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.foundation.people import hashing, resealing, rules, sealing
from gongzhi.foundation.people.facts import FieldsResealed, HashKeysKept
from gongzhi.foundation.people.models import HashKey, Person, User
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town


@operation
def keep_hash_keys(*, by: Actor, at: datetime) -> int:
    """Keep the town's hash keys sealed, so that hashes made under them are found when their field key is gone; return how many are new."""
    ensure(rules.may_reseal)
    wanted = {sealing.key_name(key): hashing.derived(key) for key in sealing.field_keys()}
    known = set(HashKey.objects.values_list("name", flat=True))
    if hashing.BEFORE in known and not any(name.startswith(f"{hashing.BEFORE}:") for name in known):
        wanted |= hashing.before()
    fresh = [
        HashKey(town_id=current_town(), name=name, sealed_secret=sealing.seal(base64.b64encode(secret).decode(), "hash-key"), made_at=at)
        for name, secret in wanted.items() if name not in known
    ]  # fmt: skip
    HashKey.objects.bulk_create(fresh, ignore_conflicts=True)
    forget(hashing.REMEMBERED)
    record(HashKeysKept(subject=f"territory.town:{current_town()}", count=len(fresh)))
    return len(fresh)


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of one batch: how many rows were sealed anew, which could not be opened, and the last row looked at."""

    resealed: int
    unopened: tuple[int, ...]
    last_pk: int


@operation
def reseal_batch(*, by: Actor, at: datetime, model_label: str, after_pk: int = 0, most: int = 200) -> Batch:
    """Seal up to `most` rows of a table anew under the first key, those behind `after_pk`; what none of the keys opens stays as it is.

    Rows that somebody is changing are left for the next run. For people the hashes by which they are found are made anew too.
    """
    ensure(rules.may_reseal)
    model = resealing.table(model_label)
    waiting = resealing.waiting(model).filter(pk__gt=after_pk).order_by("pk").select_for_update(skip_locked=True, of=("self",))[:most]
    unopened, resealed, last_pk = [], 0, after_pk
    for row in waiting:
        last_pk = row.pk
        try:
            changed = _reseal(row)
        except (sealing.CannotOpen, binascii.Error, ValueError):
            unopened.append(row.pk)
            continue
        if isinstance(row, Person):
            changed += _hash_anew(row)
        row.save(update_fields=changed)
        resealed += 1
    record(FieldsResealed(subject=f"territory.town:{current_town()}", table=model_label, count=resealed, unopened=len(unopened)))
    return Batch(resealed, tuple(unopened), last_pk)


def _reseal(row: Any) -> list[str]:
    """Seal the row's columns anew; return their names."""
    changed = []
    for column, field in type(row).SEALED.items():
        value = getattr(row, column)
        if not value:
            continue
        fresh = sealing.seal_text(sealing.unseal_text(value, field), field) if isinstance(value, str) else sealing.seal(sealing.unseal(value, field), field)
        setattr(row, column, fresh)
        changed.append(column)
    return changed


def _hash_anew(person: Person) -> list[str]:
    """Make the hashes of a person's number anew, and of the log-in whose name is one."""
    plain = sealing.plain_phone(sealing.unseal(person.phone_sealed, "phone"))
    if not plain:
        return []
    person.phone_hash = hashing.keyed_hash(plain, "phone")
    name = hashing.login_name(plain)
    for user in User.objects.filter(person=person, username__in=hashing.login_names(plain)):
        fresh = name + user.username.partition(".")[1] + user.username.partition(".")[2]
        if user.username != fresh and not User.objects.filter(username=fresh).exists():
            user.username = fresh
            user.save(update_fields=["username"])
    return ["phone_hash"]
