"""The firms' register as its readers may see it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.registers.firms import codes, values
from gongzhi.registers.firms.models import Firm, FirmContact, FirmFigure
from gongzhi.registers.record import queries as record
from gongzhi.registers.record.fields import Hit

MOST = 50


def firms(*, seen_by: Actor) -> QuerySet[Firm]:
    """Return the firms that the reader may see, by name."""
    return Firm.objects.visible_to(seen_by).select_related("park", "area").order_by("name", "pk")


def firm_for(*, seen_by: Actor, firm_id: int) -> Firm:
    """Return a firm; raise Firm.DoesNotExist."""
    return Firm.objects.visible_to(seen_by).select_related("park", "area", "organ").get(pk=firm_id)


def firm_of_organ(*, seen_by: Actor, organ_id: int) -> Firm | None:
    """Return the firm whose organ this is, or None."""
    return Firm.objects.visible_to(seen_by).filter(organ_id=organ_id).first()


def own_codes(*, seen_by: Actor) -> "QuerySet[Any]":
    """Return the codes of the firms in which the actor serves, as a question to be asked within another."""
    return Firm.objects.filter(organ_id__in=sorted(seen_by.organ_ids)).exclude(code="").values("code")


def is_in_register(*, seen_by: Actor, organ_id: int) -> bool:
    """Return whether an organ's firm stands in the register under the organ's name."""
    organ = organs.organ_for(seen_by=seen_by, organ_id=organ_id)
    return any(name[:80] == organ.name for name in Firm.objects.visible_to(seen_by).filter(organ_id=organ_id).values_list("name", flat=True))


def gone_before(*, seen_by: Actor, organ_id: int, day: date) -> Firm | None:
    """Return the firm of an organ if it had left or closed by the day, else None."""
    return Firm.objects.visible_to(seen_by).filter(Q(left_on__lte=day) | Q(closed_on__lte=day), organ_id=organ_id).first()


def find_by_code(*, seen_by: Actor, code: str) -> Firm | None:
    """Return the firm with a unified social credit code, or None."""
    try:
        return Firm.objects.visible_to(seen_by).select_related("park", "area").filter(code=codes.read(code)).first()
    except codes.BadCode:
        return None


def find_by_name(*, seen_by: Actor, name: str, most: int = MOST) -> list[Firm]:
    """Return the firms of a whole name, else those whose name begins with it or holds it."""
    key = values.name_key(name)
    if not key:
        return []
    seen = Firm.objects.visible_to(seen_by).select_related("park", "area")
    exact = list(seen.filter(name_key=key)[:most])
    return exact or list(seen.filter(name_key__contains=key).order_by("name", "pk")[:most])


def search(*, seen_by: Actor, text: str) -> list[Firm]:
    """Return the firms that a text means: a code, or a name."""
    by_code = find_by_code(seen_by=seen_by, code=text)
    return [by_code] if by_code is not None else find_by_name(seen_by=seen_by, name=text)


def origins_of(*, seen_by: Actor, firm: Firm) -> dict[str, record.Origin]:
    """Return where each present value of a firm comes from."""
    return record.origins(seen_by=seen_by, register="firms", subject_ids=[firm.pk])


def record_of(*, seen_by: Actor, firm: Firm) -> list[tuple[str, Any, str, record.Origin | None]]:
    """Return what the register holds of a firm: (field, title, text, origin)."""
    told = origins_of(seen_by=seen_by, firm=firm)
    found = []
    for one in values.FIELDS:
        if one.sealed or one.code in ("longitude", "latitude"):
            continue
        value = getattr(firm, one.code)
        text = str(firm.size_word) if one.code == "size" else firm.industry_words if one.code == "industry" else "" if value is None else str(value)
        if text:
            found.append((one.code, one.title, text, told.get(one.code)))
    return found


def history_of(*, seen_by: Actor, firm: Firm) -> list[tuple[str, Any, str, record.Origin]]:
    """Return every value ever told of a firm, newest first; of contacts masked."""
    found = []
    for code, origin in record.history(seen_by=seen_by, register="firms", subject_ids=[firm.pk]):
        one = values.BY_CODE.get(code)
        if one is None:
            continue
        text = str(dict(one.choices).get(origin.value, origin.value))
        if one.sealed:
            text = sealing.masked_name(text) if code == "contact_name" else sealing.masked_phone(text)
        found.append((code, one.title, text, origin))
    return found


def contacts_of(*, seen_by: Actor, firm: Firm) -> list[tuple[FirmContact, str, str]]:
    """Return who speaks for a firm now, (contact, name, telephone): masked, for their numbers are shown by an operation."""
    return [
        (
            one,
            sealing.masked_name(sealing.unseal(one.name_sealed, "firm-contact-name")),
            sealing.masked_phone(sealing.unseal(one.phone_sealed, "firm-contact-phone")),
        )
        for one in FirmContact.objects.filter(firm__in=Firm.objects.visible_to(seen_by), firm=firm, ends_on__isnull=True).order_by("role")
    ]


def figures_of(*, seen_by: Actor, firm: Firm) -> QuerySet[FirmFigure]:
    """Return a firm's present figures, newest period first."""
    return FirmFigure.objects.filter(firm__in=Firm.objects.visible_to(seen_by), firm=firm, is_current=True).order_by("-starts_on", "measure")


def looks_at(*, seen_by: Actor, firm: Firm) -> QuerySet[Any]:
    """Return who was shown values of a firm, for what, newest first."""
    return record.looks(seen_by=seen_by, register="firms", subject_ids=Firm.objects.visible_to(seen_by).filter(pk=firm.pk).values_list("pk", flat=True))


def parks(*, seen_by: Actor) -> list[tuple[int, str]]:
    """Return the parks and communities to choose from, (id, name)."""
    return [(area.pk, area.name) for area in territory.present_areas(seen_by=seen_by) if area.level in ("park", "community")]


def today(*, seen_by: Actor, at: datetime) -> date:
    """Return the day in the town."""
    return territory.day_of(seen_by=seen_by, at=at)


def hits(*, seen_by: Actor, text: str) -> list[Hit]:
    """Return what a text means as the search page of the registers shows it."""
    return [
        Hit(
            str(one),
            " · ".join(part for part in (one.code, one.industry_words, str(one.park or "")) if part),
            f"/registers/firms/{one.pk}/",
            "building-2",
            one.chip,
            one.state_word,
            one.icon,
        )
        for one in search(seen_by=seen_by, text=text)
    ]


def lacking(*, seen_by: Actor, firm: Firm, told: Mapping[str, str]) -> dict[str, str]:
    """Return what another register tells of a firm that can be and that this one does not have yet. Whoever asks: it is theirs already."""
    read = values.read({name: text for name, text in told.items() if text and not getattr(firm, name)}, date.max)
    return {name: told[name] for name in read.values}
