"""People as they are told, one or two thousand at a time, made into records, homes and households: one way for forms, files, the API and visits.

`load` fetches what the rows may be about, `take` decides a row (raising a refusal that has changed nothing), `save` writes what came of them.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import bulk
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import current_town
from gongzhi.registers.record import operations as record_operations
from gongzhi.registers.record.operations import Ground, Told
from gongzhi.registers.residents import finding, values
from gongzhi.registers.residents.models import Duplicate, Dwelling, Household, Membership, Resident
from gongzhi.registers.residents.values import Read


class NobodyNamed(Refused):
    sentence = _("Give the document's number, or name and birth, so that the person can be told from others.")
    field = "number"


class OtherName(Refused):
    sentence = _("This number is registered under another name. If the name has changed, change it on the person's page.")
    field = "name"


class Ambiguous(Refused):
    sentence = _("Several people of this name and birth are registered; give the document's number.")
    field = "number"


class TwoHeads(Refused):
    sentence = _("This household has a head already; a household has one. Change the head first.")
    field = "relation"


class TwoHomes(Refused):
    sentence = _("This person lives elsewhere already, and nobody lives in two dwellings at once. If they moved, say since when.")
    field = "address"


class OlderHome(Refused):
    sentence = _("This person has lived elsewhere since %(day)s; what is told is older.")
    field = "since"


class HasDied(Refused):
    sentence = _("This person died on %(day)s.")
    field = "died_on"


class NumberTaken(Refused):
    sentence = _("This number belongs to another person of the register.")
    field = "number"


class NoSuchGrid(Refused):
    sentence = _("There is no grid with this code.")
    field = "grid"


class NoHome(Refused):
    sentence = _("Say in which home the household lives.")
    field = "address"


class BeforeTheyLivedThere(Refused):
    sentence = _("This day lies before the one from which they live there.")
    field = "left_on"


@dataclass(slots=True)
class Batch:
    """What is known of the people, homes and households of some rows, and what came of the rows so far."""

    by: Actor
    at: datetime
    ground: Ground
    as_of: date
    placed: set[int] = field(default_factory=set)  # residents whose home this run has told already
    by_number: dict[bytes, Resident] = field(default_factory=dict)
    by_name: dict[tuple[bytes, date | None], list[Resident]] = field(default_factory=lambda: defaultdict(list))
    dwellings: dict[str, Dwelling] = field(default_factory=dict)
    numbered: dict[str, Household] = field(default_factory=dict)
    unnumbered: dict[str, Household] = field(default_factory=dict)  # by the key of the address
    homes: dict[int, Membership] = field(default_factory=dict)  # open membership by id() of the resident
    heads: dict[int, Resident] = field(default_factory=dict)  # by id() of the household
    sizes: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    grids: dict[str, Any] = field(default_factory=dict)
    made: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    touched: dict[int, Resident] = field(default_factory=dict)
    closed: list[Membership] = field(default_factory=list)
    changed_dwellings: dict[int, Dwelling] = field(default_factory=dict)
    changed_households: dict[int, Household] = field(default_factory=dict)
    told: list[tuple[Resident, dict[str, str]]] = field(default_factory=list)
    moved: int = 0
    hashed: dict[Any, list[bytes]] = field(default_factory=dict)

    def hashes(self, find: Callable[..., list[bytes]], *about: str) -> list[bytes]:
        """Return the hashes of a value, the one to keep first, worked out once for the batch."""
        key = (find, *about)
        if key not in self.hashed:
            self.hashed[key] = find(*about)
        return self.hashed[key]

    # ---- what is known ----------------------------------------------------------------------------------------------
    def load(self, reads: Sequence[Read]) -> None:
        """Fetch the people, homes and households that the rows may be about, and keep others from writing the register meanwhile."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('residents', %s))", [current_town()])
        wanted_numbers: set[bytes] = set()
        wanted_names: set[bytes] = set()
        keys, household_numbers = set[str](), set[str]()
        for read in reads:
            given = read.values
            if "number" in given:
                wanted_numbers.update(self.hashes(finding.number_hashes, given["number"], given.get("document", ""), given.get("nationality", "")))
            if "name" in given:
                wanted_names.update(self.hashes(finding.name_hashes, given["name"]))
            if "address" in given:
                keys.add(values.address_key(given["address"]))
            if "household" in given:
                household_numbers.add(given["household"])
        births = {read.values["birth"] for read in reads if "birth" in read.values}
        known = Resident.objects.standing().select_related("dwelling")
        people = {one.pk: one for one in known.filter(number_hash__in=wanted_numbers)}
        people |= {one.pk: one for one in known.filter(name_hash__in=wanted_names, birth__in=births) if one.pk not in people}
        self._load_homes(people, keys, household_numbers)

    def load_one(self, resident: Resident, read: Read) -> Resident:
        """Fetch what a change of one known person may be about; return the person as this batch knows them."""
        self.load([read])
        one = next((one for each in self.by_name.values() for one in each if one.pk == resident.pk), None)
        if one is None:
            one = resident
            keys = {values.address_key(read.values["address"])} if "address" in read.values else set()
            self._load_homes({one.pk: one}, keys, {read.values["household"]} if "household" in read.values else set())
        return one

    def _load_homes(self, people: dict[int, Resident], keys: set[str], household_numbers: set[str]) -> None:
        for one in people.values():
            self._know(one)
        for dwelling in Dwelling.objects.filter(address_key__in=keys):
            self.dwellings.setdefault(dwelling.address_key, dwelling)
        ids = set(Membership.objects.present().filter(resident__in=list(people)).values_list("household_id", flat=True))
        ids |= set(Household.objects.filter(number__in=household_numbers - {""}, ended_on__isnull=True).values_list("pk", flat=True))
        here = [dwelling.pk for dwelling in self.dwellings.values() if dwelling.pk is not None]
        ids |= set(Household.objects.filter(number="", dwelling__in=here, ended_on__isnull=True).values_list("pk", flat=True))
        households = list(Household.objects.filter(pk__in=ids).select_related("dwelling"))
        by_pk = {one.pk: one for one in households}
        for household in households:
            household.dwelling = self.dwellings.setdefault(household.dwelling.address_key, household.dwelling)
            if household.number:
                self.numbered[household.number] = household
            else:
                self.unnumbered.setdefault(household.dwelling.address_key, household)
        for member in Membership.objects.present().filter(household__in=households).select_related("resident"):
            member.household = by_pk[member.household_id]
            resident = people.get(member.resident_id)
            self.sizes[id(member.household)] += 1
            if resident is not None:
                member.resident = resident
                self.homes[id(resident)] = member
            if member.relation == "head":
                self.heads[id(member.household)] = member.resident
        self.grids = {area.code: area for area in territory.present_areas(seen_by=self.by) if area.level == "grid"}

    def _know(self, one: Resident) -> None:
        if bytes(one.number_hash):
            self.by_number[bytes(one.number_hash)] = one
        self.by_name[bytes(one.name_hash), one.birth].append(one)

    # ---- who is meant -----------------------------------------------------------------------------------------------
    def find(self, read: Read) -> Resident | None:
        """Return whom a row is about, None for somebody new; raise NobodyNamed, OtherName or Ambiguous."""
        given = read.values
        if "number" in given:
            for hashed in self.hashes(finding.number_hashes, given["number"], given.get("document", ""), given.get("nationality", "")):
                if hashed in self.by_number:
                    known = self.by_number[hashed]
                    if "name" in given and bytes(known.name_hash) not in self.hashes(finding.name_hashes, given["name"]):
                        raise OtherName
                    return known
        elif "name" not in given or "birth" not in given:
            raise NobodyNamed
        if "name" not in given:
            raise NobodyNamed(field="name")
        alike = [one for hashed in self.hashes(finding.name_hashes, given["name"]) for one in self.by_name.get((hashed, given.get("birth")), ())]
        without = [one for one in alike if not bytes(one.number_hash)]
        if "number" in given:
            near = [one for one in without if self._is_near(one, given)]
            return near[0] if len(near) == 1 else None
        if len(without) > 1:
            without = [one for one in without if self._is_near(one, given)]
            if len(without) != 1:
                raise Ambiguous
        if without:
            return without[0]
        near = [one for one in alike if self._is_near(one, given)]
        if len(near) > 1:
            raise Ambiguous
        return near[0] if near else None

    def _is_near(self, one: Resident, given: dict[str, Any]) -> bool:
        """Return whether something beside name and birth says that it is the same person: home, household or telephone."""
        home = self.homes.get(id(one))
        if home is not None and "address" in given and home.household.dwelling.address_key == values.address_key(given["address"]):
            return True
        if home is not None and given.get("household") and home.household.number == given["household"]:
            return True
        return "phone" in given and bool(bytes(one.phone_hash)) and bytes(one.phone_hash) in self.hashes(finding.phone_hashes, given["phone"])

    # ---- what a row means -------------------------------------------------------------------------------------------
    def take(self, read: Read, resident: Resident | None = None) -> str:
        """Decide one row; return added, changed or known. Raises a refusal that has changed nothing. `resident`: whom it is about, if that is said."""
        known = resident or self.find(read)
        given = read.values
        if known is None and "name" not in given:
            raise NobodyNamed(field="name")
        if known is not None and known.died_on and given.get("died_on", known.died_on) == known.died_on and ("address" in given or "left_on" in given):
            home_then = Membership.objects.filter(resident=known, why_ended="died").select_related("household__dwelling").first() if known.pk else None
            if home_then is None or "address" not in given or home_then.household.dwelling.address_key != values.address_key(given["address"]):
                raise HasDied(day=known.died_on)
            given = {name: value for name, value in given.items() if name not in HOME}
        plan = self._plan_home(known, given)
        self._check_ends(known, given, plan)
        one = known or Resident(town_id=current_town(), registered_at=self.at)
        told = self._set_own(one, Read(given))
        told |= self._settle(one, given, plan, read)
        if known is None:
            self.made["residents"].append(one)
            self._know(one)
        elif told:
            self.touched[id(one)] = one
        if told:
            self.told.append((one, told))
        if one.pk is not None and "address" in given:
            self.placed.add(one.pk)
        return "added" if known is None else "changed" if told else "known"

    def _set_own(self, one: Resident, read: Read) -> dict[str, str]:
        """Set what is told of the person; return what has changed, as text."""
        given = read.values
        told: dict[str, str] = {}
        for name in ("sex", "birth", "nationality", "ethnicity", "standing"):
            if name in given and getattr(one, name) != given[name]:
                setattr(one, name, given[name])
                told[name] = read.text(name)
        if one.pk is None and "standing" not in given:
            told["standing"] = one.standing  # what is taken for so until somebody says otherwise
        if "name" in given and bytes(one.name_hash) not in self.hashes(finding.name_hashes, given["name"]):
            one.name_sealed, one.name_hash = sealing.seal(given["name"], finding.SEALED_AS["name"]), self.hashes(finding.name_hashes, given["name"])[0]
            told["name"] = given["name"]
        if "phone" in given and bytes(one.phone_hash) not in self.hashes(finding.phone_hashes, given["phone"]):
            one.phone_sealed, one.phone_hash = sealing.seal(given["phone"], finding.SEALED_AS["phone"]), self.hashes(finding.phone_hashes, given["phone"])[0]
            told["phone"] = given["phone"]
        if "number" in given:
            key = (given["number"], given["document"], given.get("nationality", one.nationality))
            if bytes(one.number_hash) not in self.hashes(finding.number_hashes, *key):
                one.number_sealed, one.number_hash = sealing.seal(given["number"], finding.SEALED_AS["number"]), self.hashes(finding.number_hashes, *key)[0]
                one.document = given["document"]
                told |= {"number": given["number"], "document": given["document"]}
        if "origin" in given and sealing.unseal(one.origin_sealed, finding.SEALED_AS["origin"]) != given["origin"]:
            one.origin_sealed = sealing.seal(given["origin"], finding.SEALED_AS["origin"])
            told["origin"] = given["origin"]
        return told

    # ---- where they live --------------------------------------------------------------------------------------------
    def _plan_home(self, known: Resident | None, given: dict[str, Any]) -> "_Plan | None":
        """Return what becomes of somebody's home; raise what stands against it."""
        if "address" not in given and "household" not in given:
            if "relation" in given and known is not None and id(known) in self.homes:
                present = self.homes[id(known)]
                self._check_head(present.household, known, given["relation"])
                return _Plan(present.household.dwelling.address, present.household, "stays", present.starts_on)
            return None
        if "grid" in given and given["grid"] not in self.grids:
            raise NoSuchGrid
        household = self.numbered.get(given["household"]) if given.get("household") else self.unnumbered.get(values.address_key(given["address"]))
        address = given.get("address") or (household.dwelling.address if household else "")
        if not address:
            raise NoHome
        if household is not None and household.dwelling.address_key != values.address_key(address):
            household = self.unnumbered.get(values.address_key(address))  # the number stays with the household that has it
        home = self.homes.get(id(known)) if known is not None else None
        self._check_head(household, known, given.get("relation", ""))
        if home is not None and household is not None and home.household is household and household.dwelling.address_key == values.address_key(address):
            return _Plan(address, household, "stays", home.starts_on)
        if home is not None and household is None and not home.household.number and home.household.dwelling.address_key == values.address_key(address):
            return _Plan(address, home.household, "numbered", home.starts_on)
        since = given.get("since") or self.as_of
        if given.get("left_on") and "since" not in given:
            since = min(since, given["left_on"])
        if known is not None and "since" in given and self._lived(known, address, given["since"]):
            return None  # told before: they have moved since
        if home is None:
            if known is not None and known.left_on and "since" in given and given["since"] < known.left_on and "left_on" not in given:
                raise OlderHome(day=known.left_on)
            if known is not None and known.left_on and given.get("left_on") == known.left_on:
                return None  # told before: they lived there, and left
            return _Plan(address, household, "comes", since)
        same_dwelling = home.household.dwelling.address_key == values.address_key(address)
        if "since" in given:
            if given["since"] < home.starts_on or (given["since"] == home.starts_on and not same_dwelling):
                raise OlderHome(day=home.starts_on) if given["since"] < home.starts_on else TwoHomes
        elif not same_dwelling and (known is None or known.pk is None or known.pk in self.placed or home.starts_on >= self.as_of):
            raise TwoHomes
        return _Plan(address, household, "moves", max(since, home.starts_on))

    def _lived(self, known: Resident, address: str, since: date) -> bool:
        """Return whether a home of earlier is in the history already."""
        home = self.homes.get(id(known))
        if known.pk is None or (home is not None and since >= home.starts_on):
            return False
        return Membership.objects.filter(resident=known, starts_on=since, household__dwelling__address_key=values.address_key(address)).exists()

    def _check_head(self, household: Household | None, known: Resident | None, relation: str) -> None:
        if household is None or relation != "head":
            return
        head = self.heads.get(id(household))
        if head is not None and head is not known and (known is None or known.pk is None or head.pk != known.pk):
            raise TwoHeads

    def _check_ends(self, known: Resident | None, given: dict[str, Any], plan: "_Plan | None") -> None:
        home = self.homes.get(id(known)) if known is not None else None
        begins = plan.since if plan is not None else home.starts_on if home is not None else None
        for name in ("left_on", "died_on"):
            if name in given and begins is not None and given[name] < begins:
                raise BeforeTheyLivedThere(field=name)
        if known is not None and known.died_on and given.get("died_on", known.died_on) != known.died_on:
            raise HasDied(day=known.died_on)
        if known is not None and known.birth and "died_on" in given and given["died_on"] < known.birth:
            raise BeforeTheyLivedThere(field="died_on")

    def _settle(self, one: Resident, given: dict[str, Any], plan: "_Plan | None", read: Read) -> dict[str, str]:
        """Carry a plan out; return what has changed of the home, as text."""
        told: dict[str, str] = {}
        if plan is not None:
            dwelling = self._dwelling(plan.address, given)
            if plan.what in ("stays", "numbered"):
                home = self.homes[id(one)]
                if plan.what == "numbered" and given.get("household"):
                    home.household.number = told["household"] = given["household"]
                    self.numbered[given["household"]] = home.household
                    self.unnumbered.pop(home.household.dwelling.address_key, None)
                    if home.household.pk is not None:
                        self.changed_households[home.household.pk] = home.household
                relation = given.get("relation", home.relation)
                if relation != home.relation:
                    self._close(home, max(self.as_of, home.starts_on), "changed")
                    self._join(one, home.household, relation, max(self.as_of, home.starts_on))
                    told["relation"] = relation
            else:
                if plan.what == "moves":
                    self._close(self.homes[id(one)], plan.since, "moved")
                    self.moved += 1
                household = plan.household or self._household(dwelling, given, plan.since)
                relation = given.get("relation") or ("head" if not self.sizes[id(household)] else "lodger" if dwelling.tenure != "own" else "kin")
                if relation == "head" and id(household) in self.heads:
                    relation = "kin"
                self._join(one, household, relation, plan.since)
                if one.left_on:
                    told["left_on"] = ""
                one.dwelling, one.left_on = dwelling, None
                told |= {"address": dwelling.address, "tenure": dwelling.tenure, "relation": relation, "since": plan.since.isoformat()} | (
                    {"household": household.number} if household.number else {}
                )
        for name, why in (("died_on", "died"), ("left_on", "left")):
            if name in given and getattr(one, name) != given[name]:
                setattr(one, name, given[name])
                told[name] = read.text(name) or given[name].isoformat()
                left = self.homes.get(id(one))
                if left is not None:
                    self._close(left, given[name], why)
                one.dwelling = None
        return told

    def _dwelling(self, address: str, given: dict[str, Any]) -> Dwelling:
        key = values.address_key(address)
        dwelling = self.dwellings.get(key)
        if dwelling is None:
            dwelling = self.dwellings[key] = Dwelling(town_id=current_town(), address=address, address_key=key, tenure=given.get("tenure", "own"))
            self.made["dwellings"].append(dwelling)
        before = (dwelling.tenure, dwelling.longitude, dwelling.latitude, dwelling.area_id)
        dwelling.tenure = given.get("tenure", dwelling.tenure)
        if "longitude" in given and "latitude" in given and (dwelling.longitude, dwelling.latitude) != (given["longitude"], given["latitude"]):
            dwelling.longitude, dwelling.latitude = given["longitude"], given["latitude"]
            found = territory.locate(seen_by=self.by, longitude=given["longitude"], latitude=given["latitude"])
            dwelling.area = found if found is not None else dwelling.area
        if "grid" in given:
            dwelling.area = self.grids[given["grid"]]
        if dwelling.pk is not None and before != (dwelling.tenure, dwelling.longitude, dwelling.latitude, dwelling.area_id):
            self.changed_dwellings[dwelling.pk] = dwelling
        return dwelling

    def _household(self, dwelling: Dwelling, given: dict[str, Any], since: date) -> Household:
        number = given.get("household", "")
        if number and number in self.numbered:  # of another address: the number stays with the household that has it
            number = ""
        household = None if number else self.unnumbered.get(dwelling.address_key)
        if household is None:
            household = Household(town_id=current_town(), number=number, dwelling=dwelling, began_on=since)
            self.made["households"].append(household)
            if number:
                self.numbered[number] = household
            else:
                self.unnumbered[dwelling.address_key] = household
        elif household.pk is None and since < household.began_on:
            household.began_on = since
        return household

    def _join(self, one: Resident, household: Household, relation: str, since: date) -> None:
        member = Membership(town_id=current_town(), resident=one, household=household, relation=relation, starts_on=since)
        self.made["memberships"].append(member)
        self.homes[id(one)] = member
        self.sizes[id(household)] += 1
        if relation == "head":
            self.heads[id(household)] = one
        if household.pk is None and since < household.began_on:
            household.began_on = since

    def _close(self, member: Membership, on: date, why: str) -> None:
        member.ends_on, member.why_ended = max(on, member.starts_on), why
        if member.pk is not None:
            self.closed.append(member)
        self.homes.pop(id(member.resident), None)
        self.sizes[id(member.household)] -= 1
        head = self.heads.get(id(member.household))
        if member.relation == "head" and head is not None and (head is member.resident or head.pk == member.resident_id):
            del self.heads[id(member.household)]

    # ---- writing ----------------------------------------------------------------------------------------------------
    def save(self) -> None:
        """Write what came of the rows, tell the statements, and propose duplicates."""
        bulk.insert_many(self.made["dwellings"])
        bulk.update_many(list(self.changed_dwellings.values()), ["tenure", "longitude", "latitude", "area"])
        bulk.update_many(list(self.changed_households.values()), ["number"])
        bulk.insert_many(self.made["households"])
        new = self.made["residents"]
        bulk.insert_many(new)
        if touched := list(self.touched.values()):
            bulk.update_many(touched, CHANGEABLE)
        if self.closed:
            bulk.update_many(self.closed, ["ends_on", "why_ended"])
        bulk.insert_many(self.made["memberships"])
        record_operations.tell(
            by=self.by, at=self.at, register="residents", ground=self.ground, told=[Told(one.pk, told) for one, told in self.told]
        )  # fmt: skip
        if any("nationality" in told for _one, told in self.told):
            forget("residents.nationalities")
        self.placed.update(one.pk for one, told in self.told if "address" in told)
        self._propose(new + [one for one, told in self.told if not {"name", "birth", "phone"}.isdisjoint(told)])

    def _propose(self, new: Sequence[Resident]) -> None:
        """Propose those who may be known already under another number or none: same name and birth, or same name and telephone."""
        by_pk = {one.pk: one for one in new}
        hashes = {bytes(one.name_hash) for one in by_pk.values()}
        pairs: dict[tuple[int, int], str] = {}
        births, phones = {one.birth for one in new if one.birth}, {bytes(one.phone_hash) for one in new if bytes(one.phone_hash)}
        others = (
            Resident.objects.standing().filter(Q(birth__in=births) | Q(phone_hash__in=phones), name_hash__in=hashes)
            .only("pk", "name_hash", "birth", "phone_hash", "number_hash", "document")
        )  # fmt: skip
        alike: dict[bytes, list[Resident]] = defaultdict(list)
        for other in others:
            alike[bytes(other.name_hash)].append(other)
        for one in by_pk.values():
            for other in alike[bytes(one.name_hash)]:
                if other.pk == one.pk or (bytes(one.number_hash) and bytes(other.number_hash) and one.document == other.document):
                    continue  # two numbers of one sort of document are two people
                if one.birth is not None and one.birth == other.birth:
                    pairs[min(one.pk, other.pk), max(one.pk, other.pk)] = "name_birth"
                elif bytes(one.phone_hash) and bytes(one.phone_hash) == bytes(other.phone_hash):
                    pairs.setdefault((min(one.pk, other.pk), max(one.pk, other.pk)), "name_phone")
        Duplicate.objects.bulk_create(
            [Duplicate(town_id=current_town(), one_id=one, other_id=other, reason=reason, found_at=self.at) for (one, other), reason in pairs.items()],
            ignore_conflicts=True,
        )  # fmt: skip


HOME = ("address", "household", "relation", "grid", "longitude", "latitude", "tenure", "since", "left_on")
CHANGEABLE = [
    "name_sealed", "name_hash", "document", "number_sealed", "number_hash", "phone_sealed", "phone_hash", "origin_sealed", "sex", "birth", "nationality",
    "ethnicity", "standing", "dwelling", "left_on", "died_on",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of somebody's home: they come, move or stay; the household is None where it is still to be made."""

    address: str
    household: Household | None
    what: str
    since: date
