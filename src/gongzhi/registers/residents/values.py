"""What a resident's fields may hold, judged in one way wherever they come from: a form, a file, the API, a visit. Pure, but for words."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.foundation.people import sealing
from gongzhi.kernel.operation import Refused
from gongzhi.registers.record import fields
from gongzhi.registers.record.fields import Field, Read, Wrong, day
from gongzhi.registers.residents import numbers

TITLE = _("Residents")
OLDEST = 130  # years; nobody known has lived longer than 122
DOCUMENTS = (
    ("id_card", _("Resident identity card")), ("hmt_residence", _("Residence permit of Hong Kong, Macao or Taiwan residents")),
    ("foreign_residence", _("Foreign permanent resident card")), ("passport", _("Passport")), ("hk_macao_pass", _("Mainland travel permit (Hong Kong, Macao)")),
    ("taiwan_pass", _("Mainland travel permit (Taiwan)")), ("birth_certificate", _("Birth certificate")),
)  # fmt: skip
SEXES = (("1", _("male")), ("2", _("female")), ("0", _("unknown")), ("9", _("unsaid")))  # GB/T 2261.1
STANDINGS = (
    ("registered", _("registered here")),
    ("moving", _("living here, registered elsewhere")),
    ("unregistered", _("registered nowhere")),
    ("foreign", _("from abroad")),
)
RELATIONS = (
    ("head", _("head of the household")), ("spouse", _("spouse")), ("child", _("child")), ("child_in_law", _("child-in-law")), ("grandchild", _("grandchild")),
    ("parent", _("parent")), ("grandparent", _("grandparent")), ("sibling", _("brother or sister")), ("kin", _("other kin")), ("lodger", _("not kin")),
)  # fmt: skip


class Standing(models.TextChoices):
    REGISTERED = "registered", "户籍"
    MOVING = "moving", "流动"
    UNREGISTERED = "unregistered", "未落户"
    FOREIGN = "foreign", "境外"


TENURES = (("own", _("by its owner")), ("let", _("let")), ("lent", _("lent")), ("dormitory", _("dormitory")))
FIELDS = fields.spelt(
    Path(__file__).with_name("spellings.yaml"),
    Field("name", pgettext_lazy("register", "Name"), sealed=True, meaning=_("What the person is called, as in the document")),
    Field("document", pgettext_lazy("register", "Document"), "choice", DOCUMENTS, meaning=_("Which document proves who it is")),
    Field("number", _("Document number"), "number", sealed=True, meaning=_("Number of that document")),
    Field("sex", _("Sex"), "choice", SEXES, meaning=_("By GB/T 2261.1")),
    Field("birth", _("Birth"), "date", meaning=_("Day of birth")),
    Field("nationality", _("Nationality"), meaning=_("Country whose citizen it is")),
    Field("ethnicity", _("Ethnic group"), meaning=_("By GB/T 3304")),
    Field(
        "standing",
        pgettext_lazy("register", "Standing"),
        "choice",
        STANDINGS,
        renewed="year",
        meaning=_("Registered here, living here, registered nowhere, or from abroad"),
    ),
    Field("phone", _("Telephone"), "phone", sealed=True, meaning=_("Where the person can be called"), renewed="year"),
    Field("origin", _("Place of registration"), sealed=True, meaning=_("Where the person is registered, if elsewhere")),
    Field("household", _("Household number"), meaning=_("Number of the registration book")),
    Field("relation", _("To the head of the household"), "choice", RELATIONS, meaning=_("What the person is to the head of the household")),
    Field("address", pgettext_lazy("register", "Home"), meaning=_("Where the person lives now"), renewed="year"),
    Field("grid", _("Grid"), meaning=_("The grid in which the home lies")),
    Field("longitude", _("Longitude"), meaning=_("Of the home, in degrees, WGS 84")),
    Field("latitude", _("Latitude"), meaning=_("Of the home, in degrees, WGS 84")),
    Field("tenure", _("How it is lived in"), "choice", TENURES, meaning=_("Owned, let, lent or a dormitory"), renewed="year"),
    Field("since", _("Lives there since"), "date", meaning=_("First day in the present home")),
    Field("left_on", _("Moved away on"), "date", meaning=_("First day on which the person lives here no longer")),
    Field("died_on", _("Died on"), "date", meaning=_("Day of death")),
)
BY_CODE = {one.code: one for one in FIELDS}
SEALED = ("name", "number", "phone", "origin")


class BadValue(Refused):
    """A value that cannot be; the sentence says why and the field is named."""

    sentence = _("%(why)s")


def plain_name(text: str) -> str:
    """Return a name as it is kept: one width, one kind of middle dot, single spaces."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[·•・‧∙⋅.]", "·", text) if re.search(r"[㐀-鿿\U00020000-\U0003ffff]", text) else text
    return re.sub(r"\s+", " ", text).strip()


def name_key(name: str) -> str:
    """Return a name as it is found by: without spaces and dots, in one case."""
    return re.sub(r"[\s·.,'-]+", "", plain_name(name)).casefold()


_NAME = re.compile(r"[^\W\d_](?:[^\d_<>@#$%^&*=+|\\/\"]{0,58}[^\W_])?")


def _why_number(error: numbers.BadNumber) -> str:
    if error.why == "check":
        return _now("The check digit of the number is wrong; one of its digits is mistyped.")
    if error.why == "birth":
        return _now("The birth in the number is no day of the calendar.")
    if error.why == "province":
        return _now("The number begins with no division of the country.")
    return _now("The number does not have the form of this document.")


def read(given: Mapping[str, str], today: date) -> Read:
    """Return the typed values of a resident's fields and everything that is wrong with them; empty texts are left out. `today`: of the town."""
    found = Read()

    def wrong(name: str, why: str) -> None:
        found.wrong.append(Wrong(name, str(given.get(name, "")), why))

    for name, raw in given.items():
        text = str(raw).strip()
        one = BY_CODE.get(name)
        if one is None or not text:
            continue
        if "\0" in text or len(text) > 200:
            wrong(name, _now("This is too long, or holds a sign that cannot be kept."))
        elif one.sort == "choice":
            try:
                found.values[name] = fields.choice(one, text)
            except ValueError as error:
                wrong(name, str(error))
        elif one.sort == "date":
            try:
                found.values[name] = day(text)
            except ValueError:
                wrong(name, _now("“%(text)s” is no day of the calendar, such as 2001-02-03.") % {"text": text[:20]})
        elif name == "name":
            if _NAME.fullmatch(plain_name(text)):
                found.values[name] = plain_name(text)
            else:
                wrong(name, _now("This is not the name of a person."))
        elif name == "phone":
            phone = sealing.plain_phone(text)
            if 5 <= len(phone) <= 20 and phone.isascii() and phone.isdigit():
                found.values[name] = phone
            else:
                wrong(name, _now("This is not a phone number; please check its digits."))
        elif name in ("longitude", "latitude"):
            try:
                found.values[name] = fields.degrees(text, 180 if name == "longitude" else 90)
            except ValueError as error:
                wrong(name, str(error))
        elif name != "number":
            found.values[name] = re.sub(r"\s+", " ", text)
    _read_number(given, found, wrong)
    _agree(found, wrong, today)
    return found


def _read_number(given: Mapping[str, str], found: Read, wrong: Any) -> None:
    if not str(given.get("number", "")).strip():
        return
    try:
        number = numbers.read(str(given["number"]), found.values.get("document", ""))
    except numbers.BadNumber as error:
        wrong("number", _why_number(error))
        return
    found.values["number"], found.values["document"] = number.number, number.document
    if number.birth is not None:
        told = found.values.get("birth")
        if told is not None and told != number.birth:
            wrong("birth", _now("The birth is not the one in the number."))
        found.values["birth"] = number.birth
    if number.sex:
        told = found.values.get("sex")
        if told in ("1", "2") and told != number.sex:
            wrong("sex", _now("The sex is not the one in the number."))
        found.values["sex"] = number.sex
    if number.document in ("foreign_residence", "passport"):
        found.values.setdefault("standing", "foreign")


def _agree(found: Read, wrong: Any, today: date) -> None:
    """Judge what the days say of each other."""
    birth = found.values.get("birth")
    if birth is not None and birth > today:
        wrong("birth", _now("The birth lies in the future."))
    elif birth is not None and today.year - birth.year > OLDEST:
        wrong("birth", _now("Nobody has lived that long; please check the year."))
    for name in ("since", "left_on", "died_on"):
        value = found.values.get(name)
        if value is None:
            continue
        if value > today:
            wrong(name, _now("This day lies in the future."))
        elif birth is not None and value < birth:
            wrong(name, _now("This day lies before the birth."))
    if (since := found.values.get("since")) and (left := found.values.get("left_on")) and left < since:
        wrong("left_on", _now("This day lies before the one from which they live there."))


def checked(given: Mapping[str, str], today: date) -> Read:
    """Return the values as `read` does; raise BadValue for the first that is wrong."""
    found = read(given, today)
    if found.wrong:
        raise BadValue(field=found.wrong[0].field, why=found.wrong[0].why)
    return found


def address_key(address: str) -> str:
    """Return an address as it is found by: one width, without spaces, one kind of dash."""
    return re.sub(r"[\s,，。]+", "", re.sub(r"[—–－~～]+", "-", unicodedata.normalize("NFKC", address))).casefold()[:200]
