"""People and log-ins."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from gongzhi.foundation.people import hashing, resealing, sealing
from gongzhi.foundation.people.models import ApiToken, OutsideIdentity, Person, SecondFactor, User
from gongzhi.kernel.actors import Actor


def person_for(*, seen_by: Actor, person_id: int) -> Person:
    """Return a person; raise Person.DoesNotExist."""
    return Person.objects.get(pk=person_id)


def person_by_phone(*, seen_by: Actor, phone: str) -> Person | None:
    """Return the person with this phone number, the first registered one, or None."""
    wanted = sealing.plain_phone(phone)
    if not wanted:
        return None
    return Person.objects.filter(phone_hash__in=hashing.keyed_hashes(wanted, "phone"), erased_at__isnull=True).order_by("pk").first()


def user_by_name(*, seen_by: Actor, username: str) -> User | None:
    """Return the log-in of this name in the present town, or None."""
    return User.objects.select_related("person").filter(username=username).first()


def masked(*, seen_by: Actor, person: Person) -> dict[str, str]:
    """Return a person's name and phone number as pages may show them."""
    return {
        "name": sealing.masked_name(sealing.unseal(person.name_sealed, "name")) or person.public_name,
        "phone": sealing.masked_phone(sealing.unseal(person.phone_sealed, "phone")),
    }


def user_for(*, seen_by: Actor, user_id: int) -> User:
    """Return a log-in; raise User.DoesNotExist."""
    return User.objects.select_related("person").get(pk=user_id)


def second_factor(*, seen_by: Actor, user_id: int) -> SecondFactor | None:
    """Return a log-in's second factor if it is on, or None."""
    return SecondFactor.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()


def tokens(*, seen_by: Actor) -> QuerySet[ApiToken]:
    """Return the reader's own tokens, newest first."""
    return ApiToken.objects.filter(user_id=seen_by.user_id or 0).order_by("-made_at", "-pk")


def token_for(*, seen_by: Actor, presented: str, at: datetime) -> ApiToken | None:
    """Return the token that a program presents if it may be used now, with its log-in; else None."""
    found = ApiToken.objects.select_related("user").filter(token_hash__in=hashing.keyed_hashes(presented, "token")).first()
    return found if found is not None and found.holds(at) and found.user.is_active else None


def user_by_identity(*, seen_by: Actor, issuer: str, identity: str) -> User | None:
    """Return the log-in that is linked to an identity at an OpenID provider, or None."""
    found = OutsideIdentity.objects.select_related("user", "user__person").filter(issuer=issuer, identity=identity).first()
    return found.user if found is not None and found.user.is_active else None


@dataclass(frozen=True, slots=True)
class KeyState:
    """What depends on a field key in the present town; `name` is "" for values without a head, which may be under any key."""

    name: str
    is_first: bool
    is_known: bool
    values: int
    hashes_kept: bool

    @property
    def may_be_taken_away(self) -> bool:
        """Return whether nothing of this town needs the key any more."""
        return self.is_known and not self.is_first and self.values == 0 and self.hashes_kept


def key_states(*, seen_by: Actor) -> list[KeyState]:
    """Return what depends on each field key: those of the setting in their order, then any other that values name."""
    counted: dict[str, int] = {}
    for held in resealing.held():
        counted[held.key] = counted.get(held.key, 0) + held.count
    known = [sealing.key_name(key) for key in sealing.field_keys()]
    aside = hashing.kept()
    before = hashing.BEFORE not in aside or any(name.startswith(f"{hashing.BEFORE}:") for name in aside)
    unmarked = counted.get("", 0)
    states = [
        KeyState(name=name, is_first=place == 0, is_known=True, values=counted.get(name, 0) + (unmarked if place else 0), hashes_kept=name in aside and before)
        for place, name in enumerate(known)
    ]  # fmt: skip
    strange = {name: number for name, number in counted.items() if name not in known}
    return states + [KeyState(name=name, is_first=False, is_known=False, values=number, hashes_kept=False) for name, number in strange.items()]
