"""Telephone and identity numbers in what people write: masked before others may read it. Pure.

An identity number is one by its form and its check digit (GB 11643-1999: ISO 7064 MOD 11-2 over seventeen digits), so that the number
of a parcel or of a device stays what it is. Mobile numbers, and others with their area code, are taken by form; short ones that
everybody may call (12345, 110) stay.
"""

import re
from collections.abc import Callable

from gongzhi.foundation.people import sealing
from gongzhi.kernel import numbers

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_GAP = r"[ \-\u2010-\u2015]?"
_IDENTITY = re.compile(
    rf"(?<![0-9A-Za-z])[1-9]\d{{5}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_GAP}\d{{3}}[0-9Xx]"
    r"(?![0-9A-Za-z])", re.ASCII,
)  # fmt: skip
_TELEPHONE = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?(?:1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}|1[3-9]\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{4}}|"
    rf"\(?0(?:10|2\d|[3-9]\d{{2}})\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}})(?![0-9])",
    re.ASCII,
)  # fmt: skip
_MASKED = re.compile(r"[0-9]{2,3}\*{4,}[0-9Xx]{2,4}")


def is_identity_number(text: str) -> bool:
    """Return whether eighteen characters are an identity number by their check digit."""
    return len(text) == 18 and _CHECKS[sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False)) % 11] == text[17].upper()


def masked(text: str) -> str:
    """Return a text with its telephone and identity numbers masked; all else, full-width letters too, as it was written."""
    return _over(_over(text, _IDENTITY, _identity), _TELEPHONE, _telephone)


def is_masked(text: str) -> bool:
    """Return whether something in a text was masked."""
    return _MASKED.search(text) is not None


def _over(text: str, form: re.Pattern[str], mask: Callable[[str], str]) -> str:
    parts, last = [], 0
    for found in form.finditer(numbers.narrow(text)):  # letter for letter, so places are the same
        hidden = mask(found[0])
        parts += [text[last : found.start()], hidden or text[found.start() : found.end()]]
        last = found.end()
    return "".join([*parts, text[last:]])


def _identity(found: str) -> str:
    plain = re.sub("[^0-9Xx]", "", found)
    return sealing.masked_identity(plain) if is_identity_number(plain) else ""


def _telephone(found: str) -> str:
    return sealing.masked_phone(sealing.plain_phone(found))
