"""Proving a telephone number: a code is sent to it and typed back."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import hashing, rules, sealing
from gongzhi.foundation.people.facts import PhoneCodeMade, PhoneCodeTried
from gongzhi.foundation.people.models import Person, PhoneCode
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

LASTS = timedelta(minutes=10)
PAUSE = timedelta(seconds=60)
MOST_A_DAY = 5
MOST_TRIES = 5


class NoPhone(Refused):
    sentence = _("No phone number is kept about you.")


class ProvedAlready(Refused):
    sentence = _("Your number is proved already.")


class TooSoon(Refused):
    sentence = _("A code was sent just now. Wait a minute before you ask for another.")


class TooManyCodes(Refused):
    sentence = _("Too many codes were asked for today. Please try again tomorrow.")


def _digest(person_id: int, code: str) -> str:
    return f"{person_id}:{code}"


@operation
def ask_phone_code(*, by: Actor, at: datetime) -> PhoneCode:
    """Make a code for the number kept about oneself; it is sent by whoever hears of PhoneCodeMade, and replaces one made before.

    Six digits, good for ten minutes and five tries; one a minute, five a day for a person and for a number.
    """
    ensure(rules.may_prove_phone)
    person = Person.objects.select_for_update().get(pk=by.person_id or 0)
    phone = sealing.unseal(person.phone_sealed, "phone")
    if not phone:
        raise NoPhone
    if person.phone_proved_at is not None:
        raise ProvedAlready
    hashes = hashing.phone_hashes(phone, "phone")
    lately = PhoneCode.objects.filter(made_at__gt=at - timedelta(days=1))
    if lately.filter(person=person, made_at__gt=at - PAUSE).exists():
        raise TooSoon
    if lately.filter(person=person).count() >= MOST_A_DAY or lately.filter(phone_hash__in=hashes).count() >= MOST_A_DAY:
        raise TooManyCodes
    PhoneCode.objects.filter(person=person, used_at__isnull=True, expires_at__gt=at).update(expires_at=at, sealed_code=b"")
    code = f"{secrets.randbelow(10**6):06d}"
    made = PhoneCode.objects.create(
        town_id=current_town(), person=person, phone_hash=hashes[0], code_hash=hashing.keyed_hash(_digest(person.pk, code), "phone-code"),
        sealed_code=sealing.seal(code, "phone-code"), made_at=at, expires_at=at + LASTS,
    )  # fmt: skip
    record(PhoneCodeMade(subject=ref(person), code_id=made.pk))
    return made


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a typed code: proved, or how many tries are left (0: ask for another)."""

    is_proved: bool
    tries_left: int = 0


@operation
def prove_phone(*, by: Actor, at: datetime, code: str) -> Tried:
    """Take the code that was sent; the number is proved by it, and is then nobody else's. Wrong ones are counted, so this returns instead of refusing."""
    ensure(rules.may_prove_phone)
    person = Person.objects.select_for_update().get(pk=by.person_id or 0)
    kept = PhoneCode.objects.select_for_update().filter(person=person, used_at__isnull=True, expires_at__gt=at).order_by("-made_at").first()
    if kept is None or kept.tries >= MOST_TRIES:
        record(PhoneCodeTried(subject=ref(person), outcome="spent"))
        return Tried(False)
    typed = re.sub("[^0-9]", "", numbers.narrow(code))
    if bytes(kept.code_hash) not in hashing.keyed_hashes(_digest(person.pk, typed), "phone-code") or bytes(kept.phone_hash) not in _hashes_of(person):
        kept.tries += 1
        if kept.tries >= MOST_TRIES:
            kept.sealed_code = b""
        kept.save(update_fields=["tries", "sealed_code"])
        record(PhoneCodeTried(subject=ref(person), outcome="wrong"))
        return Tried(False, MOST_TRIES - kept.tries)
    kept.used_at, kept.sealed_code = at, b""
    kept.save(update_fields=["used_at", "sealed_code"])
    Person.objects.filter(phone_hash__in=_hashes_of(person), phone_proved_at__isnull=False).exclude(pk=person.pk).update(phone_proved_at=None)
    person.phone_proved_at = at
    person.save(update_fields=["phone_proved_at"])
    record(PhoneCodeTried(subject=ref(person), outcome="proved"))
    return Tried(True)


def _hashes_of(person: Person) -> list[bytes]:
    return hashing.phone_hashes(sealing.unseal(person.phone_sealed, "phone"), "phone")


@operation
def note_code_sent(*, by: Actor, at: datetime, code_id: int, failed: bool = False) -> PhoneCode:
    """Write down that a code has gone out, or that it could not; then its text is kept no longer."""
    ensure(rules.may_send_codes)
    code = PhoneCode.objects.select_for_update().get(pk=code_id)
    code.sealed_code = b""
    code.sent_at, code.failed_at = (code.sent_at, at) if failed else (at, None)
    code.save(update_fields=["sealed_code", "sent_at", "failed_at"])
    record(PhoneCodeTried(subject=f"people.person:{code.person_id}", outcome="failed" if failed else "sent"))
    return code
