"""Where an exceedance may come from. Pure.

Air: a source counts for every moment of the stretch in which the wind blew from it, the more the straighter it blew and the nearer it lies.
Water: a source counts if its water had reached the station, the more the less far it has come, and more where its own outlet was high at the
time when that water left it. A finding is a reason to look, never a proof; each carries the figures it rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gongzhi.management_line.sources.earth import Point, bearing, distance, turn

SECTOR = 45.0  # degrees on either side of the wind's direction in which a source still counts a little
CALM = 0.5  # m/s: below, a vane says nothing of where the air comes from
HALF_WAY = 1000.0  # metres at which a source upwind counts half
HALF_TIME = 6.0  # hours of travel at which a source upstream counts half
UNKNOWN = 0.75  # of the weight of an outlet upstream at which nothing was measured
REACH = 8000.0  # metres: sources farther upwind are left out


@dataclass(frozen=True, slots=True)
class Wind:
    """The wind of a moment: degrees it blows from; metres a second, None where only a vane stands."""

    direction: float
    speed: float | None = None

    @property
    def is_calm(self) -> bool:
        return self.speed is not None and self.speed < CALM


@dataclass(frozen=True, slots=True)
class Upwind:
    """A source seen from the station: metres, degrees, the share of all moments in which the wind came from its sector, and its weight 0 to 1."""

    key: int
    distance: float
    bearing: float
    share: float
    straightness: float
    weight: float


def upwind(station: Point, sources: Mapping[int, Point], winds: Sequence[Wind]) -> list[Upwind]:
    """Return the sources from which the wind blew, the heaviest first; those from which it never blew are left out.

    weight = mean straightness over all moments (1 straight from the source, 0 from 45° aside, 0 in a calm) x 1 / (1 + distance / 1000 m).
    """
    if not winds:
        return []
    found = []
    for key, place in sources.items():
        away, direction = distance(station, place), bearing(station, place)
        if away > REACH:
            continue
        straight = [max(0.0, 1 - turn(wind.direction, direction) / SECTOR) for wind in winds if not wind.is_calm]
        mean = sum(straight) / len(winds)
        if mean <= 0:
            continue
        found.append(Upwind(key, away, direction, sum(one > 0 for one in straight) / len(winds), mean, mean / (1 + away / HALF_WAY)))
    return sorted(found, key=lambda one: (-one.weight, one.distance, one.key))


def beside(station: Point, sources: Mapping[int, Point], reach: float) -> list[Upwind]:
    """Return the sources within reach by distance alone: for noise, and for air where no wind was measured."""
    found = []
    for key, place in sources.items():
        away = distance(station, place)
        if away <= reach:
            found.append(Upwind(key, away, bearing(station, place), 0.0, 0.0, 1 / (1 + away / HALF_WAY)))
    return sorted(found, key=lambda one: (one.distance, one.key))


@dataclass(frozen=True, slots=True)
class Reach:
    """A river station above another: through which stations, and how long the water takes; None where a stretch's time is not known."""

    key: int
    path: tuple[int, ...]
    hours: float | None


def upstream(station: int, flows: Mapping[int, tuple[int, float | None]]) -> dict[int, Reach]:
    """Return the station itself and all stations above it, by `flows`: station → (the next one below, hours to it).

    A ring in the register (a station above itself) is walked once.
    """
    above: dict[int, list[tuple[int, float | None]]] = {}
    for key, (below, hours) in flows.items():
        above.setdefault(below, []).append((key, hours))
    found = {station: Reach(station, (), 0.0)}
    waiting = [station]
    while waiting:
        here = found[waiting.pop(0)]
        for key, hours in sorted(above.get(here.key, ()), key=lambda one: one[0]):
            if key in found:
                continue
            total = here.hours + hours if here.hours is not None and hours is not None else None
            found[key] = Reach(key, (here.key, *here.path) if here.key != station else (), total)
            waiting.append(key)
    return found


def water_weight(hours: float | None, loads: Sequence[float]) -> float:
    """Return the weight of a source upstream, 0 to 1: 1 / (1 + hours / 6), hours that are not known counting as six; times what its outlet showed.

    `loads`: for each factor in question how high the outlet stood when that water left it, as a multiple of its limit. At its limit or above it
    counts whole, at nought half, where nothing was measured three quarters: what is not known weighs more than what was clean.
    """
    base = 1 / (1 + (hours if hours is not None else HALF_TIME) / HALF_TIME)
    return base * (0.5 + 0.5 * min(1.0, max(loads)) if loads else UNKNOWN)


# what stands for what, between the air or the river and an outlet: factor codes of one family
FAMILIES: tuple[frozenset[str], ...] = (
    frozenset({"a34001", "a34002", "a34004", "a34013"}),  # particles
    frozenset({"a21002", "a21004"}),  # nitrogen oxides
    frozenset({"a21026"}),
    frozenset({"a21005"}),
    frozenset({"w01009", "w01017", "w01018", "w01019"}),  # what takes oxygen, and the oxygen itself
    frozenset({"w21001", "w21003"}),  # nitrogen
    frozenset({"w21011"}),
)
FOREIGN = 0.5  # weight of a source whose permit names nothing of the family
CLEAN_BETWEEN = 0.25  # weight of a source whose water passed a station that was within the limit at the time


def family(factor: str) -> frozenset[str]:
    """Return the factors that stand for the same pollution as this one, itself included."""
    return next((one for one in FAMILIES if factor in one), frozenset({factor}))


def rose(winds: Sequence[Wind]) -> list[float]:
    """Return the share of the moments by eight directions from north clockwise, and last the share of calms."""
    shares = [0.0] * 9
    for wind in winds:
        shares[8 if wind.is_calm else round(wind.direction / 45) % 8] += 1 / len(winds)
    return shares
