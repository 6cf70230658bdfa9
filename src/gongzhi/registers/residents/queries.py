"""The residents' register as its readers may see it. Sealed values leave here masked; in the open they are shown by an operation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.memory import remember
from gongzhi.registers.record import queries as record
from gongzhi.registers.record import scope
from gongzhi.registers.record.fields import Hit
from gongzhi.registers.residents import finding, numbers, values
from gongzhi.registers.residents.models import CareTag, ControlTag, Duplicate, Dwelling, Household, Membership, Resident, Visit

MOST = 50


# ---- finding --------------------------------------------------------------------------------------------------------
def _people(seen_by: Actor) -> "QuerySet[Resident]":
    return Resident.objects.visible_to(seen_by).standing().select_related("dwelling__area")


def find_by_number(*, seen_by: Actor, number: str) -> list[Resident]:
    """Return whom a document's number belongs to, nobody where it is none. Numbers without their document are tried as each."""
    try:
        hashes = number_hashes(seen_by=seen_by, number=number)
    except numbers.BadNumber:
        return []
    return list(_people(seen_by).filter(number_hash__in=hashes)[:MOST])


def nationalities(*, seen_by: Actor) -> tuple[str, ...]:
    """Return the nationalities that the register knows, by which passports are looked for. Whoever asks: names of countries."""

    def find() -> tuple[str, ...]:
        return tuple(Resident.objects.exclude(nationality="").order_by("nationality").values_list("nationality", flat=True).distinct()[:300])

    return remember("residents.nationalities", find)


def number_hashes(*, seen_by: Actor, number: str) -> list[bytes]:
    """Return the hashes by which a number is looked for, whatever document it may be of; raise BadNumber. Whoever asks: hashes of what they know."""
    is_of_a_country = numbers.kind_of(numbers.plain(number)) not in ("id_card", "hmt_residence", "foreign_residence")
    return finding.any_number_hashes(number, nationalities(seen_by=seen_by) if is_of_a_country else ())


def find_by_name(*, seen_by: Actor, name: str, birth: date | None = None, most: int = MOST) -> list[Resident]:
    """Return the people of a whole name, those of a birth where one is given, the oldest first."""
    found = _people(seen_by).filter(name_hash__in=finding.name_hashes(name))
    return list((found.filter(birth=birth) if birth else found).order_by("birth", "pk")[:most])


def find_by_phone(*, seen_by: Actor, phone: str) -> list[Resident]:
    """Return whose telephone a number is."""
    return list(_people(seen_by).filter(phone_hash__in=finding.phone_hashes(phone))[:MOST]) if phone.strip() else []


def find_dwellings(*, seen_by: Actor, text: str, most: int = MOST) -> list[Dwelling]:
    """Return the dwellings whose address holds the text, the whole address first."""
    key = values.address_key(text)
    if len(key) < 2:
        return []
    seen = Dwelling.objects.visible_to(seen_by).select_related("area")
    exact = list(seen.filter(address_key=key))
    return exact or list(seen.filter(address_key__contains=key).order_by("address_key")[:most])


def resident_for(*, seen_by: Actor, resident_id: int) -> Resident:
    """Return somebody whom the reader may see, those merged into another too; raise Resident.DoesNotExist."""
    return Resident.objects.visible_to(seen_by).select_related("dwelling__area", "merged_into").get(pk=resident_id)


def resident_of_account(*, seen_by: Actor, person_id: int | None) -> Resident | None:
    """Return the record that is linked to an account, or None; for its owner, and for who keeps the register."""
    if person_id is None:
        return None
    return Resident.objects.visible_to(seen_by).select_related("dwelling__area").filter(person_id=person_id).first()


def masked(*, seen_by: Actor, resident: Resident) -> dict[str, str]:
    """Return somebody's name, number and telephone as pages may show them. Whoever asks: what comes back is masked."""
    return {
        "name": sealing.masked_name(sealing.unseal(resident.name_sealed, finding.SEALED_AS["name"])),
        "number": numbers.masked(sealing.unseal(resident.number_sealed, finding.SEALED_AS["number"])),
        "phone": sealing.masked_phone(sealing.unseal(resident.phone_sealed, finding.SEALED_AS["phone"])),
    }


# ---- one person -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Value:
    """One value as a page shows it, with where it comes from (None: from before statements were kept)."""

    code: str
    title: Any
    text: str
    origin: record.Origin | None
    is_sealed: bool = False


def _shown(code: str, resident: Resident, is_own: bool, home: Membership | None) -> str:
    if code in values.SEALED:
        plain = sealing.unseal(getattr(resident, f"{code}_sealed"), finding.SEALED_AS[code])
        if code == "number":
            return numbers.masked(plain)
        if code == "phone":
            return sealing.masked_phone(plain)
        return plain if is_own else sealing.masked_name(plain) if code == "name" else "•••" if plain else ""
    if code in ("document", "sex", "standing"):
        return str(getattr(resident, f"{code}_word"))
    if code == "address":
        return str(resident.dwelling) if resident.dwelling else ""
    if code == "relation":
        return str(home.relation_word) if home else ""
    if code == "household":
        return home.household.number if home else ""
    if code == "since":
        return home.starts_on.isoformat() if home else ""
    if code == "tenure":
        return str(resident.dwelling.tenure_word) if resident.dwelling else ""
    value = getattr(resident, code, "")
    return value.isoformat() if isinstance(value, date) else str(value or "")


SHOWN = (
    "name", "document", "number", "sex", "birth", "nationality", "ethnicity", "standing", "phone", "origin", "address", "tenure", "since", "household",
    "relation", "left_on", "died_on",
)  # fmt: skip


def record_of(*, seen_by: Actor, resident: Resident) -> list[Value]:
    """Return what the register holds of somebody, each with its origin: to the person themselves in words, to others with sealed fields masked."""
    is_own = seen_by.person_id is not None and seen_by.person_id == resident.person_id
    told = record.origins(seen_by=seen_by, register="residents", subject_ids=_ids(resident))
    home = Membership.objects.visible_to(seen_by).present().filter(resident=resident).select_related("household").first()
    found = []
    for code in SHOWN:
        text = _shown(code, resident, is_own, home)
        if text:
            found.append(Value(code, values.BY_CODE[code].title, text, told.get(code), code in values.SEALED))
    return found


def _ids(resident: Resident) -> list[int]:
    """Return the ids under which statements of somebody stand: their own, and those of records merged into it."""
    return [resident.pk, *Resident.objects.filter(merged_into=resident).values_list("pk", flat=True)]


def history_of(*, seen_by: Actor, resident: Resident) -> list[tuple[str, Any, str, record.Origin]]:
    """Return every value ever told, (field, title, text, origin), newest first; sealed fields masked for all but the person."""
    is_own = seen_by.person_id is not None and seen_by.person_id == resident.person_id
    found = []
    for code, origin in record.history(seen_by=seen_by, register="residents", subject_ids=_ids(resident)):
        one = values.BY_CODE.get(code)
        if one is None:
            continue
        text = origin.value
        if code == "number":
            text = numbers.masked(text)
        elif code == "phone":
            text = sealing.masked_phone(text)
        elif code in values.SEALED and not is_own:
            text = sealing.masked_name(text) if code == "name" else "•••"
        elif one.choices:
            text = str(dict(one.choices).get(text, text))
        found.append((code, one.title, text, origin))
    return found


def looks_at(*, seen_by: Actor, resident: Resident) -> "QuerySet[Any]":
    """Return who looked at somebody's sealed fields, newest first."""
    return record.looks(seen_by=seen_by, register="residents", subject_ids=_ids(resident))


def homes_of(*, seen_by: Actor, resident: Resident) -> "QuerySet[Membership]":
    """Return where somebody has lived, with the households, the present home first."""
    return (
        Membership.objects.visible_to(seen_by).filter(resident_id__in=_ids(resident))
        .select_related("household__dwelling__area").order_by("-starts_on", "-pk")
    )  # fmt: skip


def care_of(*, seen_by: Actor, resident: Resident, on: date) -> "QuerySet[CareTag]":
    """Return the tags of care that the reader may see of somebody, those that hold on the day."""
    return CareTag.objects.visible_to(seen_by).on(on).filter(resident=resident).order_by("starts_on", "pk")  # type: ignore[attr-defined, no-any-return]


def control_of(*, seen_by: Actor, resident: Resident, on: date) -> "QuerySet[ControlTag]":
    """Return the tags of control that the reader may see of somebody, those that hold on the day."""
    return ControlTag.objects.visible_to(seen_by).on(on).filter(resident=resident).order_by("starts_on", "pk")  # type: ignore[attr-defined, no-any-return]


def tags_to_review(*, seen_by: Actor, room: str, on: date) -> "QuerySet[Any]":
    """Return the tags of a room that should have been looked at again by the day."""
    model = CareTag if room == "care" else ControlTag
    return model.objects.visible_to(seen_by).on(on).filter(review_on__lte=on).select_related("resident").order_by("review_on", "pk")  # type: ignore[attr-defined, no-any-return]


# ---- homes ----------------------------------------------------------------------------------------------------------
def dwelling_for(*, seen_by: Actor, dwelling_id: int) -> Dwelling:
    """Return a dwelling; raise Dwelling.DoesNotExist."""
    return Dwelling.objects.visible_to(seen_by).select_related("area").get(pk=dwelling_id)


def household_for(*, seen_by: Actor, household_id: int) -> Household:
    """Return a household with its dwelling; raise Household.DoesNotExist."""
    return Household.objects.visible_to(seen_by).select_related("dwelling__area").get(pk=household_id)


def households_of(*, seen_by: Actor, dwelling: Dwelling) -> list[Household]:
    """Return the households of a dwelling, present ones first, each with `people`: its present members, the head first."""
    members = Membership.objects.visible_to(seen_by).present().select_related("resident").order_by("starts_on", "pk")
    found = Household.objects.visible_to(seen_by).filter(dwelling=dwelling).prefetch_related(Prefetch("memberships", members, to_attr="people"))
    listed = list(found.order_by("-ended_on", "pk"))
    for household in listed:
        household.people.sort(key=lambda one: one.relation != "head")
    return [*(one for one in listed if one.people), *(one for one in listed if not one.people)]


def members_of(*, seen_by: Actor, household: Household) -> "QuerySet[Membership]":
    """Return everybody who belongs or belonged to a household, present members first."""
    return Membership.objects.visible_to(seen_by).filter(household=household).select_related("resident").order_by("-ends_on", "starts_on", "pk")


def visits_to(*, seen_by: Actor, dwelling: Dwelling) -> "QuerySet[Visit]":
    """Return the visits to a dwelling, newest first."""
    return Visit.objects.visible_to(seen_by).filter(dwelling=dwelling).order_by("-visited_at", "-pk")


# ---- duplicates -----------------------------------------------------------------------------------------------------
def duplicates(*, seen_by: Actor, state: str = "open") -> "QuerySet[Duplicate]":
    """Return the pairs that may be one person, newest first."""
    found = Duplicate.objects.visible_to(seen_by).filter(state=state) if state else Duplicate.objects.visible_to(seen_by)
    return found.select_related("one__dwelling", "other__dwelling").order_by("-found_at", "-pk")


def duplicate_for(*, seen_by: Actor, duplicate_id: int) -> Duplicate:
    """Return a pair; raise Duplicate.DoesNotExist."""
    return Duplicate.objects.visible_to(seen_by).select_related("one__dwelling", "other__dwelling").get(pk=duplicate_id)


# ---- figures and the field ------------------------------------------------------------------------------------------
def figures(*, seen_by: Actor) -> dict[str, int]:
    """Return how many people live here, dwellings, households and pairs to be looked at, within what the reader may see."""
    people = Resident.objects.visible_to(seen_by).standing().filter(left_on__isnull=True, died_on__isnull=True)
    return {
        "people": people.count(), "dwellings": Dwelling.objects.visible_to(seen_by).filter(ended_on__isnull=True).count(),
        "households": Household.objects.visible_to(seen_by).filter(memberships__ends_on__isnull=True, memberships__isnull=False).distinct().count(),
        "duplicates": duplicates(seen_by=seen_by).count(),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldHome:
    """A dwelling as a grid worker takes it along, with who lives there."""

    dwelling: Dwelling
    people: Sequence[dict[str, Any]]
    visited_at: datetime | None


def field_pack(*, seen_by: Actor, after: int = 0, most: int = 500) -> list[FieldHome]:
    """Return the dwellings of the reader's own grids after an id, with their people as a telephone may keep them: masked, without numbers.

    `seen` is the newest statement of each, by which a visit says what it knew.
    """
    reach = scope.sees(seen_by, "residents")
    if reach == ():
        return []
    homes = list(Dwelling.objects.visible_to(seen_by).filter(pk__gt=after, ended_on__isnull=True).select_related("area").order_by("pk")[:most])
    members = list(
        Membership.objects.present().filter(household__dwelling__in=homes, resident__merged_into__isnull=True)
        .select_related("resident", "household").order_by("household_id", "pk")
    )  # fmt: skip
    newest = record.newest_statements(seen_by=seen_by, register="residents", subject_ids=[one.resident_id for one in members])
    last = dict(
        Visit.objects.filter(dwelling__in=homes).order_by("dwelling_id", "-visited_at").distinct("dwelling_id").values_list("dwelling_id", "visited_at")
    )
    by_home: dict[int, list[dict[str, Any]]] = {}
    for one in members:
        by_home.setdefault(one.household.dwelling_id, []).append(
            {
                "resident_id": one.resident_id,
                "household_id": one.household_id,
                "relation": one.relation,
                "seen": newest.get(one.resident_id, 0),
                "sex": one.resident.sex,
                "birth": one.resident.birth,
                "standing": one.resident.standing,
                **masked(seen_by=seen_by, resident=one.resident),
            }
        )
    return [FieldHome(home, by_home.get(home.pk, ()), last.get(home.pk)) for home in homes]


def today(*, seen_by: Actor, at: datetime) -> date:
    """Return the day in the town."""
    return territory.day_of(seen_by=seen_by, at=at)


def search(*, seen_by: Actor, text: str) -> tuple[list[Resident], list[Dwelling]]:
    """Return whom and which dwellings a text means: a number of a document, a telephone, a name (with a birth), or an address."""
    text = text.strip()[:120]
    words = text.split()
    if len(words) == 2:
        try:
            return find_by_name(seen_by=seen_by, name=words[0], birth=values.day(words[1])), []
        except ValueError:
            pass
    plain = numbers.plain(text)
    people: list[Resident] = []
    if any(letter.isdigit() for letter in plain) and len(plain) >= 7 and plain.isascii():
        people = find_by_number(seen_by=seen_by, number=text) or find_by_phone(seen_by=seen_by, phone=text)
    elif text and not any(letter.isdigit() for letter in text):
        people = find_by_name(seen_by=seen_by, name=text)
    return people, [] if people else find_dwellings(seen_by=seen_by, text=text)


def hits(*, seen_by: Actor, text: str) -> list[Hit]:
    """Return what a text means as the search page of the registers shows it."""
    people, homes = search(seen_by=seen_by, text=text)
    found = []
    for one in people:
        shown = masked(seen_by=seen_by, resident=one)
        note = " · ".join(str(part) for part in (one.sex_word, one.birth, shown["number"], one.dwelling) if part)
        found.append(Hit(shown["name"], note, f"/registers/residents/{one.pk}/", "user", one.chip, one.state_word, one.icon))
    return found + [
        Hit(one.address, " · ".join(str(part) for part in (one.area, one.tenure_word) if part), f"/registers/dwellings/{one.pk}/", "house") for one in homes
    ]


def tag_kinds(*, room: str, seen_by: Actor = ANYONE) -> list[tuple[str, Any]]:
    """Return the tags that a room knows, (code, words). Whoever asks: a list of words that names nobody."""
    return list((CareTag if room == "care" else ControlTag).KIND_WORDS.items())


def looks_since(*, seen_by: Actor, resident: Resident, at: datetime) -> dict[str, int]:
    """Return how often somebody's sealed fields were looked at within the last year, and by how many units."""
    found = list(looks_at(seen_by=seen_by, resident=resident).filter(at__gt=at - timedelta(days=365)).values_list("organ_id", flat=True))
    return {"looks": len(found), "organs": len(set(found))}


def subject_rows(*, seen_by: Actor, on: date, ids: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """Return who lives here on a day as criteria compare them (foundation/criteria, subject "resident"), each with its "id".

    What no register holds (income, occupation, disability) is left out, so that criteria say that it is missing.
    """
    found = Resident.objects.visible_to(seen_by).standing().filter(Q(left_on__isnull=True) | Q(left_on__gt=on), Q(died_on__isnull=True) | Q(died_on__gt=on))
    if ids is not None:
        found = found.filter(pk__in=ids)
    above = {area.pk: area.code for area in territory.present_areas(seen_by=seen_by)}
    homes = Membership.objects.visible_to(seen_by).present()
    mine = homes if ids is None else homes.filter(resident_id__in=ids)
    home_of = {one: (household, since) for one, household, since in mine.values_list("resident_id", "household_id", "starts_on")}
    count = homes if ids is None else homes.filter(household_id__in={household for household, _since in home_of.values()})
    size_of = dict(count.order_by().values("household_id").annotate(n=Count("pk")).values_list("household_id", "n"))
    lying: dict[str, frozenset[str]] = {}
    rows = []
    for pk, birth, sex, standing, path in found.order_by("pk").values_list("pk", "birth", "sex", "standing", "dwelling__area__path"):
        if path and path not in lying:
            lying[path] = frozenset(above[int(one)] for one in path.split(".") if int(one) in above)
        household, since = home_of.get(pk, (None, None))
        size = size_of.get(household) if household is not None else None
        rows.append({
            "id": pk, "birth": birth, "sex": {"1": "male", "2": "female"}.get(sex), "registered": standing == "registered" if standing else None,
            "since": since, "areas": lying.get(path or ""), "household_size": size, "lives_alone": None if size is None else size == 1,
        })  # fmt: skip
    return rows


def accounts_of(*, seen_by: Actor, resident_ids: Sequence[int]) -> dict[int, int]:
    """Return the account of each of these residents who has linked one, as persons."""
    found = Resident.objects.visible_to(seen_by).standing().filter(pk__in=resident_ids, person__isnull=False)
    return dict(found.values_list("pk", "person_id"))


def names_of(*, seen_by: Actor, resident_ids: Sequence[int]) -> dict[int, str]:
    """Return the masked names of residents. Whoever asks: what comes back is masked, of people whose ids they were shown."""
    found = Resident.objects.filter(pk__in=resident_ids).values_list("pk", "name_sealed")
    return {pk: sealing.masked_name(sealing.unseal(name, finding.SEALED_AS["name"])) for pk, name in found}
