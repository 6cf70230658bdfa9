"""Rules of warnings are set and ended; forecasts are made."""

from datetime import timedelta

import numpy as np
import pytest

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.ledger.models import Entry
from gongzhi.management_line.warnings import operations, queries
from gongzhi.management_line.warnings.models import ForecastModel, WarningRule
from gongzhi.management_line.warnings.tests.factories import HOUR, make_point, make_series, take
from gongzhi.management_line.warnings.tests.test_forecast import weather

pytestmark = pytest.mark.django_db


def given(noon, **more):
    return {"by": MAKER, "at": noon, "title": "规则", "cause": "rate", "factor": "w01018", "threshold": 20.0, "clause": "监测规程 4.2",
            "valid_from": noon.date()} | more  # fmt: skip


class TestSetRule:
    def test_keeps_it_and_tells_the_ledger(self, world, noon):
        rule = operations.set_rule(**given(noon, station_id=world[1].pk, direction="up"))
        assert (rule.cause, rule.factor, rule.station, rule.direction, rule.set_by) == ("rate", "w01018", world[1], "up", MAKER.ref)
        assert Entry.objects.filter(kind="WarningRuleSet").count() == 1
        assert list(queries.warning_rules(seen_by=ANYONE)) == [rule]

    @pytest.mark.parametrize(("wrong", "refusal", "field"), [
        ({"cause": "mood"}, operations.UnknownCause, "cause"), ({"clause": "  "}, operations.NoReason, "clause"),
        ({"factor": ""}, operations.NoFactor, "factor"), ({"threshold": None}, operations.BadThreshold, "threshold"),
        ({"threshold": 0.0}, operations.BadThreshold, "threshold"), ({"threshold": float("nan")}, operations.BadThreshold, "threshold"),
        ({"station_id": 10**9}, operations.UnknownScope, "station"), ({"station_kind": "soil"}, operations.UnknownScope, "station_kind"),
        ({"window_minutes": 1}, operations.BadNumber, "window_minutes"), ({"severity": 5}, operations.BadNumber, "severity"),
        ({"direction": "sideways"}, operations.BadNumber, "direction"), ({"tolerance": float("nan")}, operations.BadNumber, "tolerance"),
        ({"horizon_hours": 25}, operations.BadNumber, "horizon_hours"), ({"category_id": 10**9}, operations.UnknownCategory, "category"),
    ])  # fmt: skip
    def test_refuses_what_cannot_be_judged_and_names_the_field(self, world, noon, wrong, refusal, field):
        with pytest.raises(refusal) as refused:
            operations.set_rule(**given(noon, **wrong))
        assert refused.value.field == field
        assert not WarningRule.objects.exists()
        assert operations.set_rule(**given(noon)).pk

    def test_refuses_two_scopes_and_dates_that_run_back(self, world, noon):
        with pytest.raises(operations.OneScope):
            operations.set_rule(**given(noon, station_id=world[1].pk, station_kind="waste_water"))
        with pytest.raises(operations.BadDates):
            operations.set_rule(**given(noon, valid_to=noon.date()))

    def test_lets_silence_have_no_factor_and_a_forecast_no_threshold(self, world, noon):
        assert operations.set_rule(**given(noon, cause="silence", factor="w01018")).factor == ""
        assert operations.set_rule(**given(noon, cause="forecast", threshold=None)).threshold is None

    def test_is_for_those_who_may(self, world, noon):
        for who in (ANYONE, CLOCK, world[0].by("resident"), world[0].by("supervisor")):
            with pytest.raises(NotAllowed):
                operations.set_rule(**given(noon, by=who))
        assert operations.set_rule(**given(noon, by=world[0].by("officer"))).pk


class TestEndRule:
    def test_lets_it_hold_until_a_day(self, world, noon):
        rule = operations.set_rule(**given(noon))
        assert queries.rules_in_force(seen_by=CLOCK, at=noon, hourly=False) == [rule]
        with pytest.raises(operations.BadDates):
            operations.end_rule(by=MAKER, at=noon, rule_id=rule.pk, valid_to=noon.date() - timedelta(days=1))
        with pytest.raises(NotAllowed):
            operations.end_rule(by=world[0].by("resident"), at=noon, rule_id=rule.pk, valid_to=noon.date())
        operations.end_rule(by=MAKER, at=noon, rule_id=rule.pk, valid_to=noon.date() + timedelta(days=1))
        assert queries.rules_in_force(seen_by=CLOCK, at=noon, hourly=False) == [rule]
        assert queries.rules_in_force(seen_by=CLOCK, at=noon + timedelta(days=1), hourly=False) == []


class TestTrain:
    def test_keeps_the_fit_with_its_own_score_once_an_hour(self, world, noon):
        air = make_series(noon, make_point(noon, "air", kind="air"), "a34004", "ug/m³")
        values, _hours = weather(11, weeks=7)
        take(noon - HOUR, air, values, step=HOUR)
        model = operations.train(by=CLOCK, at=noon, series_id=air.pk, limit=50.0, horizon_hours=6)
        assert model.hours == int(np.isfinite(values).sum())
        assert model.is_better is model.score["is_better"] is True
        assert model.score["warned"]["model"]["onsets"] > 0
        assert operations.train(by=CLOCK, at=noon + timedelta(minutes=5), series_id=air.pk) == model
        assert ForecastModel.objects.count() == 1
        assert list(queries.models_of(seen_by=CLOCK, series_ids=[air.pk])) == [air.pk]
        foreseen = queries.foreseen(seen_by=ANYONE, model=model, at=noon)
        assert foreseen.coming[0][0] == noon
        assert len(foreseen.coming) == 24
        assert foreseen.past[-1][0] == noon - HOUR

    def test_says_so_where_too_little_was_measured(self, world, noon):
        air = make_series(noon, make_point(noon, "air", kind="air"), "a34004", "ug/m³")
        assert operations.train(by=CLOCK, at=noon, series_id=air.pk).hours == 0
        take(noon, air, [40.0, 41.0, 42.0], step=HOUR)
        model = operations.train(by=CLOCK, at=noon + HOUR, series_id=air.pk)
        assert (model.fitted, model.score, model.is_better) == (None, None, False)
        assert queries.foreseen(seen_by=CLOCK, model=model, at=noon) is None
        with pytest.raises(NotAllowed):
            operations.train(by=ANYONE, at=noon, series_id=air.pk)

    def test_keeps_a_few_older_ones(self, world, noon):
        air = make_series(noon, make_point(noon, "air", kind="air"), "a34004", "ug/m³")
        for hour in range(operations.KEPT_MODELS + 3):
            operations.train(by=CLOCK, at=noon + hour * HOUR, series_id=air.pk)
        assert ForecastModel.objects.count() == operations.KEPT_MODELS
        assert queries.models_of(seen_by=CLOCK, series_ids=[air.pk])[air.pk].trained_at == noon + (operations.KEPT_MODELS + 2) * HOUR
