"""People and log-ins."""

from datetime import datetime

from django.db.models import QuerySet

from gongzhi.foundation.people import sealing
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
    return Person.objects.filter(phone_hash=sealing.keyed_hash(wanted, "phone"), erased_at__isnull=True).order_by("pk").first()


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
    found = ApiToken.objects.select_related("user").filter(token_hash=sealing.keyed_hash(presented, "token")).first()
    return found if found is not None and found.holds(at) and found.user.is_active else None


def user_by_identity(*, seen_by: Actor, issuer: str, identity: str) -> User | None:
    """Return the log-in that is linked to an identity at an OpenID provider, or None."""
    found = OutsideIdentity.objects.select_related("user", "user__person").filter(issuer=issuer, identity=identity).first()
    return found.user if found is not None and found.user.is_active else None
