"""People and log-ins."""

from gongzhi.foundation.people import sealing
from gongzhi.foundation.people.models import Person, User
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
