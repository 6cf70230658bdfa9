"""What an administrator does with the log-ins of others."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import joint, rules, standing
from gongzhi.foundation.people.facts import LoginChanged, SecondFactorChanged
from gongzhi.foundation.people.models import RecoveryCode, SecondFactor, User
from gongzhi.foundation.people.operations import _tries
from gongzhi.foundation.people.operations._tokens import end_what_is_open
from gongzhi.foundation.people.operations.registry import give_login, register_person
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class NoLoginName(Refused):
    sentence = _("Give the name to sign in with: letters, digits, dashes and dots; no telephone number.")
    field = "username"


class NoPublicName(Refused):
    sentence = _("Give what others read, such as 经办岗 03.")
    field = "public_name"


class OwnLogin(Refused):
    sentence = _("This is your own log-in; another administrator must do it.")


class TakesTwo(Refused):
    sentence = _("Whoever holds this log-in may give posts and log-ins themselves: two people must do it. Ask for it, and let another confirm it.")


class ErasedAlready(Refused):
    sentence = _("The details of this person are erased; the log-in cannot be used again.")


def _new_password() -> str:
    """Return a password for once, easy to read aloud: four groups of four."""
    return "-".join("".join(secrets.choice(ALPHABET) for _letter in range(4)) for _group in range(4))


@operation
def employ(
    *, by: Actor, at: datetime, username: str, name: str, public_name: str, phone: str = "", kind: str = "staff", must_use_second_factor: bool = True,
) -> tuple[User, str]:  # fmt: skip
    """Register one of the town's staff (or a firm's contact) and give them a log-in; return it with its first password, which is shown this once."""
    ensure(rules.may_give_login)
    username = username.strip()
    if (
        not username
        or len(username) > 60
        or not all(letter.isalnum() or letter in "-._" for letter in username)
        or re.fullmatch(r"\W*[0-9]+", username)
        or username.startswith("phone-")
    ):
        raise NoLoginName
    if not public_name.strip():
        raise NoPublicName
    person = register_person(by=by, at=at, kind=kind, name=name, public_name=public_name.strip(), phone=phone)
    password = _new_password()
    user = give_login(by=by, at=at, person_id=person.pk, username=username, password=password, must_use_second_factor=must_use_second_factor)
    record(LoginChanged(subject=ref(user), change="made"))
    return user, password


def _others(by: Actor, user_id: int) -> User:
    """Fetch and lock somebody else's log-in; ask whether the actor may change it."""
    user = User.objects.select_for_update(of=("self",)).select_related("person").get(pk=user_id)
    ensure(rules.may_give_login)
    if by.user_id == user_id or (by.person_id is not None and by.person_id == user.person_id):
        raise OwnLogin
    if user.person is not None and user.person.erased_at is not None:
        raise ErasedAlready
    return user


@operation
def lock_login(*, by: Actor, at: datetime, user_id: int) -> User:
    """Lock a log-in: it cannot sign in, its sessions and tokens are of no use from this moment."""
    user = _others(by, user_id)
    user.is_active = False
    user.session_version += 1
    user.save(update_fields=["is_active", "session_version"])
    end_what_is_open(user, at)
    record(LoginChanged(subject=ref(user), change="locked"))
    return user


@operation
def unlock_login(*, by: Actor, at: datetime, user_id: int) -> User:
    """Unlock a log-in; what made it wait after failed tries is forgotten too."""
    user = _others(by, user_id)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _tries.forget([user.username, f"second:{user.pk}"])
    record(LoginChanged(subject=ref(user), change="unlocked"))
    return user


@operation
def end_sessions(*, by: Actor, at: datetime, user_id: int) -> User:
    """Sign a log-in out everywhere; its tokens end too."""
    user = User.objects.select_for_update().get(pk=user_id)
    ensure(rules.may_end_sessions, user_id)
    user.session_version += 1
    user.save(update_fields=["session_version"])
    end_what_is_open(user, at)
    record(LoginChanged(subject=ref(user), change="sessions ended"))
    return user


def _alone(by: Actor, user: User, at: datetime) -> None:
    """Refuse one person alone where the log-in would give them critical abilities."""
    if by.kind == "person" and standing.critical(user.person_id, at):
        raise TakesTwo


@operation
def reset_second_factor(*, by: Actor, at: datetime, user_id: int) -> User:
    """Take away the second factor of somebody who has lost telephone and recovery codes; where it is a duty they set it up anew at the next sign-in."""
    user = _others(by, user_id)
    _alone(by, user, at)
    return _without_factor(user, at)


def _without_factor(user: User, at: datetime) -> User:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    user.session_version += 1
    user.save(update_fields=["session_version"])
    end_what_is_open(user, at)
    record(SecondFactorChanged(subject=ref(user), change="off"))
    return user


@operation
def reset_password(*, by: Actor, at: datetime, user_id: int) -> tuple[User, str]:
    """Give a log-in a new password, which is shown this once; sessions and tokens end."""
    user = _others(by, user_id)
    _alone(by, user, at)
    return _with_new_password(user, at)


def _with_new_password(user: User, at: datetime) -> tuple[User, str]:
    password = _new_password()
    user.password = make_password(password)
    user.session_version += 1
    user.save(update_fields=["password", "session_version"])
    end_what_is_open(user, at)
    record(LoginChanged(subject=ref(user), change="password reset"))
    return user, password


def _reach(content: Mapping[str, Any], at: datetime) -> frozenset[str]:
    user = User.objects.get(pk=content["user_id"])
    return standing.critical(user.person_id, at)


def _words(content: Mapping[str, Any]) -> str:
    return User.objects.get(pk=content["user_id"]).username


joint.register(joint.JointAct(
    code="reset_password", title=_("Give a new password"), may=rules.may_give_login, reach=_reach, words=_words, shows=True,
    perform=lambda by, at, content: _with_new_password(_others(by, content["user_id"]), at),
))  # fmt: skip
joint.register(joint.JointAct(
    code="reset_second_factor", title=_("Take the second factor away"), may=rules.may_give_login, reach=_reach, words=_words,
    perform=lambda by, at, content: _without_factor(_others(by, content["user_id"]), at),
))  # fmt: skip
