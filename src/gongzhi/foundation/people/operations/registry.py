"""Who is known here: registering, log-ins, looks at sealed fields, erasure."""

import hashlib
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import hashing, rules, sealing
from gongzhi.foundation.people.facts import LoginGiven, PersonErased, PersonRegistered, SealedFieldShown, SignInTried
from gongzhi.foundation.people.models import OutsideIdentity, Person, PhoneCode, RecoveryCode, SealedLook, SecondFactor, User
from gongzhi.foundation.people.operations import _tries
from gongzhi.foundation.people.operations._tokens import end_what_is_open
from gongzhi.kernel import callers, numbers
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town


class NameTaken(Refused):
    sentence = _("This log-in name is taken.")
    field = "username"


class WeakPassword(Refused):
    sentence = _("%(why)s")
    field = "password"


class NoPurpose(Refused):
    sentence = _("Say for what you need it; the purpose is kept.")
    field = "purpose"


class NoSuchField(Refused):
    sentence = _("There is no such field.")
    field = "field"


class BadPhone(Refused):
    sentence = _("This is not a phone number; please check its digits.")
    field = "phone"


REGISTRATIONS_OF_NUMBER = 2  # a day
REGISTRATIONS_OF_ADDRESS = 20  # a day; a counter where people are helped stands behind one
SEALED = ("name", "phone", "identity")


@operation
def register_person(*, by: Actor, at: datetime, kind: str, public_name: str = "", name: str = "", phone: str = "", identity: str = "", email: str = "",
                    language: str = "") -> Person:  # fmt: skip
    """Register a person with as little as is needed; name, phone and identity are sealed."""
    ensure(rules.may_register)
    plain = sealing.plain_phone(phone)
    if phone.strip() and not numbers.telephone(phone):
        raise BadPhone
    person = Person.objects.create(
        town_id=current_town(), kind=kind, public_name=(public_name or sealing.masked_name(name) or sealing.masked_phone(plain))[:40],
        name_sealed=sealing.seal(name.strip(), "name"), phone_sealed=sealing.seal(plain, "phone"), identity_sealed=sealing.seal(identity.strip(), "identity"),
        phone_hash=hashing.keyed_hash(plain, "phone") if plain else b"", email=email.strip(), language=language, registered_at=at,
    )  # fmt: skip
    record(PersonRegistered(subject=ref(person), kind_of_person=kind))
    return person


@operation
def give_login(*, by: Actor, at: datetime, person_id: int, username: str, password: str, must_use_second_factor: bool = False) -> User:
    """Give a person a log-in; raise NameTaken, WeakPassword."""
    ensure(rules.may_give_login)
    if User.objects.filter(username=username).exists():
        raise NameTaken
    try:
        validate_password(password)
    except ValidationError as error:
        raise WeakPassword(why=" ".join(error.messages)) from error
    user = User.objects.create(
        town_id=current_town(), username=username, person_id=person_id, password=make_password(password),
        must_use_second_factor=must_use_second_factor, created_at=at,
    )  # fmt: skip
    record(LoginGiven(subject=f"people.person:{person_id}", user_id=user.pk))
    return user


@operation
def show_sealed(*, by: Actor, at: datetime, person_id: int, field: str, purpose: str) -> str:
    """Show a sealed field to somebody on duty; who looked, at what and for what stands in the ledger."""
    person = Person.objects.get(pk=person_id)
    ensure(rules.may_show_sealed)
    if field not in SEALED:
        raise NoSuchField
    if not purpose.strip():
        raise NoPurpose
    shown = sealing.unseal(getattr(person, f"{field}_sealed"), field)
    SealedLook.objects.create(town_id=current_town(), person=person, field=field, purpose=purpose.strip()[:200], by=by.ref, at=at)
    record(SealedFieldShown(subject=ref(person), field=field, purpose_hash=hashlib.sha256(purpose.strip().encode()).hexdigest()))
    return shown


@operation
def erase_person(*, by: Actor, at: datetime, person_id: int) -> Person:
    """Replace a person's own details by nothing; their cases and the proofs stay."""
    person = Person.objects.select_for_update().get(pk=person_id)
    ensure(rules.may_erase, person_id)
    person.name_sealed = person.phone_sealed = person.identity_sealed = person.phone_hash = b""
    person.email = ""
    person.phone_proved_at = None
    person.public_name = "—"
    person.erased_at = at
    person.save()
    for user in User.objects.select_for_update().filter(person=person):
        user.is_active, user.password, user.username = False, "!", f"erased-{user.pk}"
        user.save(update_fields=["is_active", "password", "username"])
        SecondFactor.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        OutsideIdentity.objects.filter(user=user).delete()
        end_what_is_open(user, at)
    SealedLook.objects.filter(person=person).update(purpose="")
    PhoneCode.objects.filter(person=person).delete()
    record(PersonErased(subject=ref(person)))
    return person


class TooManyRegistrations(Refused):
    sentence = _("Too many log-ins were asked for with this number or from here today. Please try again tomorrow, or ask at the town's counter.")


@operation
def register_resident(*, by: Actor, at: datetime, phone: str, name: str, password: str, language: str = "", address: str = "") -> User:
    """Let a resident make a log-in of their own. They sign in by their phone number, which is kept as a keyed hash only.

    That a number has a log-in already is told to nobody: whoever types it makes one of their own beside it, which their password tells
    from the others (nobody has proved a number by typing it); with the password of one of them, that one is returned. A number may be
    typed REGISTRATIONS_OF_NUMBER times a day, from one `address` REGISTRATIONS_OF_ADDRESS times.
    """
    ensure(rules.may_register_self)
    plain = sealing.plain_phone(phone)
    if not (numbers.telephone(phone) and 7 <= len(plain) <= 20):
        raise BadPhone
    try:
        validate_password(password)
    except ValidationError as error:
        raise WeakPassword(why=" ".join(error.messages)) from error
    username = hashing.login_name(plain)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [username, current_town()])
    if not _tries.may_still("register number", plain, REGISTRATIONS_OF_NUMBER, at):
        raise TooManyRegistrations
    if address and not _tries.may_still("register address", callers.group(address), REGISTRATIONS_OF_ADDRESS, at):
        raise TooManyRegistrations
    there = list(User.objects.select_related("person").filter(username__in=hashing.login_names(plain)))
    if len(there) >= hashing.MOST_OF_NUMBER:  # said in the words of the limit, and before the password is looked at
        raise TooManyRegistrations
    own = _tries.which(password, there, hashing.MOST_OF_NUMBER)
    if own is not None and own.is_active:
        record(SignInTried(subject=ref(own), outcome="passed"))
        return own
    taken = {user.username for user in there}
    free = [one for place in range(1, hashing.MOST_OF_NUMBER + 1) if (one := hashing.numbered(username, place)) not in taken]
    if own is not None or not free:  # a locked log-in is not left behind by making another
        raise TooManyRegistrations
    person = register_person(by=by, at=at, kind=Person.Kind.RESIDENT, name=name, phone=plain, language=language)
    user = User.objects.create(town_id=current_town(), username=free[0], person=person, password=make_password(password), created_at=at)
    record(LoginGiven(subject=ref(person), user_id=user.pk))
    return user
