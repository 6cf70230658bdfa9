"""The catalogue, grants field by field, use and its record, doubts, rows of data sets."""

from datetime import timedelta

import pytest
from django.db import connection

from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.ledger.models import Entry
from gongzhi.registers.firms.models import Firm, FirmContact, FirmFigure
from gongzhi.registers.grants import operations, queries
from gongzhi.registers.grants.models import DataRow, Grant
from gongzhi.registers.grants.operations import (
    BadSchema,
    EndedAlready,
    InDoubtAlready,
    NeedsLaw,
    NoGrant,
    NoSuchSubject,
    NoTerm,
    NotGranted,
    NotInForce,
    NotShared,
    OwnValue,
    Withdrawn,
)
from gongzhi.registers.grants.tests.factories import FIRST, LAST, LAW, catalogued, given, officer, organ_id
from gongzhi.registers.record import fields
from gongzhi.registers.record import operations as record
from gongzhi.registers.record.models import Look
from gongzhi.registers.residents import operations as residents
from gongzhi.registers.residents.models import CareTag, Dwelling, Household, Membership, Resident
from gongzhi.registers.residents.tests.factories import MAKER, number, resident

DAY = timedelta(days=1)


@pytest.fixture
def made(town, noon):
    made = catalogued(noon)
    made["one"] = resident(noon, phone="13900000117")
    return made


def filled(made, noon, grant, **more):
    return operations.fill(by=made["welfare"], at=noon, grant_id=grant.pk, register="residents", purpose="高龄津贴 2026-00012", shown=number(), **more)


class TestCatalogue:
    def test_every_column_of_the_registers_is_a_field_or_named_as_machinery(self):
        machinery = {
            "id", "town", "name_hash", "number_hash", "phone_hash", "dwelling", "merged_into", "person", "linked_at", "registered_at", "address_key", "area",
            "ended_on", "began_on", "ends_on", "why_ended", "resident", "household", "reviewed_on", "is_told", "set_by", "set_at", "ended_by", "name_key",
            "organ", "entered_at", "firm", "by", "at", "is_current", "role", "source", "basis",
        }  # fmt: skip
        spelt = {
            "number": "household", "starts_on": "since", "name_sealed": "name", "number_sealed": "number", "phone_sealed": "phone", "origin_sealed": "origin",
            "note_sealed": "note", "review_on": "days", "kind": "kind",
        }  # fmt: skip
        listed = {one.code for register in [*fields.registers().values(), *fields.closed().values()] for one in register.fields}
        listed |= {"contact_name", "contact_phone", "measure", "period", "amount"}  # a firm's figures are told by the firm to whoever keeps it
        for model in (Resident, Dwelling, Household, Membership, CareTag, Firm, FirmContact, FirmFigure):
            for column in model._meta.local_concrete_fields:
                assert column.name in machinery or spelt.get(column.name, column.name) in listed, f"{model.__name__}.{column.name}"

    def test_says_what_each_field_means_who_answers_and_how_good_it_is(self, made, noon):
        entries = {one.field.code: one for one in queries.entries(seen_by=ANYONE, register="residents", at=noon)}
        phone = entries["phone"]
        assert str(phone.organ) == "registry"
        assert (phone.share, phone.period, phone.complete, phone.fresh) == (2, "year", 100, 100)
        assert entries["ethnicity"].complete == 0
        assert all(one.field.meaning for one in entries.values())
        (kind, *_rest) = queries.entries(seen_by=ANYONE, register="care", at=noon)
        assert (kind.share, "个人信息保护法" in kind.basis) == (3, True)

    def test_not_given_needs_its_law_and_then_is_not_given(self, made, noon):
        about = {"by": MAKER, "at": noon, "register": "residents", "field": "ethnicity", "organ_id": organ_id("registry"), "share": 3}
        with pytest.raises(NeedsLaw):
            operations.catalogue_field(**about)
        operations.catalogue_field(**about, basis="《个人信息保护法》第二十八条")
        with pytest.raises(NotShared) as refused:
            given(noon, made, ("name", "ethnicity"))
        assert "第二十八条" in str(refused.value)

    def test_is_kept_by_nobody_else(self, made, noon):
        with pytest.raises(NotAllowed):
            operations.catalogue_field(by=made["welfare"], at=noon, register="residents", field="name", organ_id=organ_id("welfare"))


class TestGrant:
    def test_is_given_by_the_answering_unit_and_never_by_the_one_that_asked(self, made, noon):
        ground = {"register": "residents", "fields": ["name"], "purpose": "津贴", "basis": LAW, "starts_on": FIRST, "ends_on": LAST}
        for by in (made["welfare"], officer(noon, "third")):
            with pytest.raises(NotAllowed):
                operations.give_grant(by=by, at=noon, organ_id=organ_id("welfare"), authority_id=organ_id("registry"), **ground)
        with pytest.raises(NotAllowed):  # to the own unit
            operations.give_grant(by=made["registry"], at=noon, organ_id=organ_id("registry"), authority_id=organ_id("registry"), **ground)
        assert given(noon, made).fields == ["name", "phone"]

    def test_opens_its_fields_with_source_and_day_and_each_use_is_on_record(self, made, noon):
        grant = given(noon, made)
        found = filled(made, noon, grant)
        assert (found.value("name"), found.value("phone")) == ("沈云舒", "13900000117")
        assert {one.source for one in found.values} == {"公安人口库"}
        assert {one.at for one in found.values} == {noon}
        look = Look.objects.get()
        assert (look.purpose, sorted(look.fields), look.organ_id, look.grant_id) == (
            "高龄津贴 2026-00012",
            ["name", "phone"],
            organ_id("welfare"),
            str(grant.pk),
        )
        kept = [one for one in Entry.objects.all() if one.kind == "RegisterLooked"]
        assert len(kept) == 1
        assert "沈云舒" not in str([one.content for one in Entry.objects.all()])
        assert queries.grant_for(seen_by=ANYONE, grant_id=grant.pk, at=noon).uses == 1

    def test_opens_nothing_else_and_nobody_else(self, made, noon):
        grant = given(noon, made)
        with pytest.raises(NotGranted):
            filled(made, noon, grant, fields=("birth",))
        with pytest.raises(NotAllowed):
            operations.fill(by=officer(noon, "third"), at=noon, grant_id=grant.pk, register="residents", purpose="x", shown=number())
        with pytest.raises(NoGrant):
            operations.fill(by=made["welfare"], at=noon, register="residents", organ_id=organ_id("welfare"), fields=("birth",), purpose="x", shown=number())
        with pytest.raises(NoSuchSubject):
            operations.fill(by=made["welfare"], at=noon, grant_id=grant.pk, register="residents", purpose="x", shown=number(sequence="099"))
        with pytest.raises(record.NoPurpose):
            operations.fill(by=made["welfare"], at=noon, grant_id=grant.pk, register="residents", purpose=" ", shown=number())
        assert not Look.objects.exists()

    @pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (364, True), (365, False)])
    def test_holds_on_its_first_and_last_day_and_not_beside_them(self, made, noon, days, holds):
        grant = given(noon, made)
        at = noon + timedelta(days=days)
        if holds:
            assert filled(made, at, grant).values
        else:
            with pytest.raises(NotInForce):
                filled(made, at, grant)
        assert bool(queries.granted_to(seen_by=made["welfare"], register="residents", at=at)) is holds

    def test_holds_until_midnight_of_the_town(self, made, noon):
        grant = given(noon, made, ends_on=FIRST)
        assert filled(made, noon + timedelta(hours=11, minutes=59), grant).values
        with pytest.raises(NotInForce):
            filled(made, noon + timedelta(hours=12), grant)

    def test_ended_opens_nothing_from_now_on(self, made, noon):
        grant = given(noon, made)
        with pytest.raises(NotAllowed):
            operations.end_grant(by=officer(noon, "third"), at=noon, grant_id=grant.pk, reason="x")
        operations.end_grant(by=made["registry"], at=noon, grant_id=grant.pk, reason="用途已结束")
        with pytest.raises(NotInForce):
            filled(made, noon, grant)
        with pytest.raises(EndedAlready):
            operations.end_grant(by=made["welfare"], at=noon, grant_id=grant.pk, reason="x")
        assert queries.granted_to(seen_by=made["welfare"], register="residents", at=noon) == []

    def test_does_not_open_what_was_withdrawn_meanwhile(self, made, noon):
        grant = given(noon, made)
        operations.catalogue_field(by=MAKER, at=noon, register="residents", field="phone", organ_id=organ_id("registry"), share=3, basis="《法》")
        with pytest.raises(Withdrawn):
            filled(made, noon, grant)
        assert filled(made, noon, grant, fields=("name",)).value("name") == "沈云舒"

    @pytest.mark.parametrize("ends_on", [FIRST - DAY, FIRST + timedelta(days=3 * 366 + 1)])
    def test_needs_a_term(self, made, noon, ends_on):
        with pytest.raises(NoTerm):
            given(noon, made, ends_on=ends_on)

    def test_that_nobody_uses_is_shown(self, made, noon):
        grant = given(noon, made)
        later = noon + timedelta(days=91)
        assert [one.pk for one in queries.unused(seen_by=ANYONE, at=later)] == [grant.pk]
        filled(made, later - DAY, grant)
        assert queries.unused(seen_by=ANYONE, at=later) == []

    def test_is_the_door_of_show_fields_too(self, made, noon):
        with pytest.raises(NotAllowed):
            residents.show_fields(by=made["welfare"], at=noon, resident_id=made["one"].pk, fields=("phone",), purpose="津贴")
        grant = given(noon, made)
        assert residents.show_fields(by=made["welfare"], at=noon, resident_id=made["one"].pk, fields=("phone",), purpose="津贴") == {"phone": "13900000117"}
        with pytest.raises(NotAllowed):
            residents.show_fields(by=made["welfare"], at=noon, resident_id=made["one"].pk, fields=("phone", "number"), purpose="津贴")
        assert queries.grant_for(seen_by=ANYONE, grant_id=grant.pk, at=noon).uses == 1

    def test_finds_the_record_that_was_kept_after_a_merge(self, made, noon):
        other = resident(noon, number=None, birth="1990-03-07", address="河滨路2号")
        residents.merge_residents(by=MAKER, at=noon, keep_id=made["one"].pk, other_id=other.pk, source="核对", basis="一人一档")
        found = operations.fill(by=made["welfare"], at=noon, grant_id=given(noon, made).pk, register="residents", purpose="津贴", subject_id=other.pk)
        assert found.value("phone") == "13900000117"


class TestOtherTowns:
    def test_see_neither_grant_nor_row_not_even_by_raw_sql(self, made, noon, other_town):
        given(noon, made)
        sets = operations.define_data_set(
            by=MAKER, at=noon, code="elders", title="高龄名册", organ_id=organ_id("registry"), fields=[{"code": "id", "title": "证号"}]
        )
        operations.take_data_rows(by=CLOCK, at=noon, data_set_id=sets.pk, rows=[{"id": "1"}], source="x")
        with in_town(other_town.pk):
            assert not Grant.objects.exists()
            assert not DataRow.objects.exists()
            with connection.cursor() as cursor:
                for table in ("grants_grant", "grants_datarow", "grants_fieldentry", "grants_dataset", "grants_doubt", "record_look", "residents_resident"):
                    cursor.execute(f"SELECT count(*) FROM {table}")
                    assert cursor.fetchone() == (0,), table


class TestDoubt:
    def test_is_marked_on_every_form_until_it_is_settled_and_users_are_named(self, made, noon):
        grant = given(noon, made)
        filled(made, noon, grant)
        with pytest.raises(NotAllowed):
            operations.raise_doubt(by=officer(noon, "third"), at=noon, register="residents", subject_id=made["one"].pk, field="phone", case_id=7)
        operations.raise_doubt(by=made["welfare"], at=noon, register="residents", subject_id=made["one"].pk, field="phone", case_id=7)
        with pytest.raises(InDoubtAlready):
            operations.raise_doubt(by=made["welfare"], at=noon, register="residents", subject_id=made["one"].pk, field="phone", case_id=8)
        assert {one.field.code: one.in_doubt for one in filled(made, noon, grant).values} == {"name": False, "phone": True}
        with pytest.raises(NotAllowed):
            operations.settle_doubt(by=made["welfare"], at=noon, case_id=7, value="13900000118", basis="本人来电")
        doubt = operations.settle_doubt(by=made["registry"], at=noon + DAY, case_id=7, value="13900000118", basis="本人来电")
        assert (doubt.told, doubt.is_corrected) == ([organ_id("welfare")], True)
        after = filled(made, noon + DAY, grant)
        assert (after.value("phone"), [one.in_doubt for one in after.values], after.values[1].source) == ("13900000118", [False, False], "registry")

    def test_about_oneself_is_settled_by_a_colleague(self, made, noon):
        residents.link_account(by=MAKER, at=noon, resident_id=made["one"].pk, person_id=made["registry"].person_id)
        operations.raise_doubt(by=made["registry"], at=noon, register="residents", subject_id=made["one"].pk, field="phone", case_id=7)
        with pytest.raises(OwnValue):
            operations.settle_doubt(by=made["registry"], at=noon, case_id=7, value="13900000118", basis="x")
        operations.settle_doubt(by=officer(noon, "registry"), at=noon, case_id=7, value=None)

    def test_only_the_doubted_field_is_put_right_by_its_unit(self, made, noon):
        operations.catalogue_field(by=MAKER, at=noon, register="residents", field="name", organ_id=organ_id("welfare"))
        with pytest.raises(NotAllowed):
            residents.change_resident(
                by=made["registry"], at=noon, resident_id=made["one"].pk, given={"name": "沈云殊"}, source="x", basis="y", answering=True
            )  # fmt: skip


class TestDataSets:
    FIELDS = ({"code": "id", "title": "证号"}, {"code": "from", "title": "起发日", "sort": "date"}, {"code": "amount", "title": "金额", "sort": "number"})

    def made_set(self, noon):
        return operations.define_data_set(by=MAKER, at=noon, code="elders", title="高龄津贴名册", organ_id=organ_id("registry"), fields=self.FIELDS)

    def test_rows_are_taken_by_schema_and_bad_ones_refused_one_by_one(self, made, noon):
        sets = self.made_set(noon)
        rows = [
            {"id": "A1", "from": "2026-01-01", "amount": "100"}, {"id": "", "amount": "1"}, {"id": "A2", "from": "2026-02-30"}, {"id": "A3", "amount": "1_0"},
            {"id": "A4", "colour": "x"}, "nothing", {"id": "A5", "amount": 200},
        ]  # fmt: skip
        taken = operations.take_data_rows(by=CLOCK, at=noon, data_set_id=sets.pk, rows=rows, source="民政")
        assert (taken.rows, taken.added, taken.changed, taken.known) == (7, 2, 0, 0)
        assert [(one.row, one.field) for one in taken.refused] == [(2, "id"), (3, "from"), (4, "amount"), (5, "colour"), (6, "")]
        again = operations.take_data_rows(by=CLOCK, at=noon, data_set_id=sets.pk, rows=[rows[0], rows[6] | {"amount": 300}], source="民政")
        assert (again.added, again.changed, again.known) == (0, 1, 1)

    def test_are_seen_by_grant_only_and_are_sealed(self, made, noon):
        sets = self.made_set(noon)
        operations.take_data_rows(by=CLOCK, at=noon, data_set_id=sets.pk, rows=[{"id": "A 1", "amount": "100"}], source="民政")
        assert b"100" not in bytes(DataRow.objects.get().values_sealed)
        grant = operations.give_grant(
            by=made["registry"], at=noon, register=sets.register, fields=["amount"], organ_id=organ_id("welfare"), authority_id=organ_id("registry"),
            purpose="核对", basis=LAW, starts_on=FIRST, ends_on=LAST,
        )  # fmt: skip
        found = operations.fill(by=made["welfare"], at=noon, grant_id=grant.pk, register=sets.register, purpose="核对", shown="a1")
        assert (found.value("amount"), found.values[0].source) == ("100", "民政")

    @pytest.mark.parametrize(
        "bad", [[], [{"code": "a", "title": ""}], [{"code": "a", "title": "x"}, {"code": "a", "title": "y"}], [{"code": "名", "title": "x"}]]
    )
    def test_need_a_schema(self, made, noon, bad):
        with pytest.raises(BadSchema):
            operations.define_data_set(by=MAKER, at=noon, code="x", title="x", organ_id=organ_id("registry"), fields=bad)
