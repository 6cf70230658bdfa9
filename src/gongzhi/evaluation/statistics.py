"""Shares, middles and means with their 95 % intervals, and a fair comparison. Pure.

Sources: Wilson 1927 for shares; Conover, Practical Nonparametric Statistics, 3.2, for medians by order statistics; Student's t
for means, its quantile after Abramowitz and Stegun 26.7.5; indirect standardisation for the mix of cases.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

Z = 1.959964  # of the 95 % interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the interval in which it lies with 95 %; `low` and `high` are None where all there is was counted and nothing is estimated."""

    value: float
    low: float | None
    high: float | None
    n: int


def share(hits: float, n: int) -> Estimate:
    """Return hits ÷ n in 0…1 with Wilson's interval; raise ZeroDivisionError for n = 0."""
    p = hits / n
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half), n)


def middle(values: Iterable[float]) -> Estimate:
    """Return the median; its interval is between order statistics (at least 95 %), or the whole range where there are fewer than six values."""
    ascending = sorted(values)
    n = len(ascending)
    if not n:
        raise ZeroDivisionError
    below, reached = 0, 0.0
    for k in range(n // 2):  # the largest k of which the lower tail of Binomial(n, 1/2) is at most 2.5 %
        reached += math.comb(n, k) / 2**n if n < 1000 else 0.0
        if n >= 1000 or reached > 0.025:
            break
        below = k + 1
    if n >= 1000:
        below = max(0, int(n / 2 - Z * math.sqrt(n) / 2))
    place = max(0, below - 1)
    return Estimate(median(ascending), ascending[place], ascending[n - 1 - place], n)


def mean(values: Sequence[float]) -> Estimate:
    """Return the mean with Student's interval; without one for a single value."""
    n = len(values)
    if not n:
        raise ZeroDivisionError
    if n == 1:
        return Estimate(values[0], None, None, 1)
    found, half = fmean(values), t_quantile(n - 1) * stdev(values) / math.sqrt(n)
    return Estimate(found, found - half, found + half, n)


def t_quantile(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t."""
    if freedom == 1:
        return 12.7062
    if freedom == 2:
        return 4.30265
    z, v = Z, freedom
    return (
        z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2) + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )  # fmt: skip


def adjusted_shares(observed: Iterable[tuple[int, float, int | None]]) -> tuple[float, dict[int, Estimate]]:
    """Return the share of all, and of each unit the share it would have with the town's mix of cases.

    `observed`: (unit, 1 or 0, stratum). Indirect standardisation: what came out ÷ what the town's share in each stratum lets
    expect × the share of all. A unit with hard cases is thus held against what others reach with such cases.
    """
    rows = list(observed)
    strata: dict[int | None, list[float]] = defaultdict(list)
    units: dict[int, list[tuple[float, int | None]]] = defaultdict(list)
    for unit, value, stratum in rows:
        strata[stratum].append(value)
        units[unit].append((value, stratum))
    overall = fmean(value for _unit, value, _stratum in rows)
    rate = {stratum: fmean(values) for stratum, values in strata.items()}
    found = {}
    for unit, theirs in units.items():
        raw = share(sum(value for value, _stratum in theirs), len(theirs))
        expected = fmean(rate[stratum] for _value, stratum in theirs)
        fair = overall / expected if expected else 1.0
        value, low, high = (min(1.0, each * fair) for each in (raw.value, raw.low or 0.0, raw.high or 0.0))
        found[unit] = Estimate(value, low, high, raw.n)
    return overall, found


def band(estimate: Estimate, overall: float) -> str:
    """Return hi or lo where the whole interval lies above or below the town's value, else mid: nothing is said of who is before whom."""
    if estimate.low is not None and estimate.low > overall:
        return "hi"
    if estimate.high is not None and estimate.high < overall:
        return "lo"
    return "mid"


def against(estimate: Estimate, target: float | None, direction: str) -> str:
    """Return reached, missed or unsure: only where the whole interval lies on one side of the target something is said. "" without a target."""
    if target is None or direction not in ("up", "down"):
        return ""
    low = estimate.value if estimate.low is None else estimate.low
    high = estimate.value if estimate.high is None else estimate.high
    if direction == "up":
        return "reached" if low >= target else "missed" if high < target else "unsure"
    return "reached" if high <= target else "missed" if low > target else "unsure"
