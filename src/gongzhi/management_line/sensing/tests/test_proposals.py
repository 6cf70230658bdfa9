"""Evidence against a unit is not kept by that unit: what it says of its devices and readings is a proposal that an officer confirms."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.notices.models import Notice
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import CLOCK, Actor, Duty, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.models import Calibration, Claim, ClaimedReading, Latest, Maintenance, Reading, Station
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.tests.factories import MN, browser_of, make_station
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
GATEWAY = system("gateway")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def world(town, noon):
    return make_station(noon)


def contact(world):
    return world[0].by("contact")


def program(world):
    """The firm's contact by a token that may write readings."""
    actor = contact(world)
    return Actor(kind="person", person_id=actor.person_id, duties=actor.duties, scopes=frozenset({"sensing:write"}))


def send(world, at, value, flag="N", received=None):
    _made, station, device = world
    packet = TakenPacket(f"{at} {value} {flag}".encode(), device.pk, station.pk, received or at, (("w01018", "rtd", at, value, flag),))
    return operations.take_readings(by=GATEWAY, at=received or at, key=uuid.uuid4(), packets=[packet])


def cod(world):
    return queries.series_of(seen_by=CLOCK, station_id=world[1].pk).get(factor="w01018")


def counts(world, at):
    """(value, mark) that counts at a moment."""
    point = queries.readings(seen_by=CLOCK, series_id=cod(world).pk, since=at, until=at)[0]
    return point.value, point.flag


def plan(world, by, at, begins_at, hours=2.0):
    return operations.plan_maintenance(
        by=by, at=at, device_id=world[2].pk, begins_at=begins_at, ends_at=begins_at + timedelta(hours=hours), reason="换泵管"
    )


class TestWork:
    def test_of_a_firm_counts_once_an_officer_confirms_it(self, world, noon):
        window = plan(world, contact(world), noon, noon)
        assert window.is_open
        assert queries.in_maintenance(seen_by=CLOCK, at=noon + MINUTE) == set()
        send(world, noon + MINUTE, 90.0)
        assert counts(world, noon + MINUTE) == (90.0, "N")
        operations.decide_proposal(by=world[0].by("officer"), at=noon + 10 * MINUTE, matter="work", proposal_id=window.pk, confirmed=True)
        window.refresh_from_db()
        assert (window.counts, window.begins_at) == (True, noon + 10 * MINUTE)  # never backwards
        send(world, noon + 11 * MINUTE, 90.0)
        assert counts(world, noon + 11 * MINUTE) == (90.0, "M")
        assert counts(world, noon + MINUTE) == (90.0, "N")

    def test_of_an_officer_counts_at_once(self, world, noon):
        assert plan(world, world[0].by("officer"), noon, noon).counts
        assert queries.in_maintenance(seen_by=CLOCK, at=noon + MINUTE) == {world[2].pk}

    @pytest.mark.parametrize(("begins", "hours", "refusal"), [
        (-2 * MINUTE, 1, operations.BeganAlready), (-10 * 365 * timedelta(days=1), 24, operations.BeganAlready),
        (timedelta(0), 120 + 1 / 60, operations.TooLongAWork), (timedelta(0), 24 * 365 * 7973, operations.TooLongAWork),
        (timedelta(days=367), 1, operations.TooFarAhead), (timedelta(0), 0, operations.EndsBeforeItBegins),
    ])  # fmt: skip
    @pytest.mark.parametrize("who", ["contact", "officer"])
    def test_is_neither_backwards_nor_longer_than_the_town_allows(self, world, noon, who, begins, hours, refusal):
        with pytest.raises(refusal):
            plan(world, world[0].by(who), noon, noon + begins, hours)
        assert not Maintenance.objects.exists()

    def test_is_as_long_as_the_town_allows(self, world, noon):
        assert plan(world, MAKER, noon, noon, 120).pk
        territory.set_town_rules(by=MAKER, at=noon, longest_maintenance_hours=2)
        assert plan(world, MAKER, noon, noon, 2).pk
        with pytest.raises(operations.TooLongAWork, match="2"):
            plan(world, MAKER, noon, noon, 2.1)

    def test_is_not_confirmed_when_it_is_over_nor_twice_nor_by_the_unit(self, world, noon):
        window = plan(world, contact(world), noon, noon)
        decide = {"matter": "work", "proposal_id": window.pk, "confirmed": True}
        with pytest.raises(NotAllowed):
            operations.decide_proposal(by=contact(world), at=noon, **decide)
        officer = world[0].by("officer")
        also_there = Actor(kind="person", person_id=officer.person_id, duties=(*officer.duties, Duty(organ_id=world[1].organ_id, role="enterprise_contact")))
        with pytest.raises(NotAllowed):
            operations.decide_proposal(by=also_there, at=noon, **decide)
        with pytest.raises(operations.WorkIsOver):
            operations.decide_proposal(by=officer, at=noon + 2 * HOUR, **decide)
        with pytest.raises(operations.SayWhy):
            operations.decide_proposal(by=officer, at=noon, **(decide | {"confirmed": False}))
        operations.decide_proposal(by=officer, at=noon, **(decide | {"confirmed": False}), answer="没有检修单")
        with pytest.raises(operations.Decided):
            operations.decide_proposal(by=officer, at=noon, **decide)
        assert queries.in_maintenance(seen_by=CLOCK, at=noon + MINUTE) == set()


class TestCalibrations:
    def test_of_a_firm_count_once_confirmed(self, world, noon):
        given = {"device_id": world[2].pk, "factor": "w01018", "done_on": noon.date(), "reference": 100.0, "found": 180.0, "passed": True}
        mine = operations.record_calibration(by=contact(world), at=noon, next_due_on=noon.date() + timedelta(days=30), **given)
        assert mine.is_open
        assert queries.health(seen_by=CLOCK, at=noon)[0].calibration_due_on is None
        operations.decide_proposal(by=world[0].by("officer"), at=noon, matter="calibration", proposal_id=mine.pk, confirmed=True)
        assert queries.health(seen_by=CLOCK, at=noon)[0].calibration_due_on == noon.date() + timedelta(days=30)
        with pytest.raises(operations.NotDoneYet):
            operations.record_calibration(by=MAKER, at=noon, **(given | {"done_on": noon.date() + timedelta(days=2)}))
        for name in ("reference", "found"):
            with pytest.raises(operations.NotAReference):
                operations.record_calibration(by=MAKER, at=noon, **(given | {name: float("inf")}))

    def test_next_to_nothing_have_no_deviation(self, world):
        assert Calibration(reference=1e-310, found=5.0).deviation is None


class TestCorrections:
    def test_of_a_logger_are_kept_beside_what_counts_until_confirmed(self, world, noon):
        send(world, noon, 90.0)
        assert (send(world, noon, 20.0).repeated, send(world, noon, 20.0).corrected) == (0, 0)
        assert counts(world, noon) == (90.0, "N")
        assert Latest.objects.get(series=cod(world)).value == 90.0
        claim = Claim.objects.get()
        assert (claim.sort, claim.count, claim.is_open) == ("correction", 1, True)
        send(world, noon + MINUTE, 91.0)  # the second beyond the limit: judged by what counts
        assert queries.episodes(seen_by=CLOCK).count() == 1
        beside = queries.claimed_beside(seen_by=CLOCK, claim_ids=[claim.pk])[claim.pk]
        assert [(row.value, value) for row, value, _flag in beside] == [(20.0, 90.0)]
        operations.decide_proposal(by=world[0].by("officer"), at=noon + HOUR, matter="readings", proposal_id=claim.pk, confirmed=True)
        assert counts(world, noon) == (20.0, "N")
        assert list(Reading.objects.filter(measured_at=noon).order_by("version").values_list("value", flat=True)) == [90.0, 20.0]
        send(world, noon, 90.0)  # what counted once is no claim of its own
        assert Claim.objects.count() == 1

    def test_declined_change_nothing(self, world, noon):
        send(world, noon, 90.0)
        send(world, noon, 20.0)
        operations.decide_proposal(
            by=world[0].by("officer"), at=noon, matter="readings", proposal_id=Claim.objects.get().pk, confirmed=False, answer="没有依据"
        )
        assert counts(world, noon) == (90.0, "N")
        send(world, noon, 20.0)
        assert Claim.objects.count() == 1  # said again, it is not asked again

    def test_by_a_token_are_claims_too_and_of_own_stations_only(self, world, noon):
        send(world, noon, 90.0)
        given = {"at": noon, "moments": [noon], "values": [20.0]}
        operations.take_measurements(by=program(world), key=uuid.uuid4(), series_ids=[cod(world).pk], **given)
        assert counts(world, noon) == (90.0, "N")
        assert Claim.objects.get().made_by == program(world).ref
        other = operations.register_station(by=MAKER, at=noon, code="other", name="别家", kind="waste_water", organ_id=world[0].organs["utilities"].pk)
        theirs = operations.define_series(by=MAKER, at=noon, station_id=other.pk, factor="w01018", unit="mg/L")
        with pytest.raises(NotAllowed):
            operations.take_measurements(by=program(world), key=uuid.uuid4(), series_ids=[theirs.pk], **given)

    def test_of_the_towns_own_stations_and_of_officers_count_at_once(self, world, noon):
        send(world, noon, 90.0)
        officer = world[0].by("officer")
        by = Actor(kind="person", person_id=officer.person_id, duties=officer.duties, scopes=frozenset({"sensing:write"}))
        operations.take_measurements(by=by, at=noon, key=uuid.uuid4(), series_ids=[cod(world).pk], moments=[noon], values=[80.0])
        assert counts(world, noon)[0] == 80.0
        assert not Claim.objects.exists()

    def test_of_more_than_a_month_ago_wait_even_where_nothing_was_sent(self, world, noon):
        send(world, noon - timedelta(days=31), 20.0, received=noon)
        send(world, noon - timedelta(days=29), 21.0, received=noon)
        assert list(Reading.objects.values_list("value", flat=True)) == [21.0]
        claim = Claim.objects.get()
        assert claim.sort == "late"
        operations.decide_proposal(by=world[0].by("officer"), at=noon, matter="readings", proposal_id=claim.pk, confirmed=True)
        assert counts(world, noon - timedelta(days=31)) == (20.0, "N")


class TestMarks:
    @pytest.mark.parametrize("mark", ["M", "S", "C", "F"])
    def test_that_a_logger_sets_by_hand_do_not_take_a_value_out_of_judgement(self, world, noon, mark):
        for minute in range(3):
            send(world, noon + minute * MINUTE, 90.0 + minute, mark)
        assert [row[0] for row in Reading.objects.order_by("measured_at").values_list("flag")] == ["-"] * 3
        assert queries.episodes(seen_by=CLOCK).count() == 1
        claim = Claim.objects.get()
        assert (claim.sort, claim.mark, claim.count) == ("mark", mark, 3)
        send(world, noon, 90.0, mark)  # once more is nothing new
        claim.refresh_from_db()
        assert (claim.count, ClaimedReading.objects.count()) == (3, 3)
        operations.decide_proposal(by=world[0].by("officer"), at=noon + HOUR, matter="readings", proposal_id=claim.pk, confirmed=True)
        assert counts(world, noon) == (90.0, mark)

    def test_that_the_instrument_sets_itself_count_as_sent(self, world, noon):
        send(world, noon, 500.0, "D")
        assert counts(world, noon) == (500.0, "D")
        assert not Claim.objects.exists()

    def test_by_a_token_none_take_a_value_out_of_judgement(self, world, noon):
        operations.take_measurements(
            by=program(world), at=noon, key=uuid.uuid4(), series_ids=[cod(world).pk], moments=[noon], values=[90.0], flags=["D"]
        )
        assert counts(world, noon) == (90.0, "-")
        assert Claim.objects.get().mark == "D"

    def test_in_work_that_was_confirmed_need_no_more(self, world, noon):
        plan(world, MAKER, noon, noon)
        send(world, noon + MINUTE, 90.0, "M")
        assert counts(world, noon + MINUTE) == (90.0, "M")
        assert not Claim.objects.exists()


class TestRegistry:
    def test_is_not_in_the_hands_of_those_who_serve_in_the_unit(self, world, noon):
        officer = world[0].by("officer")
        both = Actor(kind="person", person_id=officer.person_id, scopes=frozenset({"sensing:write"}),
                     duties=(*officer.duties, Duty(organ_id=world[1].organ_id, role="enterprise_contact")))  # fmt: skip
        limit = world[1].limits.get()
        for act in (
            lambda by: operations.close_station(by=by, at=noon, station_id=world[1].pk, reason="x"),
            lambda by: operations.end_limit(by=by, at=noon, limit_id=limit.pk, on=noon.date() + timedelta(days=3)),
            lambda by: operations.set_limit(by=by, at=noon, title="COD", factor="w01018", limit=1e6, unit="mg/L", valid_from=noon.date(),
                                            station_id=world[1].pk),
            lambda by: operations.register_device(by=by, at=noon, station_id=world[1].pk, mn="ABCDEF", password="12345"),
            lambda by: operations.rotate_device_password(by=by, at=noon, device_id=world[2].pk, password="12345"),
            lambda by: operations.define_series(by=by, at=noon, station_id=world[1].pk, factor="w21003", unit="kg/L"),
            lambda by: operations.register_station(by=by, at=noon, code="outlet", name="东排口", kind="waste_water", organ_id=None),
        ):  # fmt: skip
            for by in (both, program(world)):
                with pytest.raises(NotAllowed):
                    act(by)


class TestPages:
    @pytest.fixture
    def live(self, town):
        towns.forget()
        return make_station(timezone.now().replace(microsecond=0))

    def test_show_what_waits_and_take_the_answer(self, live):
        made, _station, _device = live
        firm, officer = browser_of(made, "contact"), browser_of(made, "officer")
        begin = timezone.localtime() + HOUR
        answer = firm.post(
            f"/stations/devices/{MN}/",
            {"act": "maintain", "begins_at": f"{begin:%Y-%m-%dT%H:%M}", "ends_at": f"{begin + HOUR:%Y-%m-%dT%H:%M}", "reason": "换泵管"},
        )
        assert answer.status_code == 302
        window = Maintenance.objects.get()
        assert window.is_open
        assert Notice.objects.filter(person_id=made.people["officer"].pk, kind="sensing.ProposalMade").count() == 1
        assert "待确认" in firm.get(f"/stations/devices/{MN}/").content.decode()
        page = officer.get("/stations/claims/").content.decode()
        assert "换泵管" in page
        assert 'value="confirm"' in page
        assert 'value="confirm"' not in firm.get("/stations/claims/").content.decode()
        assert browser_of(made, "resident").get("/stations/claims/").status_code == 403
        firm.post(f"/stations/claims/work/{window.pk}/", {"decision": "confirm"})
        window.refresh_from_db()
        assert window.is_open
        officer.post(f"/stations/claims/work/{window.pk}/", {"decision": "decline"})  # without a reason
        window.refresh_from_db()
        assert window.is_open
        officer.post(f"/stations/claims/work/{window.pk}/", {"decision": "confirm"})
        window.refresh_from_db()
        assert window.counts
        assert Notice.objects.filter(person_id=made.people["contact"].pk, kind="sensing.ProposalDecided").count() == 1
        listed = officer.get("/api/v1/proposals").json()
        assert [(one["matter"], one["state"], one["station"]) for one in listed] == [("work", "confirmed", "outlet")]
        assert officer.get("/api/v1/proposals?waiting=true").json() == []

    def test_show_a_firm_its_own_only(self, live):
        made, _station, device = live
        at = timezone.now()
        operations.plan_maintenance(by=made.by("contact"), at=at, device_id=device.pk, begins_at=at, ends_at=at + HOUR, reason="换泵管")
        Station.objects.update(organ_id=made.organs["utilities"].pk)
        assert "换泵管" not in browser_of(made, "contact").get("/stations/claims/").content.decode()
