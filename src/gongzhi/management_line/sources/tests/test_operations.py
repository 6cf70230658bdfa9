"""Acts on the registers: what they refuse beside what they do."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.attachments.models import Attachment
from gongzhi.foundation.attachments.rules import may_see
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.sources import operations, queries
from gongzhi.management_line.sources.models import Outlet, Permit, Return, Source
from gongzhi.management_line.sources.operations import AmountLine
from gongzhi.management_line.sources.tests.factories import NUMBER, cod, make_source, river
from gongzhi.registers.firms import operations as firms
from gongzhi.registers.firms import queries as firm_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def kit(town, noon):
    return make_source(noon)


class TestRegisterSource:
    def test_an_officer_registers_and_corrects(self, kit, noon):
        given = {"organ_id": kit.made.organs["firm"].pk, "industry_code": "1713", "industry": "印染", "level": "simple", "longitude": 120.02, "latitude": 30.28}
        made = operations.register_source(by=kit.by("officer"), at=noon, code="second", name="二厂", **given)
        again = operations.register_source(by=kit.by("officer"), at=noon, code="second", name="二分厂", **given)
        assert again.pk == made.pk
        assert Source.objects.get(pk=made.pk).name == "二分厂"

    def test_refuses_others_strange_levels_places_and_organs(self, kit, noon):
        given = {
            "code": "x",
            "name": "x",
            "organ_id": kit.made.organs["firm"].pk,
            "industry_code": "1713",
            "industry": "x",
            "level": "key",
            "longitude": 120.0,
            "latitude": 30.0,
        }
        with pytest.raises(NotAllowed):
            operations.register_source(by=kit.by("contact"), at=noon, **given)
        officer = kit.by("officer")
        for wrong, refusal in (
            ({"level": "huge"}, operations.NoSuchLevel), ({"longitude": float("nan")}, operations.NotAPlace), ({"latitude": 91.0}, operations.NotAPlace),
            ({"organ_id": kit.made.organs["centre"].pk}, operations.NoSuchFirm), ({"code": "new"}, operations.CodeTaken),
        ):  # fmt: skip
            with pytest.raises(refusal):
                operations.register_source(by=officer, at=noon, **given | wrong)
        assert not Source.objects.filter(code="x").exists()

    def test_another_town_sees_none_of_it(self, kit, other_town):
        assert queries.sources(seen_by=MAKER).count() == 1
        with in_town(other_town.pk):
            assert queries.sources(seen_by=MAKER).count() == 0
            assert Permit.objects.count() == 0

    def test_a_closed_source_is_for_the_town_and_its_firm(self, kit, noon):
        operations.close_source(by=kit.by("officer"), at=noon, source_id=kit.source.pk, closed_on=noon.date())
        assert queries.source_for(seen_by=kit.by("contact"), code="dyeing")
        with pytest.raises(Source.DoesNotExist):
            queries.source_for(seen_by=ANYONE, code="dyeing")


class TestRegisterOutlet:
    def test_the_code_says_what_leaves_it(self, kit, noon):
        stack = operations.register_outlet(
            by=kit.by("officer"), at=noon, source_id=kit.source.pk, code="DA001", name="定型机", longitude=120.02, latitude=30.28, height=25
        )
        assert stack.medium == Outlet.Medium.AIR
        assert kit.outlet.medium == Outlet.Medium.WATER

    def test_refuses_codes_and_stations_that_do_not_fit(self, kit, noon):
        bridge = river(noon, "bridge")
        given = {"by": kit.by("officer"), "at": noon, "source_id": kit.source.pk, "name": "x", "longitude": 120.02, "latitude": 30.28}
        for wrong, refusal in (
            ({"code": "DX001"}, operations.BadCode), ({"code": "DA1"}, operations.BadCode),
            ({"code": "DA001", "station_id": kit.station.pk}, operations.WrongStation),
            ({"code": "DW002", "downstream_id": kit.station.pk}, operations.WrongStation),
            ({"code": "DA001", "downstream_id": bridge.pk}, operations.WrongStation),
            ({"code": "DW002", "downstream_hours": 2.0}, operations.WrongStation),
        ):  # fmt: skip
            with pytest.raises(refusal):
                operations.register_outlet(**given | wrong)
        made = operations.register_outlet(**given, code="DW002", downstream_id=bridge.pk, downstream_hours=2.0)
        assert made.downstream_hours == 2.0


class TestPermits:
    def test_says_when_it_ends(self, kit):
        held = Permit.objects.get(number=NUMBER)
        assert held.state_on(date(2025, 12, 31)) == "coming"
        assert held.state_on(date(2026, 1, 1)) == "valid"
        assert held.state_on(date(2030, 11, 1)) == "soon"
        assert held.state_on(date(2030, 12, 31)) == "soon"
        assert held.state_on(date(2031, 1, 1)) == "expired"

    def test_two_of_one_source_do_not_overlap_until_one_is_ended(self, kit, noon):
        officer = kit.by("officer")
        given = {
            "by": officer,
            "at": noon,
            "source_id": kit.source.pk,
            "number": "NEXT-2027-001",
            "valid_from": date(2027, 1, 1),
            "valid_to": date(2031, 12, 31),
        }
        with pytest.raises(operations.PermitOverlaps, match=NUMBER):
            operations.enter_permit(**given, limits=[cod()])
        with pytest.raises(operations.EndsBeforeItBegins):
            operations.end_permit(by=officer, at=noon, permit_id=kit.permit.pk, ended_on=date(2031, 1, 1), reason="换证")
        operations.end_permit(by=officer, at=noon, permit_id=kit.permit.pk, ended_on=date(2027, 1, 1), reason="换证")
        operations.enter_permit(**given, limits=[cod()])
        assert Permit.objects.in_force(date(2026, 12, 31)).get().number == NUMBER
        assert Permit.objects.in_force(date(2027, 1, 1)).get().number == "NEXT-2027-001"

    def test_refuses_limits_that_say_too_little(self, kit, noon):
        operations.end_permit(by=MAKER, at=noon, permit_id=kit.permit.pk, ended_on=date(2027, 1, 1), reason="换证")
        given = {"by": kit.by("officer"), "at": noon, "source_id": kit.source.pk, "valid_from": date(2027, 1, 1), "valid_to": date(2031, 12, 31)}
        for number, line in enumerate(
            (
                cod(outlet="DW009"), cod(standard=" "), cod(unit="斤/桶"), cod(concentration=None, year_amount=None), cod(year_amount=Decimal(0)),
                cod(low=90.0), cod(concentration=float("inf")), cod(reference_oxygen=21.0), cod(factor=""),
            )
        ):  # fmt: skip
            with pytest.raises(operations.BadLimitLine):
                operations.enter_permit(**given, number=f"BAD-{number}-0001", limits=[line])
        with pytest.raises(operations.BadLimitLine, match="2"):
            operations.enter_permit(**given, number="TWICE-0001", limits=[cod(), cod()])
        with pytest.raises(operations.NumberTaken):
            operations.enter_permit(**given, number=NUMBER, limits=[cod()])
        with pytest.raises(NotAllowed):
            operations.enter_permit(**given | {"by": kit.by("contact")}, number="BY-THE-FIRM", limits=[cod()])

    def test_counts_sources_without_one_and_those_that_end_soon(self, kit):
        assert queries.permits_ending(seen_by=MAKER, on=date(2026, 11, 18)) == (0, 0)
        assert queries.permits_ending(seen_by=MAKER, on=date(2030, 11, 18)) == (0, 1)
        assert queries.permits_ending(seen_by=MAKER, on=date(2031, 1, 18)) == (1, 0)


def file_october(kit, noon, **more):
    given = {
        "by": kit.by("contact"), "at": noon, "organ_id": kit.made.organs["firm"].pk, "period": "month", "starts_on": date(2026, 10, 1),
        "output_value": Decimal(400), "energy": Decimal(120), "water": Decimal(9000),
        "amounts": [AmountLine(outlet_id=kit.outlet.pk, factor="w01018", kilograms=Decimal(1500))],
    }  # fmt: skip
    return operations.file_return(**given | more)


class TestReturns:
    def test_the_firm_files_an_officer_accepts(self, kit, noon):
        filed = file_october(kit, noon)
        assert filed.ends_on == date(2026, 10, 31)
        accepted = operations.check_return(by=kit.by("officer"), at=noon, return_id=filed.pk, accepted=True)
        assert accepted.is_accepted
        with pytest.raises(operations.NotWaiting):
            operations.check_return(by=kit.by("officer"), at=noon, return_id=filed.pk, accepted=False, remark="x")
        with pytest.raises(operations.FiledAlready):
            file_october(kit, noon)

    def test_a_firm_that_left_before_the_period_files_nothing(self, kit, noon):
        firm = firm_queries.firm_of_organ(seen_by=MAKER, organ_id=kit.source.organ_id)
        assert (firm.industry, firm.longitude) == (kit.source.industry_code, kit.source.longitude)  # told by the source
        told = {"source": "园区办", "basis": "《企业信息公示暂行条例》"}
        firms.change_firm(by=MAKER, at=noon, firm_id=firm.pk, given={"left_on": "2026-10-01"}, **told)
        with pytest.raises(operations.FirmHasLeft):
            file_october(kit, noon)
        firms.change_firm(by=MAKER, at=noon, firm_id=firm.pk, given={"left_on": "2026-10-02"}, **told)
        assert file_october(kit, noon).pk

    def test_only_the_firm_files_and_it_never_checks_itself(self, kit, noon):
        with pytest.raises(NotAllowed):
            file_october(kit, noon, by=kit.by("officer"))
        filed = file_october(kit, noon)
        with pytest.raises(NotAllowed):
            operations.check_return(by=kit.by("contact"), at=noon, return_id=filed.pk, accepted=True)

    def test_what_was_sent_back_is_filed_anew_and_the_old_one_stays(self, kit, noon):
        filed = file_october(kit, noon)
        with pytest.raises(operations.SayWhy):
            operations.check_return(by=kit.by("officer"), at=noon, return_id=filed.pk, accepted=False)
        operations.check_return(by=kit.by("officer"), at=noon, return_id=filed.pk, accepted=False, remark="用水量单位有误")
        again = file_october(kit, noon, water=Decimal(900))
        assert again.replaces_id == filed.pk
        assert list(queries.returns(seen_by=MAKER)) == [again]
        assert Return.objects.count() == 2

    def test_refuses_what_is_no_period_not_over_or_reported_twice(self, kit, noon):
        for wrong, refusal in (
            ({"starts_on": date(2026, 10, 2)}, operations.NotAPeriod), ({"period": "quarter", "starts_on": date(2026, 8, 1)}, operations.NotAPeriod),
            ({"period": "year"}, operations.NotAPeriod), ({"starts_on": date(2026, 11, 1)}, operations.NotOver),
            ({"energy": Decimal(-1)}, operations.BelowNought),
            ({"water": Decimal("NaN")}, operations.BelowNought),
            ({"amounts": [AmountLine(outlet_id=10**9, factor="w01018", kilograms=Decimal(1))]}, operations.BadAmount),
            ({"amounts": [AmountLine(outlet_id=kit.outlet.pk, factor="w01018", kilograms=Decimal(-1))]}, operations.BadAmount),
            ({"amounts": [AmountLine(outlet_id=kit.outlet.pk, factor="w01018", kilograms=Decimal(1))] * 2}, operations.BadAmount),
        ):  # fmt: skip
            with pytest.raises(refusal):
                file_october(kit, noon, **wrong)
        file_october(kit, noon, starts_on=date(2026, 8, 1))
        with pytest.raises(operations.OverlapsAnother):
            file_october(kit, noon, period="quarter", starts_on=date(2026, 7, 1))
        assert file_october(kit, noon, period="quarter", starts_on=date(2026, 4, 1)).ends_on == date(2026, 6, 30)

    def test_a_firm_does_not_see_another_ones_returns(self, kit, noon):
        filed = file_october(kit, noon)
        for who, sees in (("contact", True), ("officer", True), ("resident", False)):
            assert queries.returns(seen_by=kit.by(who)).filter(pk=filed.pk).exists() is sees, who


class TestThreeHighs:
    def test_a_firm_above_the_threshold_of_the_day_is_high(self, kit, noon):
        operations.set_threshold(by=kit.by("member"), at=noon, measure="energy", limit=Decimal("0.2"), basis="镇政府〔2026〕3 号", valid_from=date(2026, 1, 1))
        filed = file_october(kit, noon)
        assert queries.highs(seen_by=MAKER, on=noon.date()) == []  # not accepted yet
        operations.check_return(by=kit.by("officer"), at=noon, return_id=filed.pk, accepted=True)
        (found,) = queries.highs(seen_by=MAKER, on=noon.date())
        assert [one.measure for one in found.highs] == ["energy"]
        assert found.value("energy").value == Decimal("0.3")
        assert found.value("w01018").value == Decimal("3.75")
        assert found.worst == pytest.approx(1.5)

    def test_the_threshold_in_force_at_the_end_of_the_year_counts(self, kit, noon):
        for limit, day in (("0.2", date(2026, 1, 1)), ("0.5", date(2026, 11, 1))):
            operations.set_threshold(by=kit.by("member"), at=noon, measure="energy", limit=Decimal(limit), basis="决定", valid_from=day)
        filed = file_october(kit, noon)
        operations.check_return(by=kit.by("officer"), at=noon, return_id=filed.pk, accepted=True)
        assert queries.highs(seen_by=MAKER, on=noon.date())[0].is_high  # October is judged by October's

    def test_refuses_others_and_what_reaches_back(self, kit, noon):
        given = {"at": noon, "measure": "water", "limit": Decimal(20), "basis": "决定", "valid_from": date(2026, 5, 1)}
        with pytest.raises(NotAllowed):
            operations.set_threshold(by=kit.by("officer"), **given)
        operations.set_threshold(by=kit.by("member"), **given)
        for wrong in ({"valid_from": date(2026, 5, 1)}, {"valid_from": date(2026, 6, 1), "limit": Decimal(0)}, {"valid_from": date(2026, 6, 1), "basis": " "}):
            with pytest.raises(operations.NotAThreshold):
                operations.set_threshold(by=kit.by("member"), **given | wrong)


@pytest.fixture
def risk(kit, noon):
    longitude, latitude = middle(0, 0)
    return operations.register_risk_source(
        by=kit.by("officer"), at=noon, code="tank", name="液氨储罐", organ_id=kit.made.organs["firm"].pk, longitude=longitude, latitude=latitude
    )


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


class TestRisks:
    def test_q_is_the_sum_of_what_is_listed_now(self, kit, risk, noon):
        contact = kit.by("contact")
        for quantity in ("4", "6"):
            operations.list_substance(
                by=contact, at=noon, risk_id=risk.pk, name="氨", quantity=Decimal(quantity), threshold=Decimal(5), basis="企业风险评估报告"
            )
        operations.list_substance(by=contact, at=noon, risk_id=risk.pk, name="次氯酸钠", quantity=Decimal(1), threshold=Decimal(5), basis="企业风险评估报告")
        (found,) = queries.risks(seen_by=contact)
        assert found.ratio == Decimal("1.4")
        assert risk.substances.count() == 3  # the one before stays as history

    def test_refuses_quantities_that_cannot_be_and_others(self, kit, risk, noon):
        given = {"at": noon, "risk_id": risk.pk, "name": "氨", "quantity": Decimal(1), "threshold": Decimal(5), "basis": "报告"}
        for wrong in ({"quantity": Decimal(-1)}, {"threshold": Decimal(0)}, {"basis": ""}, {"quantity": Decimal("Infinity")}):
            with pytest.raises(operations.NotAQuantity):
                operations.list_substance(by=kit.by("contact"), **given | wrong)
        with pytest.raises(NotAllowed):
            operations.list_substance(by=kit.by("walker"), **given)

    def test_a_plan_says_when_its_revision_is_due_and_who_reads_its_paper(self, kit, risk, noon):
        contact = kit.by("contact")
        paper = attachments.add_attachment(by=contact, at=noon, content=PDF, name="预案.pdf")
        plan = operations.file_plan(
            by=contact,
            at=noon,
            risk_id=risk.pk,
            title="预案",
            number="330110-2024-017-L",
            filed_on=date(2024, 1, 10),
            revision_due_on=date(2027, 1, 10),
            paper_id=paper.pk,
        )
        assert [plan.state_on(day) for day in (date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 11))] == ["valid", "soon", "late"]
        kept = Attachment.objects.get(pk=paper.pk)
        assert may_see(kit.by("officer"), kept)
        assert not may_see(kit.by("resident"), kept)
        with pytest.raises(operations.EndsBeforeItBegins):
            operations.file_plan(by=contact, at=noon, risk_id=risk.pk, title="x", number="x", filed_on=date(2026, 1, 1), revision_due_on=date(2026, 1, 1))

    def test_refuses_a_paper_that_somebody_else_added(self, kit, risk, noon):
        paper = attachments.add_attachment(by=kit.by("resident"), at=noon, content=PDF, name="x.pdf")
        with pytest.raises(operations.NoSuchPaper):
            operations.file_plan(
                by=kit.by("contact"),
                at=noon,
                risk_id=risk.pk,
                title="x",
                number="x",
                filed_on=date(2026, 1, 1),
                revision_due_on=date(2029, 1, 1),
                paper_id=paper.pk,
            )

    def test_a_drill_to_come_is_not_recorded(self, kit, risk, noon):
        with pytest.raises(operations.NotYetHeld):
            operations.record_drill(by=kit.by("contact"), at=noon, risk_id=risk.pk, held_on=noon.date() + timedelta(days=1), scenario="泄漏")
        operations.record_drill(by=kit.by("contact"), at=noon, risk_id=risk.pk, held_on=noon.date(), scenario="泄漏")
        assert queries.risks(seen_by=MAKER)[0].drill.held_on == noon.date()

    def test_who_lies_within_the_radius(self, kit, risk, noon):
        officer = kit.by("officer")
        for name, metres in (("小学", 400), ("医院", 990), ("村", 1500)):
            operations.register_sensitive_place(
                by=officer, at=noon, name=name, kind="school", longitude=risk.longitude, latitude=risk.latitude + metres / 111_195, population=100
            )
        found = queries.near(seen_by=officer, longitude=risk.longitude, latitude=risk.latitude, radius=1000)
        assert [one.place.name for one in found] == ["小学", "医院"]
        assert found[0].metres == pytest.approx(400, abs=1)
        assert queries.near(seen_by=kit.by("resident"), longitude=risk.longitude, latitude=risk.latitude, radius=1000) == []
        with pytest.raises(operations.NoSuchKindOfPlace):
            operations.register_sensitive_place(by=officer, at=noon, name="x", kind="castle", longitude=120.0, latitude=30.0)

    def test_residents_see_no_risk_source(self, kit, risk):
        assert queries.risks(seen_by=kit.by("resident")) == []
        assert len(queries.risks(seen_by=kit.by("contact"))) == 1
