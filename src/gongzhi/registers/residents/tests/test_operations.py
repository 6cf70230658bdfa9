"""Acts on the residents' register."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.ledger.models import Entry
from gongzhi.registers.record import grants, models
from gongzhi.registers.residents import operations, queries
from gongzhi.registers.residents.models import Duplicate, Membership, Resident
from gongzhi.registers.residents.operations import _batch, duplicates, links, tags, visits
from gongzhi.registers.residents.operations import people as acts
from gongzhi.registers.residents.tests.factories import MAKER, TOLD, ground, number, resident, serving
from gongzhi.registers.residents.values import BadValue


@pytest.fixture
def areas(town, noon):
    return ground(noon)


class TestRegistering:
    def test_somebody_is_found_by_number_name_and_birth_telephone_and_address(self, areas, noon):
        one = resident(noon, phone="139 0000 0117")
        for words in (number(), number().lower(), "沈云舒", "沈云舒 1990-03-07", "13900000117", "+86 139-0000-0117"):
            assert [found.pk for found in queries.search(seen_by=MAKER, text=words)[0]] == [one.pk], words
        assert [home.pk for home in queries.search(seen_by=MAKER, text="桂花巷 9 号")[1]] == [one.dwelling_id]
        assert one.dwelling.area_id == areas["west"].pk

    @pytest.mark.parametrize(
        ("text", "document"), [("M12345678", "passport"), ("H12345678", "hk_macao_pass"), ("12345678", "taiwan_pass"), ("M1234567", "passport")]
    )
    def test_a_number_is_found_whatever_document_it_may_be_of(self, areas, noon, text, document):
        one = resident(noon, name="Anna Schmidt", number=text, document=document, nationality="DEU", birth="1990-03-07")
        assert [found.pk for found in queries.find_by_number(seen_by=MAKER, number=text.lower())] == [one.pk]

    def test_nothing_personal_lies_in_the_open(self, areas, noon):
        one = resident(noon, phone="13900000117", origin="河南省周口市")
        row = Resident.objects.filter(pk=one.pk).values().get()
        text = repr({name: bytes(value) if isinstance(value, memoryview | bytes) else value for name, value in row.items()})
        for word in ("沈云舒", number(), "13900000117", "周口"):
            assert word not in text
            assert word.encode() not in b"".join(bytes(each.values_sealed) for each in models.Statement.objects.all())
        assert queries.masked(seen_by=MAKER, resident=one)["name"] == "沈**"

    def test_every_value_has_source_basis_hand_and_day_and_history_stays(self, areas, noon):
        one = resident(noon, phone="13900000117")
        operations.change_resident(
            by=MAKER, at=noon + timedelta(days=1), resident_id=one.pk, given={"phone": "13900000118"}, source="本人", basis="告知", word="own"
        )
        told = {value.code: value.origin for value in queries.record_of(seen_by=MAKER, resident=one)}
        assert (told["name"].source, told["name"].at) == ("公安人口库", noon)
        assert (told["phone"].source, told["phone"].word, told["phone"].by) == ("本人", "own", "system:tests")
        assert [text for code, _title, text, _origin in queries.history_of(seen_by=MAKER, resident=one) if code == "phone"] == ["139****0118", "139****0117"]

    def test_the_ledger_holds_no_value(self, areas, noon):
        resident(noon, phone="13900000117")
        entries = repr(list(Entry.objects.values()))
        assert "ResidentRegistered" in entries
        for word in ("沈云舒", number(), "13900000117", "桂花巷"):
            assert word not in entries

    def test_the_same_person_is_not_registered_twice(self, areas, noon):
        resident(noon)
        with pytest.raises(acts.KnownAlready):
            resident(noon, address="别处1号", relation=None)
        with pytest.raises(_batch.OtherName):
            resident(noon, name="别人")

    @pytest.mark.parametrize(("given", "refusal"), [({"name": None}, _batch.NobodyNamed), ({"number": None}, _batch.NobodyNamed)])
    def test_a_person_is_told_from_others(self, areas, noon, given, refusal):
        with pytest.raises(refusal):
            resident(noon, **given)

    def test_a_wrong_number_names_its_field(self, areas, noon):
        with pytest.raises(BadValue) as told:
            resident(noon, number="330110199003070111")
        assert told.value.field == "number"
        assert not Resident.objects.exists()


class TestHomes:
    def test_a_household_has_one_head(self, areas, noon):
        resident(noon)
        with pytest.raises(_batch.TwoHeads):
            resident(noon, name="王五", number=number("19800101"))
        other = resident(noon, name="王五", number=number("19800101"), relation="spouse")
        household = Membership.objects.get(resident=other).household
        operations.head_household(by=MAKER, at=noon, household_id=household.pk, resident_id=other.pk, **TOLD)
        assert {one.resident_id: one.relation for one in Membership.objects.present()} == {
            other.pk: "head",
            Resident.objects.exclude(pk=other.pk).get().pk: "kin",
        }

    def test_nobody_lives_in_two_dwellings_at_once(self, areas, noon):
        one = resident(noon)
        with pytest.raises(_batch.TwoHomes):
            operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"address": "河滨路2号"}, **TOLD)
        assert Membership.objects.filter(resident=one).count() == 1

    def test_a_move_closes_one_home_and_opens_another(self, areas, noon):
        one = resident(noon, since="2020-05-01")
        operations.change_resident(
            by=MAKER, at=noon, resident_id=one.pk, given={"address": "河滨路2号", "since": "2024-02-01", "longitude": "120.015", "latitude": "30.005"}, **TOLD
        )
        assert [(str(each.household.dwelling), each.starts_on, each.ends_on) for each in queries.homes_of(seen_by=MAKER, resident=one)] == [
            ("河滨路2号", date(2024, 2, 1), None), ("桂花巷9号301室", date(2020, 5, 1), date(2024, 2, 1)),
        ]  # fmt: skip
        with pytest.raises(_batch.OlderHome):
            operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"address": "桂花巷9号301室", "since": "2023-01-01"}, **TOLD)

    def test_death_ends_it_and_is_told_once(self, areas, noon):
        one = resident(noon, since="2020-05-01")
        with pytest.raises(_batch.BeforeTheyLivedThere):
            operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"died_on": "2020-04-30"}, **TOLD)
        operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"died_on": "2026-11-01"}, **TOLD)
        assert Resident.objects.get(pk=one.pk).state == "died"
        with pytest.raises(_batch.HasDied):
            operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"address": "河滨路2号", "since": "2026-11-02"}, **TOLD)

    def test_who_left_may_come_back(self, areas, noon):
        one = resident(noon, since="2020-05-01")
        operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"left_on": "2022-01-01"}, **TOLD)
        assert Resident.objects.get(pk=one.pk).state == "left"
        operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"address": "河滨路2号", "since": "2023-01-01"}, **TOLD)
        assert Resident.objects.get(pk=one.pk).state == "here"


class TestScope:
    def test_a_grid_worker_sees_the_own_grid_and_no_other(self, areas, noon):
        here = resident(noon)
        there = resident(noon, name="王五", number=number("19800101"), address="河滨路2号", longitude="120.015", latitude="30.005")
        worker = serving(noon, "grid_worker", areas["west"])
        assert list(Resident.objects.visible_to(worker)) == [here]
        assert queries.find_by_number(seen_by=worker, number=number("19800101")) == []
        assert [home.dwelling.pk for home in queries.field_pack(seen_by=worker)] == [here.dwelling_id]
        with pytest.raises(NotAllowed):
            operations.show_fields(by=worker, at=noon, resident_id=there.pk, fields=("number",), purpose="看看")

    @pytest.mark.parametrize(
        "role", ["department_officer", "dispatcher", "committee_member", "administrator", "steward", "auditor", "supervisor", "enterprise_contact"]
    )
    def test_nobody_else_sees_anybody(self, areas, noon, role):
        one = resident(noon)
        other = serving(noon, role)
        assert not Resident.objects.visible_to(other).exists()
        assert queries.search(seen_by=other, text=number()) == ([], [])
        with pytest.raises(NotAllowed):
            operations.show_fields(by=other, at=noon, resident_id=one.pk, fields=("name",), purpose="查询")
        with pytest.raises(NotAllowed):
            operations.change_resident(by=other, at=noon, resident_id=one.pk, given={"phone": "13900000118"}, **TOLD)

    def test_a_resident_sees_the_own_record_only(self, areas, noon):
        one = resident(noon)
        resident(noon, name="王五", number=number("19800101"), relation="spouse")
        person = people.register_person(by=MAKER, at=noon, kind="resident", name="沈云舒")
        one = operations.link_account(by=MAKER, at=noon, resident_id=one.pk, person_id=person.pk)
        own = Actor(kind="person", person_id=person.pk)
        assert list(Resident.objects.visible_to(own)) == [one]
        assert {value.code: value.text for value in queries.record_of(seen_by=own, resident=one)}["name"] == "沈云舒"
        assert not Resident.objects.visible_to(ANYONE).exists()

    def test_another_town_sees_nothing(self, areas, noon, other_town):
        resident(noon)
        with in_town(other_town.pk):
            assert not Resident.objects.exists()
            assert not models.Statement.objects.exists()

    def test_a_look_is_written_down_and_a_grant_opens_its_fields_only(self, areas, noon, monkeypatch):
        one = resident(noon, phone="13900000117")
        keeper, officer = serving(noon, "station_officer"), serving(noon, "department_officer")
        assert operations.show_fields(by=keeper, at=noon, resident_id=one.pk, fields=("number",), purpose="办理居住证") == {"number": number()}
        look = queries.looks_at(seen_by=keeper, resident=one).get()
        assert (look.purpose, look.by, look.fields) == ("办理居住证", keeper.ref, ["number"])
        monkeypatch.setattr(grants, "_check", [lambda actor, register, at: [grants.Granted("record.grant:1", frozenset({"name"}))] if actor == officer else []])
        assert operations.show_fields(by=officer, at=noon, resident_id=one.pk, fields=("name",), purpose="核对") == {"name": "沈云舒"}
        assert queries.looks_at(seen_by=keeper, resident=one).first().grant == "record.grant:1"
        with pytest.raises(NotAllowed):
            operations.show_fields(by=officer, at=noon, resident_id=one.pk, fields=("name", "number"), purpose="核对")
        with pytest.raises(acts.NoSuchField):
            operations.show_fields(by=keeper, at=noon, resident_id=one.pk, fields=("person",), purpose="核对")


class TestLinks:
    def _own(self, noon, phone="13900000117"):
        person = people.register_person(by=MAKER, at=noon, kind="resident", name="沈云舒", phone=phone)
        person.phone_proved_at = noon
        person.save()
        return Actor(kind="person", person_id=person.pk)

    def test_who_proves_number_and_telephone_gets_the_own_record(self, areas, noon):
        one = resident(noon, phone="13900000117")
        own = self._own(noon)
        assert not operations.prove_own_record(by=own, at=noon, name="沈云", number=number()).is_linked
        assert operations.prove_own_record(by=own, at=noon, name="沈云舒", number=number()).is_linked
        assert queries.resident_of_account(seen_by=own, person_id=own.person_id).pk == one.pk
        with pytest.raises(links.LinkedAlready):
            operations.prove_own_record(by=own, at=noon, name="沈云舒", number=number())

    def test_another_telephone_opens_nothing_and_tries_end(self, areas, noon):
        resident(noon, phone="13900000118")
        own = self._own(noon)
        left = [operations.prove_own_record(by=own, at=noon, name="沈云舒", number=number()).tries_left for _try in range(6)]
        assert left == [4, 3, 2, 1, 0, 0]
        assert not Resident.objects.filter(person__isnull=False).exists()

    def test_nobody_links_a_record_to_their_own_account(self, areas, noon):
        one = resident(noon)
        keeper = serving(noon, "station_officer")
        with pytest.raises(NotAllowed):
            operations.link_account(by=keeper, at=noon, resident_id=one.pk, person_id=keeper.person_id)

    def test_an_erased_account_is_parted(self, areas, noon):
        one = resident(noon, phone="13900000117")
        own = self._own(noon)
        operations.prove_own_record(by=own, at=noon, name="沈云舒", number=number())
        people.erase_person(by=MAKER, at=noon, person_id=own.person_id)
        assert Resident.objects.get(pk=one.pk).person_id is None


class TestTags:
    def test_the_rooms_have_rights_of_their_own(self, areas, noon):
        one = resident(noon)
        keeper = serving(noon, "station_officer", areas["community"])
        days = {"starts_on": date(2026, 11, 18), "review_on": date(2027, 5, 1)}
        operations.set_tag(by=keeper, at=noon, room="care", resident_id=one.pk, kind="disabled", basis="《残疾人保障法》", source="残联", **days)
        with pytest.raises(NotAllowed):
            operations.set_tag(by=keeper, at=noon, room="control", resident_id=one.pk, kind="released", basis="《监狱法》", source="司法所", **days)
        operations.set_tag(by=MAKER, at=noon, room="control", resident_id=one.pk, kind="released", basis="《监狱法》", source="司法所", is_told=False, **days)
        assert queries.care_of(seen_by=keeper, resident=one, on=date(2026, 11, 18)).count() == 1
        assert queries.control_of(seen_by=keeper, resident=one, on=date(2026, 11, 18)).count() == 0
        worker = serving(noon, "grid_worker", areas["west"])
        assert queries.care_of(seen_by=worker, resident=one, on=date(2026, 11, 18)).count() == 0

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"kind": "rich"}, tags.NoSuchTag),
            ({"basis": " "}, tags.NoBasis),
            ({"source": ""}, tags.NoSource),
            ({"review_on": date(2026, 11, 18)}, tags.BadDays),
            ({"review_on": date(2027, 11, 20)}, tags.BadDays),
            ({"ends_on": date(2026, 11, 18)}, tags.BadDays),
            ({"room": "other"}, tags.NoSuchRoom),
        ],
    )
    def test_a_tag_needs_kind_basis_source_and_days(self, areas, noon, change, refusal):
        given = {"room": "care", "kind": "disabled", "basis": "法", "source": "残联", "starts_on": date(2026, 11, 18), "review_on": date(2027, 11, 19)} | change
        one = resident(noon)
        with pytest.raises(refusal):
            operations.set_tag(by=MAKER, at=noon, resident_id=one.pk, **given)

    def test_it_is_reviewed_and_ended(self, areas, noon):
        one = resident(noon)
        tag = operations.set_tag(
            by=MAKER,
            at=noon,
            room="care",
            resident_id=one.pk,
            kind="disabled",
            basis="法",
            source="残联",
            starts_on=date(2026, 6, 1),
            review_on=date(2026, 11, 18),
        )
        assert list(queries.tags_to_review(seen_by=MAKER, room="care", on=date(2026, 11, 18))) == [tag]
        operations.review_tag(by=MAKER, at=noon, room="care", tag_id=tag.pk, review_on=date(2027, 11, 18))
        assert not queries.tags_to_review(seen_by=MAKER, room="care", on=date(2026, 11, 18)).exists()
        operations.end_tag(by=MAKER, at=noon, room="care", tag_id=tag.pk, ends_on=date(2026, 11, 18))
        assert not queries.care_of(seen_by=MAKER, resident=one, on=date(2026, 11, 18)).exists()
        with pytest.raises(tags.HasEnded):
            operations.end_tag(by=MAKER, at=noon, room="care", tag_id=tag.pk, ends_on=date(2026, 11, 19))


class TestDuplicates:
    def _pair(self, noon):
        one = resident(noon)
        other = resident(noon, number="E12345678", nationality="CHN", birth="1990-03-07", address="河滨路2号", phone="13900000117")
        return one, other, Duplicate.objects.get()

    def test_they_are_proposed_and_merged_with_their_history(self, areas, noon):
        one, other, pair = self._pair(noon)
        assert (pair.one_id, pair.other_id, pair.reason) == (one.pk, other.pk, "name_birth")
        operations.merge_residents(by=MAKER, at=noon, keep_id=one.pk, other_id=other.pk, **TOLD)
        merged = Resident.objects.get(pk=other.pk)
        assert (merged.merged_into_id, merged.state) == (one.pk, "merged")
        assert queries.masked(seen_by=MAKER, resident=Resident.objects.get(pk=one.pk))["phone"] == "139****0117"
        assert not queries.duplicates(seen_by=MAKER).exists()
        assert {text for code, _t, text, _o in queries.history_of(seen_by=MAKER, resident=one) if code == "address"} == {"桂花巷9号301室", "河滨路2号"}
        assert Membership.objects.present().count() == 1

    def test_two_numbers_of_one_sort_are_two_people(self, areas, noon):
        one = resident(noon)
        other = resident(noon, number=number("19900307", "033"), relation="kin")
        assert not Duplicate.objects.exists()
        with pytest.raises(duplicates.TwoPeople):
            operations.merge_residents(by=MAKER, at=noon, keep_id=one.pk, other_id=other.pk, **TOLD)

    def test_kept_apart_they_are_not_proposed_again(self, areas, noon):
        _one, other, pair = self._pair(noon)
        with pytest.raises(duplicates.NoGround):
            operations.keep_apart(by=MAKER, at=noon, duplicate_id=pair.pk, ground=" ")
        operations.keep_apart(by=MAKER, at=noon, duplicate_id=pair.pk, ground="两人都到过窗口")
        operations.change_resident(by=MAKER, at=noon, resident_id=other.pk, given={"phone": "13900000119"}, **TOLD)
        assert not queries.duplicates(seen_by=MAKER).exists()

    def test_nobody_merges_the_own_record(self, areas, noon):
        one, other, _pair = self._pair(noon)
        keeper = serving(noon, "station_officer")
        operations.link_account(by=MAKER, at=noon, resident_id=one.pk, person_id=keeper.person_id)
        with pytest.raises(NotAllowed):
            operations.merge_residents(by=keeper, at=noon, keep_id=one.pk, other_id=other.pk, **TOLD)


class TestVisits:
    def test_a_visit_tells_what_changed_and_is_taken_once(self, areas, noon):
        one = resident(noon)
        worker = serving(noon, "grid_worker", areas["west"])
        (home,) = queries.field_pack(seen_by=worker)
        key = uuid4()
        changes = [
            {"resident_id": one.pk, "seen": home.people[0]["seen"], "values": {"phone": "13900000117"}},
            {"values": {"name": "小沈", "birth": "2026-11-01", "relation": "child"}, "word": "kin"},
        ]
        taken = operations.record_visit(by=worker, at=noon, key=key, dwelling_id=one.dwelling_id, visited_at=noon, outcome="met", changes=changes)
        assert [found.outcome for found in taken.found] == ["taken", "taken"]
        again = operations.record_visit(by=worker, at=noon, key=key, dwelling_id=one.dwelling_id, visited_at=noon, outcome="met", changes=changes)
        assert not again.is_new
        assert again.found == taken.found
        assert Resident.objects.count() == 2
        assert {
            value.code: value.origin.word for value in queries.record_of(seen_by=worker, resident=Resident.objects.get(pk=one.pk)) if value.code == "phone"
        } == {"phone": "own"}

    def test_what_changed_meanwhile_is_not_written_over(self, areas, noon):
        one = resident(noon)
        worker = serving(noon, "grid_worker", areas["west"])
        seen = queries.field_pack(seen_by=worker)[0].people[0]["seen"]
        operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"phone": "13900000118"}, **TOLD)
        taken = operations.record_visit(
            by=worker, at=noon, key=uuid4(), dwelling_id=one.dwelling_id, visited_at=noon, outcome="met",
            changes=[{"resident_id": one.pk, "seen": seen, "values": {"phone": "13900000117"}}, {"values": {"name": "新来", "number": "330110199003070111"}}],
        )  # fmt: skip
        assert [(found.outcome, found.field) for found in taken.found] == [("refused", ""), ("refused", "number")]
        assert taken.visit.conflicts == 2
        assert queries.masked(seen_by=MAKER, resident=Resident.objects.get(pk=one.pk))["phone"] == "139****0118"

    def test_only_the_own_grid_is_visited(self, areas, noon):
        one = resident(noon)
        with pytest.raises(NotAllowed):
            operations.record_visit(
                by=serving(noon, "grid_worker", areas["east"]), at=noon, key=uuid4(), dwelling_id=one.dwelling_id, visited_at=noon, outcome="met"
            )
        worker = serving(noon, "grid_worker", areas["west"])
        for change, refusal in (
            ({"outcome": "slept"}, visits.NoSuchOutcome),
            ({"visited_at": noon + timedelta(hours=1)}, visits.TooEarly),
            ({"word": "x"}, visits.NoSuchWord),
        ):
            with pytest.raises(refusal):
                operations.record_visit(
                    **({"by": worker, "at": noon, "key": uuid4(), "dwelling_id": one.dwelling_id, "visited_at": noon, "outcome": "met"} | change)
                )
