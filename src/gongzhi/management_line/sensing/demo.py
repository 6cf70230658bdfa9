"""The monitoring stations of the demo town, and the curves by which they are played. They are registered like any other,
and their values come in over TCP through the gateway.
"""

import math
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.operations import TakenPacket

MIDDLE = (120.02, 30.28)
REPORT_SECONDS = 60
SHANGHAI = ZoneInfo("Asia/Shanghai")
# stations that send the mean of each hour (2061), too, and how many days of them are there at the start
HOURLY = {"air-square": 365, "air-park": 60, "stone-bridge": 30, "noise-weaving": 30}


@dataclass(frozen=True, slots=True)
class Curve:
    """How a factor goes over a day: a mean, a swing with its hour, and noise."""

    mean: float
    swing: float
    peak_hour: float
    noise: float
    decimals: int = 2

    def at(self, moment: datetime, chance: random.Random) -> float:
        """Return the value at a moment."""
        hour = (moment.astimezone(UTC).hour + 8 + moment.minute / 60) % 24
        value = self.mean + self.swing * math.cos((hour - self.peak_hour) / 24 * math.tau) + chance.gauss(0, self.noise)
        return round(max(0.0, value), self.decimals)


@dataclass(frozen=True, slots=True)
class Played:
    """A station, its logger, what it measures, and its limit: (factor, limit, return difference, severity, category, clause)."""

    code: str
    name: str
    name_en: str
    kind: str
    st: str
    east: float  # metres from the middle of the town
    north: float
    mn: str
    series: Mapping[str, tuple[str, Curve]]
    limit: tuple[str, float, float, int, str, str] | None = None
    organ: str = ""
    overshoot: float = 1.0  # by which factor it goes beyond when an exceedance is played
    silent_hours: float = 0  # how long before the demo's start it fell silent; the simulator does not play it

    @property
    def hourly(self) -> Mapping[str, tuple[str, Curve]]:
        """Return what it sends the means of each hour of: everything but the weather."""
        return {factor: given for factor, given in self.series.items() if not factor.startswith("a010")}
    flows_to: tuple[str, float] | None = None  # code of the next point downstream, hours to it


STATIONS: tuple[Played, ...] = (
    Played("dye-outlet", "染整东排口", "Dyeing works, east outlet", "waste_water", "32", 1900, -950, "33011010820260000000A101", {
        "w01018": ("mg/L", Curve(52, 7, 15, 2.2, 1)), "w21003": ("mg/L", Curve(5.2, 1.1, 15, 0.3)), "w01001": ("pH", Curve(7.6, 0.2, 12, 0.05)),
        "w00000": ("L/s", Curve(14, 5, 14, 0.8, 1))}, ("w01018", 80.0, 4.0, 3, "E103", "GB 4287-2012 表2 直接排放限值"), "firm-dyeing", 1.55,
        flows_to=("stream-outflow", 1.5)),
    Played("weaving-outlet", "织造西排口", "Weaving works, west outlet", "waste_water", "32", 1500, -1300, "33011010820260000000A102", {
        "w01018": ("mg/L", Curve(44, 6, 16, 2, 1)), "w21003": ("mg/L", Curve(4.1, 0.8, 15, 0.3)), "w01001": ("pH", Curve(7.4, 0.2, 12, 0.05))},
        ("w21003", 10.0, 0.5, 3, "E103", "GB 4287-2012 表2 直接排放限值"), "firm-weaving", flows_to=("stream-outflow", 1.0)),
    Played("stone-bridge", "云溪石拱桥断面", "Yunxi stream at the stone bridge", "surface_water", "21", -150, 250, "33011010820260000000W201", {
        "w01019": ("mg/L", Curve(3.4, 0.4, 16, 0.12)), "w01009": ("mg/L", Curve(7.8, 0.9, 15, 0.15)), "w21003": ("mg/L", Curve(0.42, 0.08, 8, 0.03)),
        "w01001": ("pH", Curve(7.5, 0.1, 13, 0.04)), "w01010": ("°C", Curve(16, 2.2, 15, 0.2, 1))},
        ("w21003", 1.0, 0.05, 2, "E102", "GB 3838-2002 Ⅲ类"), "water", flows_to=("stream-outflow", 2.5)),
    Played("stream-inflow", "云溪入境断面", "Yunxi stream where it enters the town", "surface_water", "21", -750, 1900, "33011010820260000000W203", {
        "w01019": ("mg/L", Curve(2.9, 0.3, 16, 0.1)), "w01009": ("mg/L", Curve(8.4, 0.9, 15, 0.15)), "w21003": ("mg/L", Curve(0.31, 0.06, 7, 0.02)),
        "w01001": ("pH", Curve(7.5, 0.1, 13, 0.04))}, ("w21003", 1.0, 0.05, 2, "E102", "GB 3838-2002 Ⅲ类"), "water", flows_to=("stone-bridge", 2.0)),
    Played("stream-outflow", "云溪出境断面", "Yunxi stream where it leaves the town", "surface_water", "21", 380, -1500, "33011010820260000000W204", {
        "w01019": ("mg/L", Curve(3.9, 0.5, 17, 0.15)), "w01009": ("mg/L", Curve(7.3, 0.8, 15, 0.15)), "w21003": ("mg/L", Curve(0.58, 0.1, 10, 0.04)),
        "w01001": ("pH", Curve(7.4, 0.1, 13, 0.04))}, ("w21003", 1.0, 0.05, 2, "E102", "GB 3838-2002 Ⅲ类"), "water", flows_to=("river-mouth", 0.5)),
    Played("river-mouth", "河口水位站", "Water level at the river mouth", "level", "21", 350, -2000, "33011010820260000000W202", {
        "level": ("m", Curve(2.35, 0.12, 6, 0.02))}, ("level", 3.6, 0.2, 3, "E104", "小镇防汛预案 3.2"), "water"),
    Played("air-square", "文化广场空气站", "Air, Culture Square", "air", "22", 60, 500, "33011010820260000000Q301", {
        "a34004": ("μg/m³", Curve(34, 9, 8, 3, 0)), "a34002": ("μg/m³", Curve(58, 14, 8, 5, 0)), "a05024": ("μg/m³", Curve(82, 44, 15, 6, 0)),
        "a21004": ("μg/m³", Curve(31, 10, 8, 3, 0)), "a21026": ("μg/m³", Curve(8, 2, 9, 0.8, 0)), "a21005": ("mg/m³", Curve(0.7, 0.2, 8, 0.05)),
        "a01001": ("°C", Curve(14, 5, 15, 0.3, 1)), "a01007": ("m/s", Curve(1.8, 0.6, 15, 0.3, 1)), "a01008": ("°", Curve(135, 40, 14, 12, 0))},
        ("a34004", 115.0, 10.0, 2, "E203", "HJ 633-2012 中度污染"), "ecology"),
    Played("air-park", "数字园区空气站", "Air, Digital Park", "air", "22", -1450, -1500, "33011010820260000000Q302", {
        "a34004": ("μg/m³", Curve(29, 8, 8, 3, 0)), "a34002": ("μg/m³", Curve(50, 12, 8, 5, 0)), "a05024": ("μg/m³", Curve(88, 46, 15, 6, 0)),
        "a21004": ("μg/m³", Curve(27, 8, 8, 3, 0)), "a21026": ("μg/m³", Curve(9, 2, 9, 0.8, 0)), "a21005": ("mg/m³", Curve(0.6, 0.15, 8, 0.05))},
        ("a34004", 115.0, 10.0, 2, "E203", "HJ 633-2012 中度污染"), "ecology"),
    Played("site-dust", "文昌路工地扬尘", "Construction dust, Wenchang Road", "dust", "39", 800, 1700, "33011010820260000000D401", {
        "a34001": ("μg/m³", Curve(180, 60, 14, 25, 0)), "a34002": ("μg/m³", Curve(95, 30, 14, 12, 0))},
        ("a34001", 500.0, 40.0, 2, "E202", "建筑施工扬尘排放控制 5.1"), "enforcement"),
    Played("noise-weaving", "织造园区北厂界", "Weaving Park, north boundary", "noise", "23", 1700, -500, "33011010820260000000N501", {
        "Leq": ("dB(A)", Curve(56, 5, 14, 1.2, 1))}, ("Leq", 68.0, 2.0, 2, "E303", "GB 12348-2008 3类昼间"), "ecology"),
    Played("noise-old-town", "古镇南街噪声站", "Noise, Old Town South Street", "noise", "23", -250, -350, "33011010820260000000N502", {
        "Leq": ("dB(A)", Curve(52, 4, 20, 1.2, 1))}, ("Leq", 65.0, 2.0, 2, "E303", "GB 3096-2008 2类昼间"), "ecology", silent_hours=3),
)  # fmt: skip


def password_of(played: Played) -> str:
    """Return the demo device's password."""
    return f"demo{played.mn[-4:]}"


def place_of(played: Played) -> tuple[float, float]:
    """Return (longitude, latitude)."""
    return (
        round(MIDDLE[0] + played.east / 111_195 / math.cos(math.radians(MIDDLE[1])), 6),
        round(MIDDLE[1] + played.north / 111_195, 6),
    )


PAST_HOURS = 48


def connected_at(at: datetime) -> datetime:
    """Return when the demo's loggers were connected: the begin of the past that is played. What is older was taken over as means of hours."""
    return at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=PAST_HOURS)


def register_stations(*, by: Actor, at: datetime, connected: datetime, organ_ids: Mapping[str, int], category_ids: Mapping[str, int]) -> None:
    """Register every station with its logger and its limit, those downstream first."""
    by_code = {played.code: played for played in STATIONS}

    def points_below(played: Played) -> int:
        return 0 if played.flows_to is None else 1 + points_below(by_code[played.flows_to[0]])

    made: dict[str, int] = {}
    for played in sorted(STATIONS, key=points_below):
        longitude, latitude = place_of(played)
        onward, hours = played.flows_to or ("", None)
        station = operations.register_station(
            by=by, at=at, code=played.code, name=played.name, name_en=played.name_en, kind=played.kind, longitude=longitude, latitude=latitude,
            organ_id=organ_ids.get(played.organ), flows_to_id=made.get(onward), flow_hours=hours,
        )  # fmt: skip
        made[played.code] = station.pk
        operations.register_device(
            by=by, at=connected, station_id=station.pk, mn=played.mn, password=password_of(played), report_seconds=REPORT_SECONDS,
            series={factor: unit for factor, (unit, _curve) in played.series.items()},
        )
        if played.limit:
            factor, limit, back, severity, category, clause = played.limit
            operations.set_limit(
                by=by, at=at, title=f"{played.name} {clause}", factor=factor, limit=limit, unit=played.series[factor][0], valid_from=at.date(),
                station_id=station.pk, return_difference=back, count=3, clean_count=4, severity=severity, category_id=category_ids.get(category), clause=clause,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    """A time before now, in hours, in which a station did not do well: the mark of what it sent, "" when it sent nothing."""

    code: str
    begins: float
    ends: float
    mark: str


TROUBLES = (
    Trouble("stone-bridge", 31.0, 27.5, ""), Trouble("site-dust", 20.0, 18.6, "D"), Trouble("air-park", 40.0, 39.2, "C"),
    Trouble("weaving-outlet", 44.5, 43.0, "M"),
)  # fmt: skip


def play_past(*, by: Actor, at: datetime) -> int:
    """Take what the stations would have sent since they were connected, as often as they report, so that their charts begin with two days.

    An hour goes in one batch, as back-filled data does. Returns how many readings.
    """
    chance = random.Random(5)  # noqa: S311 - a demo, the same on every machine
    count = 0
    begin = connected_at(at)
    stations = {station.code: station for station in queries.stations(seen_by=by)}
    devices = {device.station_id: device for device in queries.devices(seen_by=by)}
    for hour in range(PAST_HOURS + 1):
        packets = []
        for step in range(3600 // REPORT_SECONDS):
            moment = begin + timedelta(hours=hour, seconds=step * REPORT_SECONDS)
            if moment >= at:
                break
            for played in STATIONS:
                ago = (at - moment).total_seconds() / 3600
                trouble = next((one for one in TROUBLES if one.code == played.code and one.ends <= ago < one.begins), None)
                if (trouble is not None and not trouble.mark) or ago < played.silent_hours:
                    continue
                mark = trouble.mark if trouble else "N"
                rows = tuple((factor, "rtd", moment, curve.at(moment, chance), mark) for factor, (_unit, curve) in played.series.items())
                station = stations[played.code]
                packets.append(TakenPacket(f"{played.mn} {moment.isoformat()}".encode(), devices[station.pk].pk, station.pk, moment, rows))
                count += len(rows)
        if packets:
            operations.take_readings(by=by, at=packets[-1].received_at, key=uuid.uuid4(), packets=packets)
    return count


# what a year does to a factor: by which part it is higher in the middle of winter
WINTER = {"a34004": 0.5, "a34002": 0.4, "a21004": 0.35, "a21005": 0.3, "a21026": 0.3, "a05024": -0.22, "w01010": -0.5, "w01009": 0.2}


def play_hours(*, by: Actor, at: datetime) -> int:
    """Take the means of the hours that came before, as a town takes over what its stations have: with good and bad days, faults and silence.

    Returns how many hours, which `roll_up` has worked out.
    """
    count = 0
    end = at.replace(minute=0, second=0, microsecond=0)
    stations = {station.code: station for station in queries.stations(seen_by=by)}
    for played in STATIONS:
        days = HOURLY.get(played.code)
        if days is None:
            continue
        chance = random.Random(played.mn)  # noqa: S311 - a demo, the same on every machine
        begin = end - timedelta(days=days)
        weather = [1.0]
        for _day in range(days + 1):  # a bad day is seldom alone
            weather.append(min(2.6, max(0.45, 1 + 0.72 * (weather[-1] - 1) + chance.gauss(0, 0.26))))
        series = {
            factor: operations.define_series(by=by, at=begin, station_id=stations[played.code].pk, factor=factor, aggregate="hour.avg", unit=unit).pk
            for factor, (unit, _curve) in played.hourly.items()
        }
        silent = {chance.randrange(days) for _n in range(days // 60)}
        rows: list[tuple[int, datetime, float, str]] = []
        for hour in range(days * 24):
            moment = begin + timedelta(hours=hour)
            if hour // 24 in silent or chance.random() < 0.004:
                continue
            mark = "N" if chance.random() > 0.006 else chance.choice("DDCM")
            of_day = weather[hour // 24]
            rows += [(series[factor], moment, hour_mean(factor, curve, moment, of_day, chance), mark) for factor, (_u, curve) in played.hourly.items()]
        for place in range(0, len(rows), 4_000):
            part = rows[place : place + 4_000]
            operations.take_measurements(
                by=by, at=at, key=uuid.uuid4(), series_ids=[row[0] for row in part], moments=[row[1] for row in part], values=[row[2] for row in part],
                flags=[row[3] for row in part],
            )  # fmt: skip
            operations.roll_up(by=by, at=at, most=len(part))
        count += len(rows)
    return count


def play_closed(*, by: Actor, at: datetime, organ_id: int | None) -> int:
    """Register an outlet that was closed five weeks ago, with the hours of its last month. Returns how many hours."""
    chance = random.Random(11)  # noqa: S311 - a demo, the same on every machine
    end = at.replace(minute=0, second=0, microsecond=0) - timedelta(days=36)
    begin = end - timedelta(days=30)
    old = next(played for played in STATIONS if played.code == "weaving-outlet")
    longitude, latitude = place_of(old)
    station = operations.register_station(
        by=by, at=begin - timedelta(days=300), code="weaving-old-outlet", name="织造厂旧排口", name_en="Weaving works, old outlet", kind=old.kind,
        longitude=longitude + 0.0012, latitude=latitude - 0.0006, organ_id=organ_id,
    )  # fmt: skip
    curves = {"w01018": ("mg/L", Curve(46, 9, 10, 3, 1)), "w21003": ("mg/L", Curve(3.1, 0.6, 10, 0.3, 2)), "w01001": ("pH", Curve(7.4, 0.2, 14, 0.05, 2))}
    rows: list[tuple[int, datetime, float]] = []
    for factor, (unit, curve) in curves.items():
        series = operations.define_series(by=by, at=begin, station_id=station.pk, factor=factor, aggregate="hour.avg", unit=unit)
        for hour in range(30 * 24):
            moment = begin + timedelta(hours=hour)
            rows.append((series.pk, moment, hour_mean(factor, curve, moment, 1.0, chance)))
    operations.take_measurements(
        by=by, at=end, key=uuid.uuid4(), series_ids=[row[0] for row in rows], moments=[row[1] for row in rows], values=[row[2] for row in rows]
    )
    operations.roll_up(by=by, at=end, most=len(rows))
    operations.close_station(by=by, at=end, station_id=station.pk, reason="企业废水并入园区管网，旧排口已封堵")
    return len(rows)


def hour_mean(factor: str, curve: Curve, moment: datetime, weather: float, chance: random.Random) -> float:
    """Return an hour's mean: the curve of the day, bent by the season and the weather."""
    season = 1 + WINTER.get(factor, 0.0) * math.cos((moment.timetuple().tm_yday - 15) / 365 * math.tau)
    moved = weather if factor in ("a34004", "a34002", "a21004", "a21005", "a21026") else 1 + (weather - 1) * 0.25
    if factor == "a05024":
        moved = 0.8 + 0.2 * weather
    if factor in ("Leq", "w01001"):
        season = moved = 1.0
    return round(curve.at(moment + timedelta(minutes=30), chance) * season * moved, curve.decimals)
