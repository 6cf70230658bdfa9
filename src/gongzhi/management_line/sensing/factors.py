"""Factor codes 因子 of HJ 212-2017 (with HJ 524/525) met most often: name in both languages, and the older code.

The unit is what loggers usually send, only a proposal for a new series: the standard's table gives ng/m3 for particulate
matter where devices send ug/m3 or mg/m3, so the unit belongs to the series, not to the code. Pure.
"""

from typing import NamedTuple

from django.utils.translation import get_language


class Factor(NamedTuple):
    """One code. `older` is its code in HJ/T 212-2005, "" if none; `decimals` is how many are worth showing."""

    code: str
    zh: str
    en: str
    unit: str
    older: str = ""
    decimals: int = 2


CATALOGUE: dict[str, Factor] = {
    factor.code: factor
    for factor in (
        Factor("w00000", "污水流量", "Waste-water flow", "L/s", "B01"),
        Factor("w01001", "pH 值", "pH", "pH", "001"),
        Factor("w01002", "色度", "Colour", "倍", "002", 0),
        Factor("w01003", "浑浊度", "Turbidity", "NTU", "", 1),
        Factor("w01009", "溶解氧", "Dissolved oxygen", "mg/L"),
        Factor("w01010", "水温", "Water temperature", "°C", "", 1),
        Factor("w01012", "悬浮物", "Suspended solids", "mg/L", "003", 1),
        Factor("w01014", "电导率", "Conductivity", "uS/cm", "", 0),
        Factor("w01017", "五日生化需氧量", "BOD5", "mg/L", "010", 1),
        Factor("w01018", "化学需氧量", "COD", "mg/L", "011", 1),
        Factor("w01019", "高锰酸盐指数", "Permanganate index", "mg/L"),
        Factor("w21001", "总氮", "Total nitrogen", "mg/L", "065"),
        Factor("w21003", "氨氮", "Ammonia nitrogen", "mg/L", "060"),
        Factor("w21011", "总磷", "Total phosphorus", "mg/L", "101", 3),
        Factor("level", "水位", "Water level", "m"),
        Factor("a00000", "废气流量", "Flue-gas flow", "m³/s", "B02"),
        Factor("a01001", "气温", "Temperature", "°C", "", 1),
        Factor("a01002", "湿度", "Humidity", "%", "", 0),
        Factor("a01006", "气压", "Air pressure", "kPa", "", 1),
        Factor("a01007", "风速", "Wind speed", "m/s", "", 1),
        Factor("a01008", "风向", "Wind direction", "°", "", 0),
        Factor("a01011", "烟气流速", "Flue-gas speed", "m/s", "S02"),
        Factor("a01012", "烟气温度", "Flue-gas temperature", "°C", "S03", 1),
        Factor("a01013", "烟气压力", "Flue-gas pressure", "kPa", "S08"),
        Factor("a01014", "烟气湿度", "Flue-gas humidity", "%", "S05", 1),
        Factor("a05024", "臭氧", "Ozone", "ug/m³", "", 0),
        Factor("a19001", "氧含量", "Oxygen", "%", "S01", 1),
        Factor("a21002", "氮氧化物", "Nitrogen oxides", "mg/m³", "03", 1),
        Factor("a21004", "二氧化氮", "Nitrogen dioxide", "ug/m³", "", 0),
        Factor("a21005", "一氧化碳", "Carbon monoxide", "mg/m³", "04", 2),
        Factor("a21026", "二氧化硫", "Sulphur dioxide", "ug/m³", "02", 0),
        Factor("a34001", "总悬浮颗粒物", "TSP", "ug/m³", "", 0),
        Factor("a34002", "PM10", "PM10", "ug/m³", "", 0),
        Factor("a34004", "PM2.5", "PM2.5", "ug/m³", "", 0),
        Factor("a34013", "烟尘", "Soot", "mg/m³", "01", 1),
        Factor("a50001", "环境噪声", "Noise", "dB(A)", "", 1),
        Factor("Leq", "等效声级", "Equivalent sound level", "dB(A)", "", 1),
        Factor("LA", "A 声级", "A-weighted sound level", "dB(A)", "", 1),
    )
}
_BY_OLDER = {factor.older: factor for factor in CATALOGUE.values() if factor.older}


def factor(code: str) -> Factor | None:
    """Return what is known of a code, the older ones included."""
    return CATALOGUE.get(code) or _BY_OLDER.get(code)


def present(code: str) -> str:
    """Return the code of HJ 212-2017 for one of HJ/T 212-2005, so that an old logger's values stand in the series of new ones; others as they are."""
    known = _BY_OLDER.get(code)
    return known.code if known else code


def label(code: str) -> str:
    """Return the factor's name in the reader's language; the code itself when it is not in the catalogue."""
    known = factor(code)
    if known is None:
        return code
    return known.en if (get_language() or "").startswith("en") else known.zh


def usual_unit(code: str, station_kind: str = "") -> str:
    """Return the unit to propose for a new series, "" when nothing is known.

    A flue-gas outlet sends mg/m³ for what ambient stations send in ug/m³.
    """
    known = factor(code)
    if known is None:
        return ""
    if station_kind == "flue_gas" and known.unit == "ug/m³":
        return "mg/m³"
    return known.unit


def decimals(code: str) -> int:
    """Return how many decimals of this factor are worth showing."""
    known = factor(code)
    return known.decimals if known else 3
