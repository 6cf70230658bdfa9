"""What a firm's fields may hold, judged in one way wherever they come from."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.kernel.operation import Refused
from gongzhi.registers.firms import codes
from gongzhi.registers.record import fields
from gongzhi.registers.record.fields import Field, Read, day

TITLE = _("Firms")
SIZES = (("large", _("large")), ("medium", _("medium-sized")), ("small", _("small")), ("micro", _("micro")))
ROLES = (
    ("legal", _("legal representative")), ("liaison", _("liaison")), ("finance", _("finance")), ("safety", _("work safety")),
    ("environment", _("environment")), ("staff", _("personnel")),
)  # fmt: skip
MEASURES = {
    "output": (_("Output value"), _("10,000 yuan")), "revenue": (_("Revenue"), _("10,000 yuan")), "tax": (_("Taxes paid"), _("10,000 yuan")),
    "staff": (_("Staff"), _("people")), "investment": (_("Investment"), _("10,000 yuan")), "research": (_("Spent on research"), _("10,000 yuan")),
    "energy": (_("Energy"), _("tonnes of standard coal")), "water": (_("Water"), _("m³")),
}  # fmt: skip
OF_CRITERIA = {"staff": "staff", "revenue": "turnover", "tax": "tax", "research": "research"}  # a measure → the field of criteria that it fills
FIELDS = fields.spelt(
    Path(__file__).with_name("spellings.yaml"),
    Field("code", _("Unified social credit code"), meaning=_("By GB 32100-2015"), share=1),
    Field("name", _("Name"), meaning=_("What the firm is called, as it is registered"), share=1),
    Field("name_en", _("Name in English"), meaning=_("What it calls itself in English"), share=1),
    Field("industry", _("Industry"), meaning=_("Class of GB/T 4754-2017"), share=1),
    Field("size", _("Size"), "choice", SIZES, meaning=_("Large, medium-sized, small or micro"), share=1, renewed="year"),
    Field("park", _("Park"), meaning=_("Park or community in which it works"), share=1),
    Field("address", _("Premises"), meaning=_("Where it works"), share=1, renewed="year"),
    Field("longitude", _("Longitude"), meaning=_("Of the premises, in degrees, WGS 84"), share=1),
    Field("latitude", _("Latitude"), meaning=_("Of the premises, in degrees, WGS 84"), share=1),
    Field("legal_representative", _("Legal representative"), meaning=_("Who represents it in law, as it is registered"), share=1),
    Field("contact_name", _("Contact"), sealed=True, meaning=_("Who speaks for it now"), renewed="year"),
    Field("contact_phone", _("Contact's telephone"), "phone", sealed=True, meaning=_("Where that person can be called"), renewed="year"),
    Field("registered_on", _("Registered on"), "date", meaning=_("Day of registration"), share=1),
    Field("moved_in_on", _("Moved in on"), "date", meaning=_("First day here"), share=1),
    Field("left_on", _("Left on"), "date", meaning=_("First day on which it is here no longer"), share=1),
    Field("closed_on", _("Closed on"), "date", meaning=_("Day on which it closed down"), share=1),
)
BY_CODE = {one.code: one for one in FIELDS}
DAYS = ("registered_on", "moved_in_on", "left_on", "closed_on")


class BadValue(Refused):
    """A value that cannot be; the sentence says why and the field is named."""

    sentence = _("%(why)s")


@cache
def industries() -> dict[str, str]:
    """Return the sections (a letter) and divisions (two digits) of GB/T 4754-2017, by code."""
    told = yaml.safe_load(Path(__file__).with_name("industries.yaml").read_text(encoding="utf-8"))
    return {letter: section["name"] for letter, section in told.items()} | {
        code: name for section in told.values() for code, name in section["divisions"].items()
    }


@cache
def _sections() -> dict[str, str]:
    """Return the letter of each division's section."""
    told = yaml.safe_load(Path(__file__).with_name("industries.yaml").read_text(encoding="utf-8"))
    return {code: letter for letter, section in told.items() for code in section["divisions"]}


def division(code: str) -> str:
    """Return the division of a class as criteria name it (C17 of 1713), or "" where none is known."""
    return f"{_sections()[code[:2]]}{code[:2]}" if code[:2] in _sections() else ""


def industry_words(code: str) -> str:
    """Return what a class is called: its code with the name of its division, or "" where none is known."""
    return f"{code} {industries()[code[:2]]}" if code[:2] in industries() else ""


def name_key(name: str) -> str:
    """Return a firm's name as it is found by: in one width and case, without spaces and brackets' forms."""
    return re.sub(r"[\s·.,\-()]+", "", unicodedata.normalize("NFKC", name)).casefold()[:120]


def _industry(text: str) -> str:
    """Return the digits of a class as files write it: C1713, 1713, 1713 棉印染精加工; raise ValueError."""
    found = re.match(r"\s*[A-T]?\s*(\d{2,4})(?!\d)", unicodedata.normalize("NFKC", text).upper())
    if not found or found.group(1)[:2] not in industries():
        raise ValueError(text)
    return found.group(1)


def read(given: Mapping[str, str], today: date) -> Read:
    """Return the typed values of a firm's fields and everything that is wrong with them; empty texts are left out. `today`: of the town."""
    found = Read()
    for name, raw in given.items():
        text = str(raw).strip()
        one = BY_CODE.get(name)
        if one is None or not text:
            continue
        try:
            found.values[name] = _one(one, text)
        except ValueError as error:
            found.blame(name, text, str(error.args[0]))
    for name in DAYS:
        value = found.values.get(name)
        if value is not None and value > today:
            found.blame(name, value.isoformat(), _now("This day lies in the future."))
    in_order = [(name, found.values[name]) for name in DAYS if name in found.values]
    for (_before, earlier), (name, later) in pairwise(in_order):
        if later < earlier and name != "moved_in_on":
            found.blame(name, later.isoformat(), _now("A firm is registered, moves in, and leaves or closes in this order."))
    return found


def _one(one: Field, text: str) -> Any:
    """Return one typed value; raise ValueError with the sentence."""
    if "\0" in text or len(text) > 200:
        raise ValueError(_now("This is too long, or holds a sign that cannot be kept."))
    if one.sort == "choice":
        return fields.choice(one, text)
    if one.sort == "date":
        try:
            return day(text)
        except ValueError:
            raise ValueError(_now("“%(text)s” is no day of the calendar, such as 2001-02-03.") % {"text": text[:20]}) from None
    if one.code == "code":
        try:
            return codes.read(text)
        except codes.BadCode as error:
            wrong = _now("The check character of the code is wrong; one of its characters is mistyped.")
            raise ValueError(
                wrong if error.why == "check" else _now("A unified social credit code has eighteen digits and letters, without I, O, S, V, Z.")
            ) from None
    if one.code == "industry":
        try:
            return _industry(text)
        except ValueError:
            raise ValueError(_now("“%(text)s” is no class of GB/T 4754, such as 1713.") % {"text": text[:20]}) from None
    if one.sort == "phone":
        phone = sealing.plain_phone(text)
        if not (5 <= len(phone) <= 20 and phone.isascii() and phone.isdigit()):
            raise ValueError(_now("This is not a phone number; please check its digits."))
        return phone
    if one.code in ("longitude", "latitude"):
        return fields.degrees(text, 180 if one.code == "longitude" else 90)
    return re.sub(r"\s+", " ", text)


def checked(given: Mapping[str, str], today: date) -> Read:
    """Return the values as `read` does; raise BadValue for the first that is wrong."""
    found = read(given, today)
    if found.wrong:
        raise BadValue(field=found.wrong[0].field, why=found.wrong[0].why)
    return found
