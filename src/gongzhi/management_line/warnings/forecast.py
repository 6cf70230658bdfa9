"""The forecast of an hourly series: usual levels by hour and sort of day, and what the last hours say beyond them. Pure.

The level of an hour is a median over the hours of the same hour of day, apart for working days and days off, drawn towards
the median of all where few were seen. What remains (the anomaly) is carried forward by one small ridge regression for each
lead time. Series whose values are skewed and never negative are fitted as square roots. The band is made of the errors that
the fit itself would have made on hours it was not shown. Everything is a few kB of numbers, so it is kept as JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEADS = 24  # hours ahead
WEEK = 168
RIDGE = 0.1
ROUNDS = 3
POOLED = 40  # days: working days and days off keep one level until many weeks say that they differ
LEAST_HOURS = 2 * 24  # fewer valid hours are not fitted
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted series. `levels`: (2, 24), working days and days off by hour; `weights`: (LEADS, terms); `low`, `high`: (LEADS,) of the band, as factors of
    the spread in fitted units; `scale`: by which values are divided before the root is taken, 0 where none is; `floor`: nothing is foreseen below it."""

    levels: Array
    weights: Array
    low: Array
    high: Array
    scale: float
    floor: float

    def as_json(self) -> dict[str, Any]:
        """Return it as what JSON can keep."""
        return {
            "levels": self.levels.round(5).tolist(), "weights": self.weights.round(5).tolist(), "low": self.low.round(5).tolist(),
            "high": self.high.round(5).tolist(), "scale": self.scale, "floor": self.floor if np.isfinite(self.floor) else None,
        }  # fmt: skip

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Fitted":
        """Return what as_json has written."""
        floor = kept["floor"]
        return cls(
            np.array(kept["levels"]), np.array(kept["weights"]), np.array(kept["low"]), np.array(kept["high"]), float(kept["scale"]),
            -np.inf if floor is None else float(floor),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is foreseen of the next LEADS hours: the middle and the band in which four of five hours should lie."""

    middle: Array
    low: Array
    high: Array


def is_day_off(hour: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for local hours since Monday 1970-01-05 00:00 whether they lie on a Saturday or Sunday."""
    return (hour // 24) % 7 >= 5


def _to(values: Array, scale: float) -> Array:
    return np.sqrt(np.maximum(values, 0) / scale) if scale else values


def _from(values: Array, scale: float) -> Array:
    return np.maximum(values, 0) ** 2 * scale if scale else values


def _scale(values: Array) -> float:
    """Return by what to divide before the root: the median, where the values are skewed and never negative; else 0."""
    seen = values[np.isfinite(values)]
    middle = float(np.median(seen))
    if seen.min() < 0 or middle <= 0:
        return 0.0
    spread = seen.std()
    return middle if spread > 0 and float(((seen - seen.mean()) ** 3).mean() / spread**3) > 1 else 0.0


def _levels(values: Array, hours: NDArray[np.int64]) -> Array:
    """Return usual levels (2, 24); each median counts as many days as it rests on, beside four (of sorts of day: POOLED) of the next wider one."""
    seen = np.isfinite(values)
    everything = float(np.median(values[seen]))
    off, of_day = is_day_off(hours), hours % 24
    levels = np.empty((2, 24))
    for hour in range(24):
        here = seen & (of_day == hour)
        wide = (np.median(values[here]) * here.sum() + everything * 4) / (here.sum() + 4) if here.any() else everything
        for sort in (0, 1):
            own = here & (off == bool(sort))
            levels[sort, hour] = (np.median(values[own]) * own.sum() + wide * POOLED) / (own.sum() + POOLED) if own.any() else wide
    return levels


def _carried(values: Array, hours: NDArray[np.int64], levels: Array) -> tuple[Array, Array]:
    """Return (anomalies, with gaps; terms of each hour, (n, 7))."""
    anomaly = values - levels[is_day_off(hours).astype(int), hours % 24]
    filled = _filled(anomaly)
    return anomaly, np.stack(
        (np.ones_like(filled), filled, _lag(filled, 1), _lag(filled, 3), _mean(filled, 6), _mean(filled, 24), _mean(filled, 72)), axis=1
    )


def _filled(anomaly: Array) -> Array:
    """Return the anomalies with each gap filled by the last one, fading: after six hours half of it is left."""
    seen = np.isfinite(anomaly)
    last = np.maximum.accumulate(np.where(seen, np.arange(len(anomaly)), -1))
    age = np.arange(len(anomaly)) - last
    return np.where(last >= 0, np.nan_to_num(anomaly[np.maximum(last, 0)]) * 0.5 ** (age / 6), 0.0)


def _lag(values: Array, by: int) -> Array:
    return np.concatenate((np.repeat(values[:1], min(by, len(values))), values[:-by]))[: len(values)]


def _mean(values: Array, width: int) -> Array:
    """Return the mean of the last `width` values at each place, of fewer at the beginning."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(ends - width, 0)
    return (total[ends] - total[begins]) / (ends - begins)


def _terms_ahead(terms: Array, hours: NDArray[np.int64], levels: Array, lead: int) -> Array:
    """Return the terms for one lead: those of the hour, the anomaly of the same hour a day before the hour foreseen, and how far its level lies from
    the middle and from the present level, so that the fit may trust the levels less than they ask for."""
    then = hours + lead
    usual, now = levels[is_day_off(then).astype(int), then % 24], levels[is_day_off(hours).astype(int), hours % 24]
    before = _lag(terms[:, 1], 24 - lead) if lead < 24 else terms[:, 1]
    return np.column_stack((terms, before, usual - levels.mean(), usual - now))


def fit(values: Array, hours: NDArray[np.int64]) -> Fitted | None:
    """Fit a series of consecutive hours; `hours` are local hours since Monday 1970-01-05 00:00, gaps are NaN. None where too little was measured."""
    if int(np.isfinite(values).sum()) < LEAST_HOURS:
        return None
    scale = _scale(values)
    fitted = _to(values, scale)
    levels = _levels(fitted, hours)
    anomaly, terms = _carried(fitted, hours, levels)
    weights = np.zeros((LEADS, terms.shape[1] + 3))
    low, high = np.zeros(LEADS), np.zeros(LEADS)
    for lead in range(1, LEADS + 1):
        given, wanted = _terms_ahead(terms, hours, levels, lead)[:-lead], anomaly[lead:]
        usable = np.isfinite(wanted) & np.isfinite(anomaly[:-lead])
        given, wanted = given[usable], wanted[usable]
        if len(wanted) < 24:
            continue
        cut = max(24, int(len(wanted) * 0.75))  # the band is judged by the last quarter, which this fit is not shown
        errors = wanted[cut:] - given[cut:] @ _ridge(given[:cut], wanted[:cut])
        low[lead - 1], high[lead - 1] = np.quantile(errors, (0.1, 0.9)) if len(errors) >= 20 else np.array((-1.28, 1.28)) * wanted.std()
        weights[lead - 1] = _ridge(given, wanted)
    seen = values[np.isfinite(values)]
    return Fitted(levels, weights, np.minimum(low, 0), np.maximum(high, 0), scale, 0.0 if seen.min() >= 0 else -np.inf)


def _ridge(given: Array, wanted: Array) -> Array:
    punished = np.eye(given.shape[1]) * RIDGE
    punished[0, 0] = 1e-9 + RIDGE  # the mean of the anomalies is near nought by making
    found: NDArray[Any] = np.linalg.solve(given.T @ given + punished, given.T @ wanted)
    for _round in range(ROUNDS):  # towards the smallest absolute error: what lies far off weighs less
        errors = np.abs(wanted - given @ found)
        weighed = given * (1 / np.maximum(errors, np.median(errors) / 4 + 1e-9))[:, None]
        weighed *= len(weighed) / max(1e-9, float((1 / np.maximum(errors, np.median(errors) / 4 + 1e-9)).sum()))
        found = np.linalg.solve(weighed.T @ given + punished, weighed.T @ wanted)
    return found


def ahead_of_all(fitted: Fitted, values: Array, hours: NDArray[np.int64]) -> tuple[Array, Array, Array]:
    """Return what would have been foreseen at the end of each hour: (middle, low, high), each (n, LEADS); column 0 is the next hour."""
    known = _to(values, fitted.scale)
    _anomaly, terms = _carried(known, hours, fitted.levels)
    middle, low, high = (np.empty((len(values), LEADS)) for _ in range(3))
    for lead in range(1, LEADS + 1):
        then = hours + lead
        usual = fitted.levels[is_day_off(then).astype(int), then % 24]
        foreseen = usual + _terms_ahead(terms, hours, fitted.levels, lead) @ fitted.weights[lead - 1]
        for target, shift in ((middle, 0.0), (low, fitted.low[lead - 1]), (high, fitted.high[lead - 1])):
            target[:, lead - 1] = np.maximum(_from(foreseen + shift, fitted.scale), fitted.floor)
    return middle, low, high


def ahead_of_last(fitted: Fitted, values: Array, hours: NDArray[np.int64], count: int) -> tuple[Array, Array, Array]:
    """Return what ahead_of_all does of the last `count` hours alone, (count, LEADS) each: all leads at once, a twentieth of the work."""
    known = _to(values, fitted.scale)
    _anomaly, terms = _carried(known, hours, fitted.levels)
    places, leads = np.arange(max(0, len(values) - count), len(values)), np.arange(1, LEADS + 1)
    now, then = hours[places], hours[places][:, None] + leads
    usual = fitted.levels[is_day_off(then).astype(int), then % 24]
    present = fitted.levels[is_day_off(now).astype(int), now % 24][:, None]
    before = terms[np.maximum(places[:, None] - (LEADS - leads), 0), 1]  # the anomaly of the same hour a day before the hour foreseen
    own = np.broadcast_to(terms[places][:, None, :], (len(places), LEADS, terms.shape[1]))
    given = np.concatenate((own, np.stack((before, usual - fitted.levels.mean(), usual - present), axis=2)), axis=2)
    foreseen = usual + np.einsum("plk,lk->pl", given, fitted.weights)
    middle, low, high = (np.maximum(_from(foreseen + shift, fitted.scale), fitted.floor) for shift in (0.0, fitted.low, fitted.high))
    return middle, low, high


def ahead(fitted: Fitted, values: Array, hours: NDArray[np.int64]) -> Ahead:
    """Return what is foreseen at the end of the last of these hours; three days of them say all that it can use."""
    middle, low, high = ahead_of_last(fitted, values, hours, 1)
    return Ahead(middle[-1], low[-1], high[-1])
