"""What a file's columns probably mean, from their names and first rows: a recipe to begin with, for a person to look at. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from statistics import median
from typing import Any

from gongzhi.kernel import numbers
from gongzhi.kernel.sheets import Cell, is_blank
from gongzhi.management_line.feeds.moments import moment_of
from gongzhi.management_line.feeds.recipe import names_of, tidy
from gongzhi.management_line.sensing import factors, units

LOOK = 60  # rows that are looked at
_TIME = ("时间", "监测时间", "采样时间", "数据时间", "检测时间", "测量时间",
            "日期时间", "time", "datetime", "timestamp", "datatime", "date_time", "measured_at")
_DATE = ("日期", "监测日期", "采样日期", "date", "day")
_HOUR = ("时", "小时", "时刻", "hour", "hr")
_PARTS = (("year", "年", "年份"), ("month", "月", "月份"), ("day", "日"), ("hour", "时", "小时"))
_STATION = ("站点", "站点名称", "站点编码", "站点编号", "监测站点", "监测点", "监测点位", "测点",
            "测点名称", "点位", "点位名称", "断面", "断面名称", "站名", "排口", "排口名称",
            "watchpoint", "station", "station_code", "site")  # fmt: skip
_FACTOR = ("因子", "监测因子", "监测项目", "项目", "指标", "污染物", "参数", "factor", "parameter", "pollutant", "item")
_VALUE = ("数值", "监测值", "测值", "浓度", "值", "结果", "监测结果", "value", "result", "concentration")
_UNIT = ("单位", "计量单位", "unit", "units")
_FLAG = ("标识", "数据标识", "标记", "状态", "数据状态", "flag", "quality", "status")
_SAID = {
    "pm2.5": "a34004", "pm25": "a34004", "细颗粒物": "a34004", "pm10": "a34002",
    "可吸入颗粒物": "a34002", "so2": "a21026", "no2": "a21004", "nox": "a21002", "co": "a21005",
    "o3": "a05024", "o3_1h": "a05024", "o3-1h": "a05024", "tsp": "a34001",
    "cod": "w01018", "codcr": "w01018", "codmn": "w01019", "nh3-n": "w21003", "nh3n": "w21003",
    "tn": "w21001", "tp": "w21011", "do": "w01009", "ph": "w01001", "ph值": "w01001", "bod5": "w01017", "ss": "w01012", "浊度": "w01003", "电导": "w01014",
    "temp": "a01001", "temperature": "a01001", "温度": "a01001", "大气温度": "a01001",
    "pres": "a01006", "pressure": "a01006", "大气压": "a01006", "rh": "a01002",
    "相对湿度": "a01002", "humidity": "a01002", "wspm": "a01007", "ws": "a01007",
    "windspeed": "a01007", "leq": "Leq", "laeq": "Leq", "噪声": "Leq", "流量": "w00000",
}  # fmt: skip
_UNIT_OF = re.compile(r"(.+?)\s*[\(\[]\s*(.+?)\s*[\)\]]+$")
# hectopascals and kilopascals, milligrams and micrograms: told apart by how large the numbers are
_LARGE = {"a21005": (50.0, "ug/m³"), "a01006": (300.0, "hPa")}


def header_of(rows: Sequence[tuple[int, Sequence[Cell]]]) -> int:
    """Return the number of the row that probably holds the columns' names: the first of the widest rows that has no empty and no number cells."""
    best, width = 1, 0
    for number, cells in rows[:15]:
        named = [cell for cell in cells if isinstance(cell, str) and cell.strip() and not re.fullmatch(r"[0-9.,:/\-\s]+", cell.strip())]
        if len(named) > width and len(named) >= 2:
            best, width = number, len(named)
    return best


def split_unit(name: str) -> tuple[str, str]:
    """Return a column's name without its unit, and the unit: PM2.5(μg/m³) → PM2.5, μg/m³; 氨氮 mg/L → 氨氮, mg/L."""
    if (found := _UNIT_OF.fullmatch(name)) and units.is_known(found[2]):
        return found[1].strip(), found[2]
    head, _blank, tail = name.rpartition(" ")
    if head and units.is_known(tail):
        return head.strip(), tail
    return name, ""


def factor_of(name: str) -> str:
    """Return the factor's code that a name stands for, "" where it is not known."""
    plain = tidy(name).lower().replace("₂", "2").replace("₃", "3")
    if plain in _SAID:
        return _SAID[plain]
    if found := factors.factor(tidy(name)):
        return found.code
    return next((one.code for one in factors.CATALOGUE.values() if plain in (one.zh.lower(), one.zh.replace(" ", "").lower(), one.en.lower())), "")


def suggest(rows: Sequence[tuple[int, Sequence[Cell]]], zone: tzinfo, *, stations: Mapping[str, str]) -> dict[str, Any]:
    """Return a recipe for a file that begins so; what is not known is left out. `stations`: name or code → code of the town's stations."""
    header = header_of(rows)
    cells = next((cells for number, cells in rows if number == header), [])
    names = names_of(cells)
    body = [cells for number, cells in rows if number > header and not is_blank(cells)][:LOOK]
    plain = {place: split_unit(name)[0].lower() for place, name in enumerate(names)}
    taken: set[int] = set()

    def first(words: Sequence[str]) -> int | None:
        for word in words:
            for place, name in plain.items():
                if place not in taken and name == word.lower():
                    taken.add(place)
                    return place
        return None

    found: dict[str, Any] = {} if header == 1 else {"header": header}
    time = _time(names, body, zone, first)
    if time:
        found["time"] = time if len(time) > 1 else time[0]
    station = first(_STATION)
    if station is not None:
        found["station"] = names[station]
        theirs = list(dict.fromkeys(tidy(_at(cells, station)) for cells in body))
        table = {one: stations[one] for one in theirs if one in stations and stations[one] != one}
        if table:
            found["stations"] = table
    factor, value = first(_FACTOR), first(_VALUE)
    if factor is not None and value is not None:
        found |= {"factor": names[factor], "value": names[value]}
        for key, words in (("unit", _UNIT), ("flag", _FLAG)):
            place = first(words)
            if place is not None:
                found[key] = names[place]
        theirs = list(dict.fromkeys(tidy(_at(cells, factor)) for cells in body))
        table = {one: factor_of(one) for one in theirs if factor_of(one) and factor_of(one) != one}
        if table:
            found["factors"] = table
        return found
    for place in (factor, value):
        taken.discard(-1 if place is None else place)
    found["values"] = _values(names, body, taken)
    return found


def _time(names: Sequence[str], body: Sequence[Sequence[Cell]], zone: tzinfo, first: Any) -> list[str]:
    whole = first(_TIME)
    if whole is not None:
        return [names[whole]]
    lowered = [name.lower() for name in names]
    if all(any(word in lowered for word in words) for words in _PARTS[:3]):
        return [names[place] for words in _PARTS if (place := first(words)) is not None]
    day = first(_DATE)
    if day is not None:
        hour = first(_HOUR)
        return [names[day]] if hour is None else [names[day], names[hour]]
    for place, name in enumerate(names):  # a column without a telling name whose cells are times
        column = [cell for cells in body if (cell := _at(cells, place)) not in (None, "")]
        if column and all(not isinstance(cell, int | float) and _is_time(cell, zone) for cell in column):
            return [name]
    return []


def _values(names: Sequence[str], body: Sequence[Sequence[Cell]], taken: set[int]) -> list[dict[str, str]]:
    found = []
    for place, name in enumerate(names):
        if place in taken:
            continue
        called, unit = split_unit(name)
        code = factor_of(called)
        if not code:
            continue
        if not unit:
            unit = factors.usual_unit(code)
            numbers = [number for cells in body if (number := _number(_at(cells, place))) is not None]
            if code in _LARGE and numbers and median(numbers) > _LARGE[code][0]:
                unit = _LARGE[code][1]
        found.append({"column": name, "factor": code, "unit": unit})
    return found


def _at(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else None


def _number(cell: Cell) -> float | None:
    try:
        return numbers.real(cell) if isinstance(cell, str) else float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
    except (ValueError, OverflowError):
        return None


def _is_time(cell: Cell, zone: tzinfo) -> bool:
    try:
        moment_of([cell], zone)
    except (ValueError, OverflowError):
        return False
    return True
