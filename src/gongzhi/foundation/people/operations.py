"""Acts on people and log-ins."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import rules, sealing
from gongzhi.foundation.people.facts import (
    IdentityLinked,
    LoginGiven,
    PasswordChanged,
    PersonErased,
    PersonRegistered,
    SealedFieldShown,
    SecondFactorChanged,
    SignInTried,
    TokenIssued,
    TokenRevoked,
)
from gongzhi.foundation.people.models import ApiToken, Attempt, OutsideIdentity, Person, RecoveryCode, SealedLook, SecondFactor, User
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


SEALED = ("name", "phone", "identity")


@operation
def register_person(*, by: Actor, at: datetime, kind: str, public_name: str = "", name: str = "", phone: str = "", identity: str = "", email: str = "",
                    language: str = "") -> Person:  # fmt: skip
    """Register a person with as little as is needed; name, phone and identity are sealed."""
    ensure(rules.may_register)
    plain = sealing.plain_phone(phone)
    if phone.strip() and not (5 <= len(plain) <= 20 and plain.isdigit()):
        raise BadPhone
    person = Person.objects.create(
        town_id=current_town(), kind=kind, public_name=(public_name or sealing.masked_name(name) or sealing.masked_phone(plain))[:40],
        name_sealed=sealing.seal(name.strip(), "name"), phone_sealed=sealing.seal(plain, "phone"), identity_sealed=sealing.seal(identity.strip(), "identity"),
        phone_hash=sealing.keyed_hash(plain, "phone") if plain else b"", email=email.strip(), language=language,
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
    person.public_name = "—"
    person.erased_at = at
    person.save()
    for user in User.objects.select_for_update().filter(person=person):
        user.is_active, user.password, user.username = False, "!", f"erased-{user.pk}"
        user.save(update_fields=["is_active", "password", "username"])
        SecondFactor.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        OutsideIdentity.objects.filter(user=user).delete()
        ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at)
    record(PersonErased(subject=ref(person)))
    return person


# ---- signing in -----------------------------------------------------------------------------------------------------
FREE_TRIES = 5
FREE_TRIES_OF_ADDRESS = 30
LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)
_NOBODY = "nobody has this log-in"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What came of a try: the log-in, or nothing, or a wait."""

    user: User | None = None
    wait_until: datetime | None = None


def _rows(username: str, address: str) -> list[tuple[bytes, int]]:
    return [(sealing.keyed_hash(username.lower(), "sign-in name"), FREE_TRIES), (sealing.keyed_hash(address, "sign-in address"), FREE_TRIES_OF_ADDRESS)]


def _waiting(rows: list[tuple[bytes, int]], at: datetime) -> datetime | None:
    found = Attempt.objects.filter(of__in=[of for of, _free in rows], wait_until__gt=at).order_by("-wait_until").first()
    return found.wait_until if found else None


def _count_failure(rows: list[tuple[bytes, int]], at: datetime) -> datetime | None:
    """Count a failure for the name and the address; return until when one must wait now, if at all."""
    longest = None
    for of, free in rows:
        attempt, _made = Attempt.objects.select_for_update().get_or_create(town_id=current_town(), of=of, defaults={"last_at": at})
        if at - attempt.last_at > FORGOTTEN_AFTER:
            attempt.failures = 0
        attempt.failures += 1
        attempt.last_at = at
        if attempt.failures >= free:
            attempt.wait_until = at + min(LONGEST_WAIT, timedelta(seconds=30 * 2 ** min(attempt.failures - free, 10)))
            longest = max(longest or attempt.wait_until, attempt.wait_until)
        attempt.save()
    return longest


@operation
def try_password(*, by: Actor, at: datetime, username: str, password: str, address: str) -> SignIn:
    """Check a name and a password. Failures bring a growing wait, for the name and for the address; a refusal tells
    nothing of whether the name exists. Returns what came of it instead of refusing, so that the count is kept.
    """
    ensure(rules.may_try)
    username = sealing.login_name(username)
    rows = _rows(username, address)
    wait = _waiting(rows, at)
    if wait is not None:
        record(SignInTried(subject="people.user:0", outcome="waiting"))
        return SignIn(wait_until=wait)
    user = User.objects.select_related("person").filter(username=username, is_active=True).first()
    holds = check_password(password, user.password) if user else (make_password(_NOBODY + password[:64]), False)[1]
    if user is None or not holds:
        record(SignInTried(subject=f"people.user:{user.pk if user else 0}", outcome="failed"))
        return SignIn(wait_until=_count_failure(rows, at))
    Attempt.objects.filter(of=rows[0][0]).delete()
    record(SignInTried(subject=ref(user), outcome="passed"))
    return SignIn(user=user)


@operation
def try_second_factor(*, by: Actor, at: datetime, user_id: int, code: str, address: str) -> SignIn:
    """Check a time code (each step once) or a recovery code (once at all) of whoever has passed the password."""
    ensure(rules.may_try)
    rows = _rows(f"second:{user_id}", address)
    wait = _waiting(rows, at)
    if wait is not None:
        record(SignInTried(subject=f"people.user:{user_id}", outcome="waiting"))
        return SignIn(wait_until=wait)
    user = User.objects.select_related("person").get(pk=user_id, is_active=True)
    if _holds_second_factor(user, code, at):
        Attempt.objects.filter(of=rows[0][0]).delete()
        record(SignInTried(subject=ref(user), outcome="passed"))
        return SignIn(user=user)
    record(SignInTried(subject=ref(user), outcome="failed"))
    return SignIn(wait_until=_count_failure(rows, at))


def _plain_code(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _holds_second_factor(user: User, code: str, at: datetime) -> bool:
    plain = _plain_code(code)
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        return False
    if plain.isdigit() and len(plain) == 6:
        return _use_step(factor, plain, at)
    kept = RecoveryCode.objects.select_for_update().filter(user=user, code_hash=sealing.keyed_hash(plain, "recovery"), used_at__isnull=True).first()
    if kept is None:
        return False
    kept.used_at = at
    kept.save(update_fields=["used_at"])
    return True


def _use_step(factor: SecondFactor, code: str, at: datetime) -> bool:
    """Take a code of the present half minute or of one beside it, but never of a step that was used."""
    secret = sealing.unseal(factor.sealed_secret, "totp")
    present = int(at.timestamp()) // 30
    for step in (present, present - 1, present + 1):
        if step > factor.last_step and pyotp.TOTP(secret).verify(code, for_time=step * 30, valid_window=0):
            factor.last_step = step
            factor.save(update_fields=["last_step"])
            return True
    return False


class WrongPassword(Refused):
    sentence = _("The present password is not right.")
    field = "present"


class WrongCode(Refused):
    sentence = _("This code is not right, or it was used already; wait for the next one.")
    field = "code"


class MustStay(Refused):
    sentence = _("Your log-in needs a second factor; it cannot be turned off.")


class NothingBegun(Refused):
    sentence = _("Begin the set-up again.")


@operation
def change_password(*, by: Actor, at: datetime, user_id: int, present: str, password: str) -> User:
    """Change one's own password; other sessions of the log-in end with it."""
    user = User.objects.select_for_update().get(pk=user_id)
    ensure(rules.may_change_login, user_id)
    if not check_password(present, user.password):
        raise WrongPassword
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(why=" ".join(error.messages)) from error
    user.password = make_password(password)
    user.save(update_fields=["password"])
    record(PasswordChanged(subject=ref(user)))
    return user


@operation
def begin_second_factor(*, by: Actor, at: datetime, user_id: int) -> str:
    """Make a new secret for time codes; it counts only when a code of it has been shown. Returns the secret, base32."""
    ensure(rules.may_change_login, user_id)
    secret = pyotp.random_base32()
    factor, _made = SecondFactor.objects.select_for_update().get_or_create(
        town_id=current_town(), user_id=user_id, defaults={"sealed_secret": sealing.seal(secret, "totp")}
    )
    if not factor.is_on:
        factor.sealed_secret = sealing.seal(secret, "totp")
        factor.save(update_fields=["sealed_secret"])
    record(SecondFactorChanged(subject=f"people.user:{user_id}", change="begun"))
    return sealing.unseal(factor.sealed_secret, "totp")


@operation
def confirm_second_factor(*, by: Actor, at: datetime, user_id: int, code: str) -> list[str]:
    """Turn the second factor on with a first code; return eight recovery codes, which are shown this once."""
    ensure(rules.may_change_login, user_id)
    factor = SecondFactor.objects.select_for_update().filter(user_id=user_id).first()
    if factor is None:
        raise NothingBegun
    if not _use_step(factor, _plain_code(code), at):
        raise WrongCode
    factor.confirmed_at = at
    factor.save(update_fields=["confirmed_at"])
    RecoveryCode.objects.filter(user_id=user_id).delete()
    codes = ["".join(secrets.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _place in range(10)) for _code in range(8)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(town_id=current_town(), user_id=user_id, code_hash=sealing.keyed_hash(made, "recovery")) for made in codes
    )
    record(SecondFactorChanged(subject=f"people.user:{user_id}", change="on"))
    return [f"{made[:5]}-{made[5:]}" for made in codes]


@operation
def remove_second_factor(*, by: Actor, at: datetime, user_id: int, present: str) -> User:
    """Turn the second factor off, with the password."""
    user = User.objects.select_for_update().get(pk=user_id)
    ensure(rules.may_change_login, user_id)
    if user.must_use_second_factor:
        raise MustStay
    if not check_password(present, user.password):
        raise WrongPassword
    SecondFactor.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()
    record(SecondFactorChanged(subject=ref(user), change="off"))
    return user


@operation
def register_resident(*, by: Actor, at: datetime, phone: str, name: str, password: str, language: str = "") -> User:
    """Let a resident make a log-in of their own. They sign in by their phone number, which is kept as a keyed hash only."""
    ensure(rules.may_register_self)
    plain = sealing.plain_phone(phone)
    if not (7 <= len(plain) <= 20 and plain.isdigit()):
        raise BadPhone
    username = sealing.login_name(plain)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [username, current_town()])
    if User.objects.filter(username=username).exists():
        raise NameTaken(field="phone")
    person = register_person(by=by, at=at, kind=Person.Kind.RESIDENT, name=name, phone=plain, language=language)
    try:
        validate_password(password)
    except ValidationError as error:
        raise WeakPassword(why=" ".join(error.messages)) from error
    user = User.objects.create(town_id=current_town(), username=username, person=person, password=make_password(password), created_at=at)
    record(LoginGiven(subject=ref(person), user_id=user.pk))
    return user


@operation
def link_identity(*, by: Actor, at: datetime, issuer: str, identity: str, user_id: int | None = None, name: str = "") -> User:
    """Link an identity at an OpenID provider to one's own log-in, or make a resident's log-in for it."""
    if user_id is None:
        ensure(rules.may_try)
    else:
        ensure(rules.may_change_login, user_id)
    known = OutsideIdentity.objects.select_related("user", "user__person").filter(issuer=issuer, identity=identity).first()
    if known is not None:
        record(SignInTried(subject=ref(known.user), outcome="passed"))
        return known.user
    if user_id is None:
        person = register_person(by=by, at=at, kind=Person.Kind.RESIDENT, name=name)
        made = hashlib.sha256(f"{issuer} {identity}".encode()).hexdigest()[:16]
        unusable = make_password(None)
        user = User.objects.create(town_id=current_town(), username=f"id-{made}", person=person, password=unusable, created_at=at)
    else:
        user = User.objects.select_related("person").get(pk=user_id)
    OutsideIdentity.objects.create(town_id=current_town(), user=user, issuer=issuer[:200], identity=identity[:200], linked_at=at)
    record(IdentityLinked(subject=ref(user), issuer=issuer))
    return user


# ---- tokens ---------------------------------------------------------------------------------------------------------
SCOPES = ("cases:read", "cases:write", "reports:write", "sensing:read", "sensing:write", "ledger:read", "town:read", "town:write")


class NoScopes(Refused):
    sentence = _("Choose what the program may do.")
    field = "scopes"


class NoTitle(Refused):
    sentence = _("Say which program it is for.")
    field = "title"


@operation
def issue_token(*, by: Actor, at: datetime, title: str, scopes: Iterable[str], days: int = 365) -> tuple[ApiToken, str]:
    """Issue a token for a program that acts for oneself; return it with its text, which is shown this once."""
    ensure(rules.may_change_login, by.user_id or 0)
    assert by.user_id is not None, "a token belongs to a log-in"
    if not title.strip():
        raise NoTitle
    chosen = sorted(set(scopes) & set(SCOPES))
    if not chosen:
        raise NoScopes
    text = f"gz_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        town_id=current_town(), user_id=by.user_id, title=title.strip()[:60], token_hash=sealing.keyed_hash(text, "token"), scopes=chosen, made_at=at,
        expires_at=at + timedelta(days=max(1, min(days, 3650))),
    )  # fmt: skip
    record(TokenIssued(subject=ref(token), scopes=tuple(chosen)))
    return token, text


@operation
def revoke_token(*, by: Actor, at: datetime, token_id: int) -> ApiToken:
    """Revoke one of one's own tokens at once."""
    token = ApiToken.objects.select_for_update().get(pk=token_id, user_id=by.user_id or 0)
    ensure(rules.may_change_login, token.user_id)
    token.revoked_at = token.revoked_at or at
    token.save(update_fields=["revoked_at"])
    record(TokenRevoked(subject=ref(token)))
    return token
