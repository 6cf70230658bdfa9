"""Ledgers and ground: what is refused beside what is done."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.wastes import operations, queries
from gongzhi.management_line.wastes.models import Booking, Count, Waste

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(town, noon):
    return make_town_with_list(noon)


@pytest.fixture
def waste(made, noon):
    return operations.open_ledger(
        by=made.by("contact"), at=noon, organ_id=made.organs["firm"].pk, name="废活性炭", code="900-039-49", is_hazardous=True, opened_on=date(2026, 1, 1),
        opening=Decimal("1.5"),
    )  # fmt: skip


def book(made, noon, waste, kind, amount, on=date(2026, 3, 1), **more):
    return operations.book_waste(by=made.by("contact"), at=noon, waste_id=waste.pk, kind=kind, on=on, amount=Decimal(amount), **more)


MANIFEST = {"manifest": "2026330110000001", "carrier": "杭州危运", "partner": "杭州立佳"}


class TestOpenLedger:
    def test_writes_the_code_as_the_list_does(self, waste):
        assert waste.code == "HW49 900-039-49"

    def test_refuses_codes_that_are_none_and_others(self, made, waste, noon):
        given = {
            "by": made.by("contact"),
            "at": noon,
            "organ_id": made.organs["firm"].pk,
            "name": "x",
            "is_hazardous": True,
            "opened_on": date(2026, 1, 1),
            "opening": Decimal(0),
        }
        for code in ("HW51 900-039-51", "HW08 900-039-49", "废油", ""):
            with pytest.raises(operations.BadWasteCode):
                operations.open_ledger(**given, code=code)
        assert operations.open_ledger(**given | {"is_hazardous": False}, code="SW17").code == "SW17"
        with pytest.raises(NotAllowed):
            operations.open_ledger(**given | {"by": made.by("walker")}, code="900-039-49")
        with pytest.raises(operations.NotAnAmount):
            operations.open_ledger(**given | {"opening": Decimal(-1)}, code="900-039-49")
        with pytest.raises(operations.NotYet):
            operations.open_ledger(**given | {"opened_on": noon.date() + timedelta(days=2)}, code="900-039-49")


class TestBookWaste:
    def test_what_is_not_there_cannot_leave(self, made, waste, noon):
        book(made, noon, waste, "produced", "2")
        with pytest.raises(operations.NotInStock, match=r"3\.5"):
            book(made, noon, waste, "moved", "3.6", on=date(2026, 4, 1), **MANIFEST)
        book(made, noon, waste, "moved", "3.5", on=date(2026, 4, 1), **MANIFEST)
        state = queries.now(seen_by=MAKER, waste=queries.waste_for(seen_by=MAKER, waste_id=waste.pk), on=noon.date())
        assert state.stock == 0

    def test_a_line_dated_back_may_not_empty_a_later_day(self, made, waste, noon):
        book(made, noon, waste, "disposed", "1", on=date(2026, 5, 1))
        with pytest.raises(operations.NotInStock):
            book(made, noon, waste, "used", "1", on=date(2026, 2, 1))

    def test_hazardous_waste_moves_with_a_manifest_that_is_booked_once(self, made, waste, noon):
        for missing in ("manifest", "carrier", "partner"):
            with pytest.raises(operations.ManifestMissing):
                book(made, noon, waste, "moved", "0.2", **MANIFEST | {missing: " "})
        book(made, noon, waste, "moved", "0.2", **MANIFEST)
        with pytest.raises(operations.ManifestTaken):
            book(made, noon, waste, "moved", "0.2", **MANIFEST)

    def test_refuses_days_amounts_kinds_and_others(self, made, waste, noon):
        for wrong, refusal in (
            ({"amount": "0"}, operations.NotAnAmount), ({"amount": "NaN"}, operations.NotAnAmount), ({"kind": "lost"}, operations.NoSuchBooking),
            ({"on": date(2025, 12, 31)}, operations.OutOfTheLedger), ({"on": noon.date() + timedelta(days=2)}, operations.NotYet),
        ):  # fmt: skip
            with pytest.raises(refusal):
                book(made, noon, waste, **{"kind": "produced", "amount": "1"} | wrong)
        with pytest.raises(NotAllowed):
            operations.book_waste(by=made.by("officer"), at=noon, waste_id=waste.pk, kind="produced", on=date(2026, 3, 1), amount=Decimal(1))
        assert not Booking.objects.exists()


class TestStrikeBooking:
    def test_a_struck_line_stays_and_no_longer_counts(self, made, waste, noon):
        line = book(made, noon, waste, "produced", "2")
        struck = operations.strike_booking(by=made.by("contact"), at=noon, booking_id=line.pk, reason="重复登记")
        assert struck.is_struck
        fresh = queries.waste_for(seen_by=MAKER, waste_id=waste.pk)
        assert queries.now(seen_by=MAKER, waste=fresh, on=noon.date()).stock == Decimal("1.5")
        with pytest.raises(operations.StruckAlready):
            operations.strike_booking(by=made.by("contact"), at=noon, booking_id=line.pk, reason="x")

    def test_refuses_what_would_leave_less_than_nought(self, made, waste, noon):
        line = book(made, noon, waste, "produced", "2")
        book(made, noon, waste, "disposed", "3", on=date(2026, 3, 2))
        with pytest.raises(Exception, match=r"more would have left|转出"):
            operations.strike_booking(by=made.by("contact"), at=noon, booking_id=line.pk, reason="错")


class TestCountStock:
    def test_a_book_that_agrees_closes_the_ledger(self, made, waste, noon):
        book(made, noon, waste, "produced", "2")
        count = operations.count_stock(by=made.by("contact"), at=noon, waste_id=waste.pk, on=date(2026, 6, 30), weighed=Decimal("3.504"))
        assert not count.is_flagged
        assert count.difference == Decimal("-0.004")
        with pytest.raises(operations.BeforeTheCount):
            book(made, noon, waste, "produced", "1", on=date(2026, 6, 30))
        book(made, noon, waste, "produced", "1", on=date(2026, 7, 1))
        line = Booking.objects.earliest("on")
        with pytest.raises(operations.BeforeTheCount):
            operations.strike_booking(by=made.by("contact"), at=noon, booking_id=line.pk, reason="x")

    def test_a_difference_beyond_weighing_is_refused_until_it_is_explained(self, made, waste, noon):
        book(made, noon, waste, "produced", "2")
        given = {"by": made.by("officer"), "at": noon, "waste_id": waste.pk, "on": date(2026, 6, 30), "weighed": Decimal("3.3")}
        with pytest.raises(operations.DoesNotBalance, match=r"0\.2"):
            operations.count_stock(**given)
        assert not Count.objects.exists()
        count = operations.count_stock(**given, explanation="破袋散落，已清扫送处置")
        assert count.is_flagged
        assert count.difference == Decimal("0.2")
        fresh = queries.waste_for(seen_by=MAKER, waste_id=waste.pk)
        state = queries.now(seen_by=MAKER, waste=fresh, on=noon.date())
        assert (state.stock, state.state) == (Decimal("3.3"), "flagged")
        running, closed = queries.balances(seen_by=MAKER, waste=fresh, on=noon.date())
        assert closed[2].balances is False
        assert running[2].opening == Decimal("3.3")

    def test_the_next_stretch_opens_with_what_was_weighed(self, made, waste, noon):
        operations.count_stock(by=made.by("contact"), at=noon, waste_id=waste.pk, on=date(2026, 1, 31), weighed=Decimal("1.5"))
        book(made, noon, waste, "produced", "1")
        operations.count_stock(by=made.by("contact"), at=noon, waste_id=waste.pk, on=date(2026, 6, 30), weighed=Decimal("2.5"))
        fresh = queries.waste_for(seen_by=MAKER, waste_id=waste.pk)
        assert [(one[2].opening, one[2].closing) for one in queries.balances(seen_by=MAKER, waste=fresh, on=noon.date())] == [
            (Decimal("2.5"), Decimal("2.5")), (Decimal("1.5"), Decimal("2.5")), (Decimal("1.5"), Decimal("1.5")),
        ]  # fmt: skip


class TestStorageTerm:
    def now(self, waste, on):
        return queries.now(seen_by=MAKER, waste=queries.waste_for(seen_by=MAKER, waste_id=waste.pk), on=on)

    def test_a_year_is_the_term_and_the_oldest_decides(self, made, waste, noon):
        assert self.now(waste, date(2026, 12, 31)).state == "soon"
        assert self.now(waste, date(2027, 1, 1)).overdue == 0
        late = self.now(waste, date(2027, 1, 2))
        assert (late.overdue, late.state) == (Decimal("1.5"), "late")

    def test_an_approval_lengthens_it_and_general_waste_has_none(self, made, waste, noon):
        Waste.objects.filter(pk=waste.pk).update(approved_until=date(2027, 6, 30))
        assert self.now(waste, date(2027, 6, 30)).overdue == 0
        assert self.now(waste, date(2027, 7, 1)).overdue == Decimal("1.5")
        Waste.objects.filter(pk=waste.pk).update(is_hazardous=False)
        assert self.now(waste, date(2029, 1, 1)).overdue == 0

    def test_what_left_takes_the_oldest_with_it(self, made, waste, noon):
        book(made, noon, waste, "produced", "1", on=date(2026, 8, 1))
        book(made, noon, waste, "disposed", "1.5", on=date(2026, 9, 1))
        assert self.now(waste, date(2027, 1, 2)).overdue == 0
        assert self.now(waste, date(2026, 9, 1)).oldest.since == date(2026, 8, 1)


class TestWhoSees:
    def test_the_firm_and_the_town_but_nobody_else(self, made, waste, other_town, noon):
        assert [len(queries.wastes(seen_by=made.by(who), on=noon.date())) for who in ("contact", "officer", "resident")] == [1, 1, 0]
        with in_town(other_town.pk):
            assert not Waste.objects.exists()


class TestSoil:
    @pytest.fixture
    def plot(self, made, noon):
        longitude, latitude = middle(0, 0)
        return operations.register_plot(by=made.by("officer"), at=noon, code="paddy-1", name="河口水田", use="paddy", longitude=longitude, latitude=latitude)

    def test_a_sample_is_judged_by_use_and_ph(self, made, plot, noon):
        operations.take_sample(by=made.by("officer"), at=noon, plot_id=plot.pk, number="T-1", taken_on=date(2026, 5, 1), values={"Cd": 0.35, "Pb": 60}, ph=5.2)
        operations.take_sample(by=made.by("officer"), at=noon, plot_id=plot.pk, number="T-2", taken_on=date(2026, 6, 1), values={"Cd": 0.35}, ph=6.3)
        _plot, samples = queries.plot_for(seen_by=MAKER, code="paddy-1")
        assert [one.worst for one in samples] == ["negligible", "watch"]
        assert samples[1].findings[0].screening == 0.3
        (now,) = queries.plots(seen_by=MAKER)
        assert (now.worst, now.samples) == ("negligible", 2)

    def test_above_control_is_the_gravest(self, made, noon):
        plot = operations.register_plot(by=made.by("officer"), at=noon, code="old-works", name="旧厂区", use="homes", longitude=120.0, latitude=30.0)
        operations.take_sample(by=made.by("officer"), at=noon, plot_id=plot.pk, number="T-3", taken_on=date(2026, 5, 1), values={"As": 130, "Pb": 300})
        assert queries.plots(seen_by=MAKER)[0].worst == "measures"

    def test_refuses_what_the_norm_cannot_judge(self, made, plot, noon):
        given = {"by": made.by("officer"), "at": noon, "plot_id": plot.pk, "number": "T-9", "taken_on": date(2026, 5, 1)}
        for wrong in ({"values": {"Cd": 0.2}}, {"values": {"Au": 1.0}, "ph": 6.0}, {"values": {"Cd": -1.0}, "ph": 6.0}, {"values": {"Cd": 0.2}, "ph": 15.0}):
            with pytest.raises(operations.NotASample):
                operations.take_sample(**given | wrong)
        with pytest.raises(NotAllowed):
            operations.take_sample(**given | {"by": made.by("contact")}, values={"Cd": 0.2}, ph=6.0)
        assert queries.plots(seen_by=MAKER)[0].samples == 0
        with pytest.raises(operations.NoSuchUse):
            operations.register_plot(by=made.by("officer"), at=noon, code="x", name="x", use="moon", longitude=120.0, latitude=30.0)
