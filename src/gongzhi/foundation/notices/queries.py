"""A person's notices."""

from django.db.models import QuerySet

from gongzhi.foundation.notices.models import Choice, Delivery, Device, Notice
from gongzhi.kernel.actors import Actor


def notices(*, seen_by: Actor, unread_only: bool = False) -> QuerySet[Notice]:
    """Return the reader's notices, newest first."""
    found = Notice.objects.visible_to(seen_by)
    return (found.unread() if unread_only else found).order_by("-made_at", "-pk")


def unread_count(*, seen_by: Actor) -> int:
    """Return how many notices the reader has not read, counted up to 100."""
    return Notice.objects.visible_to(seen_by).unread().order_by()[:100].count()


def choice(*, seen_by: Actor) -> Choice | None:
    """Return how the reader wants to hear of things, or None where they never said."""
    return Choice.objects.filter(person_id=seen_by.person_id or 0).first()


def devices(*, seen_by: Actor, person_id: int | None = None) -> list[Device]:
    """Return the devices of the reader (for the product itself: of this person) that are told by push, oldest first."""
    whose = person_id if seen_by.is_clock or seen_by.kind == "system" else seen_by.person_id
    return list(Device.objects.filter(person_id=whose or 0).order_by("pk"))


def deliveries(*, seen_by: Actor, failed_only: bool = False) -> QuerySet[Delivery]:
    """Return what is on its way out, newest first. Whoever asks: the page is for the administrator and shows no words of a notice."""
    found = Delivery.objects.select_related("notice", "notice__person")
    return (found.filter(state=Delivery.State.FAILED) if failed_only else found).order_by("-made_at", "-pk")


def delivery_for(*, seen_by: Actor, delivery_id: int) -> Delivery:
    """Return one delivery with its notice and person; raise Delivery.DoesNotExist. Whoever asks: the task that delivers, and the page of the administrator."""
    return Delivery.objects.select_related("notice", "notice__person").get(pk=delivery_id)


def address_of(*, seen_by: Actor, person_id: int) -> str:
    """Return the mail address that a person chose, or "". Whoever asks: the task that delivers."""
    return Choice.objects.filter(person_id=person_id).values_list("address", flat=True).first() or ""


def due_digests(*, seen_by: Actor) -> list[tuple[Choice, list[Notice]]]:
    """Return those who want one mail a day, each with the notices since their last one that they have not read. Whoever asks: the task that delivers."""
    found = []
    for wish in Choice.objects.filter(mail=Choice.Mail.DAILY).exclude(address="").select_related("person"):
        fresh = Notice.objects.filter(person_id=wish.person_id).unread()
        if wish.last_digest_at is not None:
            fresh = fresh.filter(made_at__gt=wish.last_digest_at)
        told = list(fresh.order_by("made_at")[:100])
        if told:
            found.append((wish, told))
    return found
