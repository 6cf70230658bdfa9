"""Units as devices and standards write them, converted by pint.

The spelling is ours (`mg/m³`, `ug/m3`, `毫克/立方米`, `μg·m-3` are known), the arithmetic is pint's with exact fractions, so that
0.035 mg/m3 is 35 ug/m3 and not 35.000000000000004. What the list does not know is refused, never guessed: a wrong unit makes a
thousandfold alarm. Parts by volume (ppm, ppb) are not converted to mg/m3: that needs the gas, its temperature and pressure.
Neither is Nm3 to m3. An A-weighted level is in dB; "(A)" belongs to the quantity (ISO 80000-8), so dB and dB(A) are the same here.
"""

import re
import unicodedata
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    import pint

Number = TypeVar("Number", float, np.ndarray)

# what pint does not have; a value in one of the bases converts to nothing else
_OWN = (
    "sound_decibel = [sound_level]",
    "acidity_unit = [acidity]",
    "turbidity_unit = [turbidity]",
    "dilution_factor = [dilution]",
    "organism = [organisms]",
    "normal_cubic_meter = [normal_volume]",
    "wan_ton = 10000 * metric_ton",
    "wan_cubic_meter = 10000 * meter ** 3",
)

_SPELLINGS: dict[str, str] = {
    "kilogram": "kg 千克 公斤",
    "gram": "g 克",
    "milligram": "mg 毫克",
    "microgram": "μg ug mcg 微克",
    "nanogram": "ng 纳克",
    "metric_ton": "t 吨 公吨 tonne",
    "kilometric_ton": "kt 千吨",
    "wan_ton": "万t 万吨",
    "kilometer": "km 公里 千米",
    "meter": "m 米",
    "centimeter": "cm 厘米",
    "millimeter": "mm 毫米",
    "micrometer": "μm um 微米",
    "meter ** 2": "m2 平方米",
    "kilometer ** 2": "km2 平方公里 平方千米",
    "hectare": "ha hm2 公顷",
    "meter ** 3": "m3 立方米 立方 方 cbm",
    "wan_cubic_meter": "万m3 万立方米 万方",
    "decimeter ** 3": "dm3 立方分米",
    "normal_cubic_meter": "Nm3 m3N Nm³ 标立方米 标m3",
    "liter": "L 升 公升",
    "milliliter": "mL 毫升",
    "microliter": "μL uL 微升",
    "second": "s 秒 sec",
    "minute": "min 分 分钟",
    "hour": "h 小时 时 hr",
    "day": "d 天 日",
    "year": "a 年 yr",
    "degree_Celsius": "℃ °C 摄氏度 oC C degC 度C deg.C",
    "degree_Fahrenheit": "℉ °F 华氏度 degF",
    "kelvin": "K 开 开尔文",
    "pascal": "Pa 帕 帕斯卡",
    "hectopascal": "hPa 百帕",
    "kilopascal": "kPa 千帕",
    "megapascal": "MPa 兆帕",
    "millipascal": "mPa 毫帕",
    "millibar": "mbar mb 毫巴",
    "bar": "bar 巴",
    "mmHg": "mmHg 毫米汞柱",
    "siemens": "S 西门子",
    "millisiemens": "mS 毫西门子",
    "microsiemens": "μS uS 微西门子",
    "volt": "V 伏",
    "millivolt": "mV 毫伏",
    "ampere": "A 安",
    "watt": "W 瓦",
    "kilowatt": "kW 千瓦",
    "kilowatt_hour": "kWh 千瓦时 kW*h",
    "becquerel": "Bq 贝克",
    "degree": "° 度 deg",
    "percent": "% 百分比 percent",
    "permille": "‰ 千分比",
    "ppm": "ppm",
    "ppb": "ppb",
    "dimensionless": "无量纲 1",
    "sound_decibel": "dB dB(A) dBA dB[A] 分贝 分贝(A)",
    "acidity_unit": "pH pH值 pH单位",
    "turbidity_unit": "NTU FTU FNU 度NTU",
    "dilution_factor": "倍 times",
    "organism": "个 MPN CFU cells 个数",
}


class CannotConvert(ValueError):
    """There is no way from one unit to the other; both are named, with the reason."""

    def __init__(self, from_unit: str, to_unit: str, why: str) -> None:
        self.from_unit, self.to_unit = from_unit, to_unit
        super().__init__(_("“%(from)s” cannot be converted to “%(to)s”: %(why)s") % {"from": from_unit, "to": to_unit, "why": why})


def convert(value: Number, from_unit: str, to_unit: str) -> Number:
    """Return a value, or a numpy array of them, in another unit.

    A value already in that unit comes back as it was. Raises CannotConvert (a ValueError) when a unit is unknown or they
    measure different things.
    """
    factor, offset = _line(from_unit, to_unit)
    if factor == 1 and not offset:
        return value
    array: Any = value if isinstance(value, np.ndarray) else float(value)
    if factor != 1:
        # a division by 1000 rounds once, a product with 0.001 twice
        array = array * factor.numerator / factor.denominator
    return array + float(offset) if offset else array


def ratio(from_unit: str, to_unit: str) -> tuple[int, int]:
    """Return (up, down): a step in one unit is up / down steps in the other, exactly. Raises CannotConvert."""
    factor, _offset = _line(from_unit, to_unit)
    return factor.numerator, factor.denominator


def same(unit_a: str, unit_b: str) -> bool:
    """Return whether two spellings mean one unit: mg/m³ and 毫克/立方米 do, mg/m3 and ug/m3 do not."""
    if tidy(unit_a) == tidy(unit_b):
        return True
    try:
        return _line(unit_a, unit_b) == (1, 0)
    except CannotConvert:
        return False


def is_known(unit: str) -> bool:
    """Return whether values of this unit can be converted."""
    try:
        _line(unit, unit)
    except CannotConvert:
        return False
    return True


def tidy(unit: str) -> str:
    """Return the spelling without what typists vary: width, superscripts, dots, blanks, the two forms of μ."""
    text = unit or ""
    before = None
    while text != before:  # what is taken out can bring together what then becomes one sign
        before = text
        text = unicodedata.normalize("NFKC", text)
        text = re.sub(r"\s+", "", text).replace("^", "").replace("**", "")
        text = re.sub(r"[·•⋅・×]", "*", text)
        text = re.sub(r"[−–—]", "-", text).replace("每", "/")
    return text


@lru_cache(maxsize=4096)
def _line(from_unit: str, to_unit: str) -> tuple[Fraction, Fraction]:
    """Return factor and offset of the straight line from one unit to the other, both exact."""
    import pint

    found = []
    for unit in (from_unit, to_unit):
        expression = _expression(tidy(unit))
        if expression is None:
            raise CannotConvert(from_unit, to_unit, _("the unit “%(unit)s” is not known") % {"unit": unit} if tidy(unit) else _("a unit is missing"))
        found.append(expression)
    registry = _registry()
    try:
        start, end = map(registry.parse_units, found)
        zero, one = (Fraction(registry.convert(Fraction(number), start, end)) for number in (0, 1))
    except (pint.errors.PintError, TypeError, ValueError) as error:
        raise CannotConvert(from_unit, to_unit, _("they measure different things")) from error
    return one - zero, zero


@cache
def _registry() -> "pint.UnitRegistry":
    import pint

    registry: Any = pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)
    for definition in _OWN:
        registry.define(definition)
    return registry


@cache
def _tokens() -> tuple[dict[str, str], dict[str, str]]:
    """Return pint's name for each spelling: as written, and for those that stay unambiguous in small letters."""
    exact: dict[str, str] = {}
    small: dict[str, set[str]] = {}
    for name, spellings in _SPELLINGS.items():
        for spelling in map(tidy, spellings.split()):
            exact[spelling] = name
            small.setdefault(spelling.lower(), set()).add(name)
    return exact, {spelling: next(iter(names)) for spelling, names in small.items() if len(names) == 1}


def _token(text: str) -> str | None:
    exact, small = _tokens()
    return exact.get(text) or small.get(text.lower())


@lru_cache(maxsize=4096)
def _expression(text: str) -> str | None:
    """Return pint's expression for a tidied spelling, None when a part of it is unknown."""
    if not text:
        return None
    if (whole := _token(text)) is not None:
        return whole
    parts: list[str] = []
    sign = 1
    for piece in re.split(r"([/*])", text.replace("(", "").replace(")", "")):
        if piece in ("/", "*"):
            sign = -1 if piece == "/" else sign
            continue
        name, power = _token(piece), 1
        if name is None and (match := re.fullmatch(r"(.+?)(-?[0-9])", piece)):
            name, power = _token(match[1]), int(match[2])
            if name is not None and not re.fullmatch(r"[a-z_]+", name):
                return None
        if name is None or not power:
            return None
        parts.append(f"({name}) ** {sign * power}")
    return " * ".join(parts)
