"""Passwords, second factors, identities at an OpenID provider."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp
from django.contrib.auth.hashers import check_password, is_password_usable, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import hashing, openid, rules, sealing
from gongzhi.foundation.people.facts import IdentityLinked, IdentityUnlinked, PasswordChanged, SecondFactorChanged, SignInTried
from gongzhi.foundation.people.models import OutsideIdentity, Person, RecoveryCode, SecondFactor, User
from gongzhi.foundation.people.operations import _tries
from gongzhi.foundation.people.operations._second_factor import holds_second_factor, plain_code, use_step
from gongzhi.foundation.people.operations._tokens import end_what_is_open
from gongzhi.foundation.people.operations.registry import WeakPassword, register_person
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

NO_PASSWORD = "!"  # noqa: S105 - what Django keeps for a log-in that no password opens


@dataclass(frozen=True, slots=True)
class SignIn:
    """What came of a try: the log-in, or nothing, and with it perhaps a wait before the next."""

    user: User | None = None
    wait_until: datetime | None = None


class MustWait(Refused):
    """Nothing is tried, counted or written down before a moment: a thousand tries make a handful of entries."""

    sentence = _("Too many tries. Please wait about %(minutes)d minutes and try again.")

    def __init__(self, until: datetime, at: datetime) -> None:
        super().__init__(minutes=max(1, round((until - at).total_seconds() / 60)))
        self.until = until


def _of_device(user: User | None, devices: Sequence[tuple[int, str]]) -> str:
    """Return the device that this log-in came in on before, of those that the browser has shown, or ""."""
    return next((device for user_id, device in devices if user is not None and user_id == user.pk), "")


@operation
def try_password(*, by: Actor, at: datetime, username: str, password: str, address: str, devices: Sequence[tuple[int, str]] = ()) -> SignIn:
    """Check a name and a password; raise MustWait. Failures bring a growing wait for the name at this address (or on this device); a
    refusal tells nothing of whether the name exists. Returns what came of a try instead of refusing, so that the count is kept.

    `devices`: on which log-ins came in on this browser before, as (log-in, device).
    """
    ensure(rules.may_try)
    names = hashing.login_names(username)
    order = {name: place for place, name in enumerate(names)}
    users = sorted(User.objects.select_related("person").filter(username__in=names, is_active=True), key=lambda user: order[user.username])
    device = next((found for found in (_of_device(user, devices) for user in users) if found), "")
    _tries.lock(names[0].lower(), device or address)
    counted = _tries.counts(names[0], address, device, at)
    wait = _tries.waiting(counted, at)
    if wait is not None:
        raise MustWait(wait, at)
    user = _tries.which(password, users, hashing.MOST_OF_NUMBER if len(names) > 1 else 1)
    if user is None:
        record(SignInTried(subject=f"people.user:{users[0].pk if users else 0}", outcome="failed"))
        return SignIn(wait_until=_tries.failed(counted, at))
    _tries.passed(counted, at)
    record(SignInTried(subject=ref(user), outcome="passed"))
    return SignIn(user=user)


@operation
def try_second_factor(*, by: Actor, at: datetime, user_id: int, code: str, address: str, devices: Sequence[tuple[int, str]] = ()) -> SignIn:
    """Check a time code (each step once) or a recovery code (once at all) of whoever has passed the password; counted as passwords are."""
    ensure(rules.may_try)
    user = User.objects.select_related("person").get(pk=user_id, is_active=True)
    device, name = _of_device(user, devices), f"second:{user_id}"
    _tries.lock(name, device or address)
    counted = _tries.counts(name, address, device, at)
    wait = _tries.waiting(counted, at)
    if wait is not None:
        raise MustWait(wait, at)
    if holds_second_factor(user, code, at):
        _tries.passed(counted, at)
        record(SignInTried(subject=ref(user), outcome="passed"))
        return SignIn(user=user)
    record(SignInTried(subject=ref(user), outcome="failed"))
    return SignIn(wait_until=_tries.failed(counted, at))


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
    """Change one's own password; other sessions and all tokens of the log-in end with it."""
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
    end_what_is_open(user, at)
    record(PasswordChanged(subject=ref(user)))
    return user


@operation
def begin_second_factor(*, by: Actor, at: datetime, user_id: int, keep: bool = False) -> str:
    """Make a new secret for time codes; it counts only when a code of it has been shown. Returns the secret, base32.

    `keep`: give the secret again that was begun before, for whoever has scanned it already and mistyped its code.
    """
    ensure(rules.may_change_login, user_id)
    secret = pyotp.random_base32()
    factor, _made = SecondFactor.objects.select_for_update().get_or_create(
        town_id=current_town(), user_id=user_id, defaults={"sealed_secret": sealing.seal(secret, "totp")}
    )
    if not factor.is_on and not keep:
        factor.sealed_secret = sealing.seal(secret, "totp")
        factor.save(update_fields=["sealed_secret"])
    record(SecondFactorChanged(subject=f"people.user:{user_id}", change="shown_again" if keep else "begun"))
    return sealing.unseal(factor.sealed_secret, "totp")


@operation
def confirm_second_factor(*, by: Actor, at: datetime, user_id: int, code: str) -> list[str]:
    """Turn the second factor on with a first code; return eight recovery codes, which are shown this once."""
    ensure(rules.may_change_login, user_id)
    factor = SecondFactor.objects.select_for_update().filter(user_id=user_id).first()
    if factor is None:
        raise NothingBegun
    if not use_step(factor, plain_code(code), at):
        raise WrongCode
    factor.confirmed_at = at
    factor.save(update_fields=["confirmed_at"])
    RecoveryCode.objects.filter(user_id=user_id).delete()
    codes = ["".join(secrets.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _place in range(10)) for _code in range(8)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(town_id=current_town(), user_id=user_id, code_hash=hashing.keyed_hash(made, "recovery")) for made in codes
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


class LinkedElsewhere(Refused):
    sentence = _("This identity belongs to another log-in here. Sign in with it, or unlink it there first.")


class LastWayIn(Refused):
    sentence = _("This is your last way to sign in. Link another identity first, or ask for your details to be erased.")


@operation
def link_identity(*, by: Actor, at: datetime, issuer: str, identity: str, user_id: int | None = None, name: str = "") -> User:
    """Link an identity at an OpenID provider to one's own log-in, or make a resident's log-in for it."""
    if user_id is None:
        ensure(rules.may_try)
    else:
        ensure(rules.may_change_login, user_id)
    known = OutsideIdentity.objects.select_related("user", "user__person").filter(issuer=issuer, identity=identity).first()
    if known is not None:
        if user_id is not None and known.user_id != user_id:
            raise LinkedElsewhere
        record(SignInTried(subject=ref(known.user), outcome="passed"))
        return known.user
    if user_id is None:
        person = register_person(by=by, at=at, kind=Person.Kind.RESIDENT, name=name)
        made = hashlib.sha256(f"{issuer} {identity}".encode()).hexdigest()[:16]
        user = User.objects.create(town_id=current_town(), username=f"id-{made}", person=person, password=NO_PASSWORD, created_at=at)
    else:
        user = User.objects.select_related("person").get(pk=user_id)
    OutsideIdentity.objects.create(town_id=current_town(), user=user, issuer=issuer[:200], identity=identity[:200], linked_at=at)
    record(IdentityLinked(subject=ref(user), issuer=issuer))
    return user


@operation
def unlink_identity(*, by: Actor, at: datetime, identity_id: int) -> User:
    """Take an identity away from one's own log-in, unless nothing else lets its owner in: a password, or another identity at the town's provider."""
    identity = OutsideIdentity.objects.get(pk=identity_id)
    ensure(rules.may_change_login, identity.user_id)
    user = User.objects.select_for_update().get(pk=identity.user_id)
    named = openid.provider(territory.town(seen_by=by).settings)
    others = OutsideIdentity.objects.filter(user=user, issuer=named.issuer).exclude(pk=identity.pk) if named else OutsideIdentity.objects.none()
    if not is_password_usable(user.password) and not others.exists():
        raise LastWayIn
    identity.delete()
    record(IdentityUnlinked(subject=ref(user), issuer=identity.issuer))
    return user
