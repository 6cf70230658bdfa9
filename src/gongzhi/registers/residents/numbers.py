"""Numbers of documents: their form, their check digit, and the birth and sex they hold. Pure.

GB 11643-1999: six digits of a division, eight of the birth, three in sequence (odd for men), and a check digit by ISO 7064 MOD 11-2 over
the seventeen before it. Residence permits of people from Hong Kong, Macao and Taiwan (81, 82, 83) and the permanent residence card of
foreigners as issued since 2023 (9, two digits of the province, three of the nationality) are made in the same way. Numbers of fifteen
digits, from before 1999, are written as eighteen.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
FORMS = {
    "id_card": re.compile(r"[1-8]\d{16}[\dX]"),
    "hmt_residence": re.compile(r"8[123]\d{15}[\dX]"),
    "foreign_residence": re.compile(r"9\d{16}[\dX]|[A-Z]{3}\d{12}"),
    "passport": re.compile(r"[A-Z0-9]{5,17}"),
    "hk_macao_pass": re.compile(r"[HM]\d{8}(\d{2})?"),
    "taiwan_pass": re.compile(r"\d{8}"),
    "birth_certificate": re.compile(r"[A-Z]\d{9}"),
}


class BadNumber(ValueError):
    """A number that cannot be; `why` is form, province, birth or check."""

    def __init__(self, why: str, expected: str = "") -> None:
        self.why, self.expected = why, expected
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is kept, and what it says: birth, and sex ("1" male, "2" female, "" unsaid)."""

    document: str
    number: str
    birth: date | None = None
    sex: str = ""


def check_digit(seventeen: str) -> str:
    """Return the check digit of seventeen digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return CHECKS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, seventeen, strict=True)) % 11]


def plain(text: str) -> str:
    """Return a number as it is compared: in one width, upper case, without spaces, dashes and dots."""
    return re.sub(r"[\s\-—·.]+", "", unicodedata.normalize("NFKC", text)).upper()


def kind_of(number: str) -> str:
    """Return which document a number is of where its form alone says so, else ""."""
    if re.fullmatch(r"\d{15}|\d{17}[\dX]", number):
        return "foreign_residence" if number[0] == "9" and len(number) == 18 else "hmt_residence" if number[:2] in ("81", "82", "83") else "id_card"
    for document in ("foreign_residence", "hk_macao_pass", "birth_certificate", "taiwan_pass"):
        if FORMS[document].fullmatch(number):
            return document
    return ""


def read(text: str, document: str = "") -> Number:
    """Return the number of a document; raise BadNumber. Without `document` it is told from the form, a passport where nothing else fits."""
    number = plain(text)
    document = document or kind_of(number) or "passport"
    if document == "id_card" and re.fullmatch(r"\d{15}", number):
        number = number[:6] + "19" + number[6:]
        number += check_digit(number)
    if not FORMS[document].fullmatch(number):
        raise BadNumber("form")
    if document in ("id_card", "hmt_residence") or (document == "foreign_residence" and len(number) == 18):
        return _of_eighteen(document, number)
    return Number(document, number, _short_birth(number[7:13]) if document == "foreign_residence" else None)


def _of_eighteen(document: str, number: str) -> Number:
    if document != "foreign_residence" and number[:2] not in PROVINCES:
        raise BadNumber("province")
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise BadNumber("birth") from None
    expected = check_digit(number[:17])
    if number[17] != expected:
        raise BadNumber("check", expected)
    return Number(document, number, birth, "1" if int(number[16]) % 2 else "2")


def _short_birth(six: str) -> date | None:
    """Return the birth in an older permanent residence card; its century is not in it, so it is not told."""
    if not (1 <= int(six[2:4]) <= 12 and 1 <= int(six[4:6]) <= 31):
        raise BadNumber("birth")
    return None


def masked(number: str) -> str:
    """Return 3301**********0028; short numbers keep their last two characters."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) >= 15 else f"***{number[-2:]}" if number else ""
