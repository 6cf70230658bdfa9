"""The firms' register as its readers may see it."""

from collections.abc import Iterable, Mapping
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


def subject_rows(*, seen_by: Actor, on: date, ids: Iterable[int] | None = None) -> list[dict[str, Any]]:
    """Return the firms that are in business on a day as criteria compare them (foundation/criteria, subject "firm"), each with its "id".

    A figure is that of the last year told of that is over; people employed are those of the period told of last. What no register holds is left out.
    """
    found = Firm.objects.visible_to(seen_by).filter(Q(left_on__isnull=True) | Q(left_on__gt=on), Q(closed_on__isnull=True) | Q(closed_on__gt=on))
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    above = {area.pk: area for area in territory.present_areas(seen_by=seen_by)}
    lying: dict[str, frozenset[str]] = {}
    figures = _figures(seen_by, on, None if ids is None else list(ids))
    rows = []
    for pk, founded, moved_in, industry, size, area, park in found.order_by("pk").values_list(
        "pk", "registered_on", "moved_in_on", "industry", "size", "area__path", "park__path"
    ):
        path = f"{area or ''} {park or ''}"
        if path not in lying:
            lying[path] = frozenset(above[int(one)].code for one in path.replace(".", " ").split() if int(one) in above)
        rows.append({
            "id": pk, "founded": founded, "moved_in": moved_in, "industry": values.division(industry) or None, "size": size or None,
            "areas": lying[path] or None, **figures.get(pk, {}),
        })  # fmt: skip
    return rows


def _figures(seen_by: Actor, on: date, ids: list[int] | None) -> dict[int, dict[str, Any]]:
    """Return of each firm the figures by which criteria decide, by the codes of their fields."""
    told = FirmFigure.objects.filter(is_current=True, starts_on__lte=on, measure__in=values.OF_CRITERIA)
    told = told.filter(firm__in=Firm.objects.visible_to(seen_by)) if ids is None else told.filter(firm_id__in=ids, firm__in=Firm.objects.visible_to(seen_by))
    newest = told.filter(Q(measure="staff") | Q(period="year", starts_on__lt=date(on.year, 1, 1)))
    found: dict[int, dict[str, Any]] = {}
    for firm_id, measure, amount in newest.order_by("firm_id", "measure", "-starts_on", "-pk").distinct("firm_id", "measure").values_list(
        "firm_id", "measure", "amount"
    ):  # fmt: skip
        found.setdefault(firm_id, {})[values.OF_CRITERIA[measure]] = int(amount) if amount == int(amount) else amount
    return found


def people_of(*, seen_by: Actor, firm_ids: Iterable[int], on: date) -> dict[int, list[int]]:
    """Return who holds a post in each firm's organ on a day, as persons."""
    organs_of = dict(Firm.objects.visible_to(seen_by).filter(pk__in=list(firm_ids)).values_list("organ_id", "pk"))
    found: dict[int, list[int]] = {}
    for organ_id, person_id in organs.posts(seen_by=seen_by, on=on).filter(organ_id__in=list(organs_of)).values_list("organ_id", "person_id"):
        found.setdefault(organs_of[organ_id], []).append(person_id)
    return found


def names_of(*, seen_by: Actor, firm_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of firms. Whoever asks: which firms there are is public in law (《企业信息公示暂行条例》第六条)."""
    return {one.pk: str(one) for one in Firm.objects.filter(pk__in=list(firm_ids)).only("name", "name_en")}
