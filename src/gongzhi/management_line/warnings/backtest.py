"""How good a forecast is: rolling origin against two baselines, on values and on warnings before a limit is passed. Pure.

At each hour only what was known then is used: the fit is renewed every week from at most ten weeks before. The baselines are
the last value, and the same hour a week before. A warning is on while a value beyond the limit is foreseen within the horizon
and the limit is kept as yet. An onset is hit if a warning was on before it, within the horizon; the lead is counted from when
that warning came on. A warning that comes on and sees no onset within the horizon of its last hour is false.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongzhi.management_line.warnings import forecast
from gongzhi.management_line.warnings.forecast import LEADS, WEEK, Array

NAMES = ("model", "last_value", "week_before")
TRAINED = 10 * WEEK
QUIET = 3  # hours within the limit before what passes it counts as a new onset


@dataclass(frozen=True, slots=True)
class Warned:
    """What warnings of one sort were worth."""

    onsets: int
    hits: int
    false_alarms: int
    false_alarms_per_week: float
    hit_rate: float | None
    lead_hours: float | None  # middle of the hits
    skill: float | None  # hits / (onsets + false alarms): the critical success index


@dataclass(frozen=True, slots=True)
class Score:
    """What a backtest measured. `mae`, `mae_by_lead` (leads 1, 6, 12, 24) and `warned` by name; None where a baseline could not be formed."""

    hours: int
    tested_hours: int
    limit: float | None
    horizon: int
    mae: Mapping[str, float | None]
    mae_by_lead: Mapping[str, Mapping[str, float | None]]
    covered: float | None  # share of hours in the band; four of five should be
    warned: Mapping[str, Warned]

    @property
    def is_better(self) -> bool:
        """Return whether the model beat both baselines on values, and on warnings where the limit was ever passed. Without a week to compare: no."""
        own = self.mae["model"]
        if own is None or any(other is None or other <= own for name, other in self.mae.items() if name != "model"):
            return False
        warned = self.warned.get("model")
        if warned is None or warned.onsets == 0:
            return True
        return all((warned.skill or 0) > (other.skill or 0) for name, other in self.warned.items() if name != "model")

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"is_better": self.is_better}


def backtest(values: Array, hours: NDArray[np.int64], *, limit: float | None = None, below: bool = False, horizon: int = 12,
             first: int | None = None) -> Score | None:  # fmt: skip
    """Test the forecast on a series of consecutive hours (gaps NaN); None where too little was measured to fit and to test.

    `first`: the first hour that is tested; two weeks after the beginning (in series under four weeks the second half, after sixty hours at least).
    """
    count = len(values)
    first = first if first is not None else 2 * WEEK if count >= 4 * WEEK else max(count // 2, forecast.LEAST_HOURS + 12)
    foreseen = {name: np.full((count, LEADS), np.nan) for name in NAMES}
    low, high = np.full((count, LEADS), np.nan), np.full((count, LEADS), np.nan)
    for begin in range(first, count, WEEK):
        known = slice(max(0, begin - TRAINED), begin)
        fitted = forecast.fit(values[known], hours[known])
        if fitted is None:
            continue
        end = min(begin + WEEK, count)
        back = max(0, begin - 96)
        parts = forecast.ahead_of_all(fitted, values[back:end], hours[back:end])
        for target, part in zip((foreseen["model"], low, high), parts, strict=True):
            target[begin:end] = part[begin - back :]
    if not np.isfinite(foreseen["model"]).any():
        return None
    filled = _last_known(values)
    foreseen["last_value"][first:] = filled[first:, None]
    for lead in range(1, LEADS + 1):
        origin = np.arange(max(first, WEEK - lead), count)
        foreseen["week_before"][origin, lead - 1] = values[origin + lead - WEEK]
    truth = np.full((count, LEADS), np.nan)
    for lead in range(1, LEADS + 1):
        truth[:-lead, lead - 1] = values[lead:]
    tested = np.isfinite(truth) & np.isfinite(foreseen["model"]) & np.isfinite(filled)[:, None]
    has_week = np.isfinite(foreseen["week_before"])
    week = bool((tested & has_week).any())
    same = tested & has_week if week else tested  # all are measured on the same hours
    mae = {name: _mae(truth, part, same) if week or name != "week_before" else None for name, part in foreseen.items()}
    by_lead = {
        str(lead): {name: _mae(truth[:, lead - 1], part[:, lead - 1], same[:, lead - 1]) if mae[name] is not None else None for name, part in foreseen.items()}
        for lead in (1, 6, 12, 24)
    }
    inside = (truth >= low) & (truth <= high)
    covered = float(inside[same].mean()) if same.any() else None
    warned = {}
    if limit is not None:
        sign = -1.0 if below else 1.0
        for name, part in foreseen.items():
            if mae[name] is not None:
                warned[name] = _warned(sign * values, sign * part, sign * limit, horizon, first)
    return Score(int(np.isfinite(values).sum()), int(same.any(axis=1).sum()), limit, horizon, mae, by_lead, covered, warned)


def _last_known(values: Array) -> Array:
    last = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), -1))
    return np.where(last >= 0, values[np.maximum(last, 0)], np.nan)


def _mae(truth: Array, foreseen: Array, where: NDArray[np.bool_]) -> float | None:
    return round(float(np.abs(truth - foreseen)[where].mean()), 4) if where.any() else None


def onsets(values: Array, limit: float) -> NDArray[np.int64]:
    """Return the hours at which a value passes the limit after QUIET measured hours that kept it."""
    beyond = values > limit
    kept = np.isfinite(values) & ~beyond
    quiet = np.ones(len(values), bool)
    for back in range(1, QUIET + 1):
        quiet &= np.concatenate((np.zeros(back, bool), kept[:-back]))
    return np.flatnonzero(beyond & quiet)


def _warned(values: Array, foreseen: Array, limit: float, horizon: int, first: int) -> Warned:
    """Judge warnings for passing a limit upwards."""
    count = len(values)
    with np.errstate(invalid="ignore"):
        foresees = (foreseen[:, :horizon] > limit).any(axis=1)
        is_on = foresees & np.isfinite(values) & (values <= limit)
    is_on[:first] = False
    begins_at = [int(onset) for onset in onsets(values, limit) if onset > first]
    hits, leads = 0, []
    for onset in begins_at:
        before = np.flatnonzero(is_on[max(first, onset - horizon) : onset])
        if len(before):
            hits += 1
            leads.append(onset - (max(first, onset - horizon) + int(before[0])))
    false_alarms = 0
    starts = np.flatnonzero(is_on & ~np.concatenate(([False], is_on[:-1])))
    over = values > limit
    quiet_until = -1
    for start in starts:
        if start <= quiet_until:  # flickers within the horizon of a warning that has been counted
            continue
        end = int(start)
        while end + 1 < count and is_on[end + 1]:
            end += 1
        if end + horizon >= count:
            break  # what came of it is not known
        if not over[start + 1 : end + horizon + 1].any():
            false_alarms += 1
        quiet_until = end + horizon
    weeks = max(1e-9, int(np.isfinite(values[first:]).sum()) / WEEK)
    total = len(begins_at)
    return Warned(
        total, hits, false_alarms, round(false_alarms / weeks, 3), round(hits / total, 3) if total else None, float(np.median(leads)) if leads else None,
        round(hits / (total + false_alarms), 3) if total + false_alarms else None,
    )  # fmt: skip
