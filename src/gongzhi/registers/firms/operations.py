"""Acts on the firms' register."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs import queries as organ_queries
from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import bulk
from gongzhi.kernel.actors import Actor, system
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record, retell
from gongzhi.kernel.towns import current_town
from gongzhi.registers.firms import rules, values
from gongzhi.registers.firms.facts import FirmChanged, FirmContactSet, FirmFigureTold, FirmRegistered, FirmsTaken
from gongzhi.registers.firms.models import Firm, FirmContact, FirmFigure
from gongzhi.registers.grants import queries as grant_queries
from gongzhi.registers.grants import rules as grant_rules
from gongzhi.registers.record import operations as record_operations
from gongzhi.registers.record import rules as record_rules
from gongzhi.registers.record.facts import RegisterLooked
from gongzhi.registers.record.fields import Read
from gongzhi.registers.record.mapping import FileMapping
from gongzhi.registers.record.operations import Fault, Ground, Told

REGISTER = system("registers")  # which gives each firm its organ
PLAIN = ("code", "name", "name_en", "industry", "size", "address", "longitude", "latitude", "legal_representative", *values.DAYS)
COLUMNS = ["name_key", "park", "area", *PLAIN]


class NoName(Refused):
    sentence = _("Give the firm's name.")
    field = "name"


class NoSuchPark(Refused):
    sentence = _("There is no park or community of this name.")
    field = "park"


class KnownAlready(Refused):
    sentence = _("This firm is registered already; change its record instead.")
    field = "code"


class CodeTaken(Refused):
    sentence = _("This code belongs to another firm of the register.")
    field = "code"


class SameName(Refused):
    sentence = _("Several firms have this name; give the unified social credit code.")
    field = "code"


class NothingChanged(Refused):
    sentence = _("Nothing of this is new.")


class FirmIsGone(Refused):
    sentence = _("The firm left or closed on %(day)s; nothing is told of it for a period after that.")
    field = "starts_on"


class NoSuchMeasure(Refused):
    sentence = _("Choose one of the measures, and a month, quarter or year that is over or runs.")
    field = "measure"


class NotNegative(Refused):
    sentence = _("An amount is nought or more.")
    field = "amount"


class NoSuchRole(Refused):
    sentence = _("Choose as what they speak for the firm.")
    field = "role"


class _Firms:
    """Firms as they are told, some or two thousand at a time: `load`, `take` each row, `save`."""

    def __init__(self, by: Actor, at: datetime, ground: Ground) -> None:
        self.by, self.at, self.ground = by, at, ground
        self.by_code: dict[str, Firm] = {}
        self.by_name: dict[str, list[Firm]] = {}
        self.made: list[Firm] = []
        self.touched: dict[int, Firm] = {}
        self.told: list[tuple[Firm, dict[str, str]]] = []
        self.contacts: list[tuple[Firm, Read]] = []
        self.parks = {area.name: area for area in territory.present_areas(seen_by=by) if area.level in ("park", "community")}
        self.parks |= {area.code: area for area in territory.present_areas(seen_by=by) if area.level in ("park", "community")}

    def load(self, reads: Sequence[Read]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('firms', %s))", [current_town()])
        known = {one.pk: one for one in Firm.objects.filter(code__in=[read.values["code"] for read in reads if "code" in read.values])}
        names = [values.name_key(read.values["name"]) for read in reads if "name" in read.values]
        known |= {one.pk: one for one in Firm.objects.filter(name_key__in=names) if one.pk not in known}
        for one in known.values():
            self.know(one)

    def know(self, one: Firm) -> None:
        if one.code:
            self.by_code[one.code] = one
        if one not in (alike := self.by_name.setdefault(one.name_key, [])):
            alike.append(one)

    def find(self, read: Read) -> Firm | None:
        """Return which firm is meant: by its code; by its name where that one has no code, or none is given."""
        code = read.values.get("code", "")
        if code in self.by_code:
            return self.by_code[code]
        alike = self.by_name.get(values.name_key(read.values.get("name", "")), [])
        if code:
            alike = [one for one in alike if not one.code]
        if len(alike) > 1:
            raise SameName
        return alike[0] if alike else None

    def take(self, read: Read, firm: Firm | None = None) -> str:
        known = firm or self.find(read)
        given = dict(read.values)
        if known is None and not given.get("name"):
            raise NoName
        if "park" in given:
            if given["park"] not in self.parks:
                raise NoSuchPark
            given["park"] = self.parks[given["park"]]
        one = known or Firm(town_id=current_town(), entered_at=self.at)
        told: dict[str, str] = {}
        for name in PLAIN:
            if name in given and getattr(one, name) != given[name]:
                setattr(one, name, given[name])
                told[name] = read.text(name)
        if "park" in given and one.park_id != given["park"].pk:
            one.park = given["park"]
            told["park"] = one.park.name
        if "name" in told:
            one.name_key = values.name_key(one.name)
        if {"longitude", "latitude"} & set(told) and one.longitude is not None and one.latitude is not None:
            one.area = territory.locate(seen_by=self.by, longitude=one.longitude, latitude=one.latitude)
        if given.get("contact_name"):
            told |= self.contact(one, read)
        if known is None:
            self.made.append(one)
            self.know(one)
        elif told:
            self.know(one)
            self.touched[id(one)] = one
        if told:
            self.told.append((one, told))
        return "added" if known is None else "changed" if told else "known"

    def contact(self, one: Firm, read: Read) -> dict[str, str]:
        name, phone = read.values["contact_name"], read.values.get("contact_phone", "")
        present = FirmContact.objects.filter(firm=one, role="liaison", ends_on__isnull=True).first() if one.pk else None
        is_same = present is not None and sealing.unseal(present.name_sealed, "firm-contact-name") == name
        if present is not None and is_same and (not phone or sealing.unseal(present.phone_sealed, "firm-contact-phone") == phone):
            return {}
        self.contacts.append((one, read))
        return {"contact_name": name} | ({"contact_phone": phone} if phone else {})

    def save(self) -> None:
        day = territory.day_of(seen_by=self.by, at=self.at)
        if self.made:
            made = organs.define_firms(
                by=REGISTER, at=self.at, firms=[organs.FirmOrgan(one.name[:80], one.name_en, one.code.lower(), one.park_id, _gone(one)) for one in self.made]
            )
            for one, organ in zip(self.made, made, strict=True):
                one.organ = organ
            bulk.insert_many(self.made)
        if touched := list(self.touched.values()):
            bulk.update_many(touched, COLUMNS)
            changed = {id(one) for one, told in self.told if not {"name", "name_en", "left_on", "closed_on", "park"}.isdisjoint(told)}
            renamed = [organs.FirmOrgan(one.name[:80], one.name_en, "", one.park_id, _gone(one), one.organ_id) for one in touched if id(one) in changed]
            if renamed:
                organs.define_firms(by=REGISTER, at=self.at, firms=renamed)
        for one, read in self.contacts:
            FirmContact.objects.filter(firm=one, role="liaison", ends_on__isnull=True).update(ends_on=day)
            FirmContact.objects.create(
                town_id=current_town(),
                firm=one,
                role="liaison",
                starts_on=day,
                name_sealed=sealing.seal(read.values["contact_name"], "firm-contact-name"),
                phone_sealed=sealing.seal(read.values.get("contact_phone", ""), "firm-contact-phone"),
            )
        record_operations.tell(by=self.by, at=self.at, register="firms", ground=self.ground, told=[Told(one.pk, told) for one, told in self.told])


def _gone(one: Firm) -> date | None:
    return min((day for day in (one.left_on, one.closed_on) if day is not None), default=None)


def _paths(one: Firm) -> list[str]:
    return [area.path for area in (one.area, one.park) if area is not None]


@operation
def register_firm(*, by: Actor, at: datetime, given: Mapping[str, str], source: str, basis: str, word: str = "paper") -> Firm:
    """Register a firm that is not known yet, by the fields of `values.FIELDS`, and give it its organ."""
    read = values.checked(given, territory.day_of(seen_by=by, at=at))
    batch = _Firms(by, at, Ground(source=source, basis=basis, word=word).checked())
    batch.load([read])
    if batch.find(read) is not None:
        raise KnownAlready
    batch.take(read)
    (one,) = batch.made
    ensure(rules.may_keep_firm, _paths(one))
    batch.save()
    record(FirmRegistered(subject=ref(one), organ_id=one.organ_id))
    return one


@operation
def change_firm(*, by: Actor, at: datetime, firm_id: int, given: Mapping[str, str], source: str, basis: str, word: str = "paper",
                answering: str = "") -> Firm:  # fmt: skip
    """Tell values of a firm anew; what they were stays in the history. With `left_on` or `closed_on` its organ gets no new cases from that day.

    `answering`: the field for which the actor's organ answers and which it puts right; else by who keeps this part of the register.
    """
    one = Firm.objects.select_for_update(of=("self",)).select_related("area", "park").get(pk=firm_id)
    if answering:
        ensure(grant_rules.may_correct, grant_queries.answers_for(seen_by=by, register="firms", field=answering) or 0)
    else:
        ensure(rules.may_keep_firm, _paths(one))
    days = {name: value.isoformat() for name in values.DAYS if (value := getattr(one, name)) is not None}
    read = values.checked(days | dict(given), territory.day_of(seen_by=by, at=at))
    if Firm.objects.filter(code=read.values.get("code", "-")).exclude(pk=one.pk).exists():
        raise CodeTaken
    batch = _Firms(by, at, Ground(source=source, basis=basis, word=word).checked())
    if batch.take(read, one) == "known":
        raise NothingChanged
    if not answering:
        ensure(rules.may_keep_firm, _paths(one))
    batch.save()
    record(FirmChanged(subject=ref(one), fields=tuple(sorted(batch.told[-1][1]))))
    return one


@operation
def set_contact(*, by: Actor, at: datetime, firm_id: int, role: str, name: str, phone: str = "", person_id: int | None = None) -> FirmContact:
    """Say who speaks for a firm as what from today; who did before stays in the history."""
    one = Firm.objects.select_for_update(of=("self",)).select_related("area", "park").get(pk=firm_id)
    ensure(rules.may_keep_firm, _paths(one))
    if role not in FirmContact.ROLE_WORDS:
        raise NoSuchRole
    if not name.strip():
        raise NoName
    plain = values.checked({"contact_phone": phone}, territory.day_of(seen_by=by, at=at)).values.get("contact_phone", "")
    day = territory.day_of(seen_by=by, at=at)
    FirmContact.objects.filter(firm=one, role=role, ends_on__isnull=True).update(ends_on=day)
    made = FirmContact.objects.create(
        town_id=current_town(),
        firm=one,
        role=role,
        person_id=person_id,
        starts_on=day,
        name_sealed=sealing.seal(name.strip()[:80], "firm-contact-name"),
        phone_sealed=sealing.seal(plain, "firm-contact-phone"),
    )
    record(FirmContactSet(subject=ref(one), role=role, is_ended=False))
    return made


@operation
def show_contact(*, by: Actor, at: datetime, contact_id: int, purpose: str) -> tuple[str, str]:
    """Show name and telephone of somebody who speaks for a firm to who keeps it; it is written down."""
    one = FirmContact.objects.select_related("firm__area", "firm__park").get(pk=contact_id)
    within = rules.may_keep_firm(by, _paths(one.firm))
    ensure(record_rules.may_look, within)
    record_operations.note_look(
        by=by,
        at=at,
        register="firms",
        subject=ref(one.firm),
        subject_id=one.firm_id,
        fields=["contact_name", "contact_phone"],
        purpose=purpose,
        is_within=within,
    )
    retell(RegisterLooked, lambda fact: fact)  # the look is this act's one fact
    return sealing.unseal(one.name_sealed, "firm-contact-name"), sealing.unseal(one.phone_sealed, "firm-contact-phone")


@operation
def tell_figure(*, by: Actor, at: datetime, firm_id: int, measure: str, period: str, starts_on: date, amount: Decimal, source: str, basis: str) -> FirmFigure:
    """Tell an amount of a firm for a period, in the measure's unit. The same again changes nothing; another amount is kept as a correction."""
    one = Firm.objects.select_for_update(of=("self",)).select_related("area", "park").get(pk=firm_id)
    ensure(rules.may_keep_firm, _paths(one))
    ground = Ground(source=source, basis=basis).checked()
    begins = {"month": True, "quarter": starts_on.month in (1, 4, 7, 10), "year": starts_on.month == 1}
    if measure not in values.MEASURES or not begins.get(period) or starts_on.day != 1 or starts_on > territory.day_of(seen_by=by, at=at):
        raise NoSuchMeasure
    if not amount.is_finite() or amount < 0 or amount >= 10**15:
        raise NotNegative
    if (gone := _gone(one)) is not None and starts_on >= gone:
        raise FirmIsGone(day=gone)
    present = FirmFigure.objects.filter(firm=one, measure=measure, period=period, starts_on=starts_on, is_current=True).first()
    if present is not None and present.amount == amount:
        record(FirmFigureTold(subject=ref(one), measure=measure, period=period, starts_on=starts_on))
        return present
    if present is not None:
        present.is_current = False
        present.save(update_fields=["is_current"])
    made = FirmFigure.objects.create(
        town_id=current_town(),
        firm=one,
        measure=measure,
        period=period,
        starts_on=starts_on,
        amount=amount,
        source=ground.source,
        basis=ground.basis,
        by=by.ref[:60],
        at=at,
    )
    record(FirmFigureTold(subject=ref(one), measure=measure, period=period, starts_on=starts_on))
    return made


@operation
def take_in_organs(*, by: Actor, at: datetime, organ_ids: Sequence[int]) -> int:
    """Give organs that are firms, and that no firm of the register has, their place in it; a name that was changed there is taken over."""
    ensure(rules.may_take_firms)
    known = {firm.organ_id: firm for firm in Firm.objects.select_for_update().filter(organ_id__in=organ_ids)}
    found = organ_queries.organs_by_id(seen_by=by, organ_ids=organ_ids)
    new, told = [], list[tuple[Firm, dict[str, str]]]()
    for organ in found.values():
        firm = known.get(organ.pk)
        if firm is None:
            firm = Firm(
                town_id=current_town(), organ=organ, name=organ.name, name_en=organ.name_en, name_key=values.name_key(organ.name), park_id=organ.area_id,
                closed_on=organ.closed_on, entered_at=at,
            )  # fmt: skip
            new.append(firm)
            told.append((firm, {"name": organ.name}))
        elif firm.name[:80] != organ.name:
            firm.name, firm.name_key = organ.name, values.name_key(organ.name)
            firm.save(update_fields=["name", "name_key"])
            told.append((firm, {"name": organ.name}))
    Firm.objects.bulk_create(new, batch_size=500)
    record_operations.tell(
        by=by, at=at, register="firms", told=[Told(firm.pk, one) for firm, one in told], ground=Ground(source="机构名录", basis="《机构设置》", word="source")
    )
    record(FirmsTaken(subject=f"territory.town:{current_town()}", added=len(new), changed=len(told) - len(new)))
    return len(new)


@operation
def take_firm_rows(
    *, by: Actor, at: datetime, file: Any, rows: Sequence[tuple[int, dict[str, str]]], meant: FileMapping, again: dict[int, Fault] | None, told: set[int]
) -> Any:
    """Take rows of a file that follow each other; {} is a blank row. Returns the file with its counts. `again` as for residents."""
    ensure(rules.may_take_firms)
    today = territory.day_of(seen_by=by, at=at)
    batch = _Firms(by, at, Ground(source=meant.source, basis=meant.basis, word=meant.word, file_id=file.pk).checked())
    counts = {"added": 0, "changed": 0, "known": 0, "blank": 0}
    refused: dict[int, Fault] = {}
    reads: list[tuple[int, Read, dict[str, str]]] = []
    for number, given in rows:
        if not given:
            counts["blank"] += 1
        elif again is not None and number in again:
            refused[number] = again[number]
        elif again is not None:
            counts["known"] += 1
        else:
            read = values.read(given, today)
            if read.wrong:
                refused[number] = Fault(read.wrong[0].field, read.wrong[0].text, read.wrong[0].why)
            else:
                reads.append((number, read, given))
    batch.load([read for _number, read, _given in reads])
    for number, read, given in reads:
        try:
            counts[batch.take(read)] += 1
        except Refused as why:
            refused[number] = Fault(why.field or "", given.get(why.field or "", ""), str(why))
    batch.save()
    record(FirmsTaken(subject=ref(file), added=counts["added"], changed=counts["changed"]))
    return record_operations.account(by=by, at=at, file_id=file.pk, last_row=rows[-1][0], rows=len(rows), refused=refused, **counts)
