"""Numbers as people and programs write them, read in one way everywhere.

Python's own `int`, `float` and `Decimal` take more than a number: `1_5`, `²` for `str.isdigit`, digits of every script, `nan`, `inf`, and any length.
Here a number is what JSON and ISO 6093 call one: ASCII digits, one point, an exponent, a sign; blanks around it are no part of it. Whoever means the
full-width digits of a Chinese keyboard says so by `narrow`, which turns exactly those and leaves `²`, `①` and `½` what they are.
"""

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.operation import Unreadable

MOST_WHOLE = 2**63 - 1  # what a column of the database holds
MOST_DIGITS = 40
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_REAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_BLANKS = " \t\r\n"
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


class BadNumber(Unreadable):
    """A text that should be a number and is none, or one beyond what was asked for."""

    sentence = _("“%(text)s” is not a number that can be used.")


class NotWhole(BadNumber):
    sentence = _("“%(text)s” is not a whole number.")


class OutOfRange(BadNumber):
    sentence = _("%(text)s lies outside %(least)s to %(most)s.")


def narrow(text: str) -> str:
    """Return a text with the full-width letters, digits and signs of East Asian keyboards as their ASCII twins; nothing else is changed."""
    return text.translate(_NARROW)


def shown(text: Any) -> str:
    """Return as much of what was sent as a sentence can carry."""
    plain = " ".join(str(text).split())
    return plain if len(plain) <= MOST_DIGITS else plain[: MOST_DIGITS - 1] + "…"


def is_number(text: str) -> bool:
    """Return whether a text is a number here, whole or not."""
    return len(text) <= MOST_DIGITS and _REAL.fullmatch(text) is not None


def whole(text: str, *, least: int = -MOST_WHOLE, most: int = MOST_WHOLE, field: str | None = None) -> int:
    """Return a whole number; raise NotWhole, or OutOfRange where it lies outside [least, most]."""
    plain = text.strip(_BLANKS)
    if _WHOLE.fullmatch(plain) is None:
        raise NotWhole(text=shown(text), field=field)
    found = int(plain)
    if not least <= found <= most:
        raise OutOfRange(text=shown(text), least=least, most=most, field=field)
    return found


def real(text: str, *, least: float = -math.inf, most: float = math.inf, field: str | None = None) -> float:
    """Return a finite number; raise BadNumber, or OutOfRange where it lies outside [least, most]."""
    plain = text.strip(_BLANKS)
    if not is_number(plain) or math.isinf(found := float(plain)):
        raise BadNumber(text=shown(text), field=field)
    if not least <= found <= most:
        raise OutOfRange(text=shown(text), least=f"{least:g}", most=f"{most:g}", field=field)
    return found


def exact(text: str, *, field: str | None = None) -> Decimal:
    """Return a number as a decimal, digit by digit; raise BadNumber."""
    plain = text.strip(_BLANKS)
    found = Decimal(plain) if is_number(plain) else Decimal("NaN")
    if not found.is_finite() or abs(found.adjusted()) > MOST_DIGITS:
        raise BadNumber(text=shown(text), field=field)
    return found


def key(text: Any, otherwise: int | None = None) -> int | None:
    """Return the key of a row that a text names, from 1; `otherwise` where it names none: such a row cannot be there."""
    try:
        return whole(text, least=1) if isinstance(text, str) else otherwise
    except BadNumber:
        return otherwise


def keys(texts: Iterable[str]) -> list[int]:
    """Return the keys among some texts."""
    return [found for found in map(key, texts) if found is not None]


def telephone(text: str) -> str:
    """Return the digits of a telephone number with a leading plus sign, full-width ones narrowed; "" where it holds anything that is no part of one.

    Five to twenty digits (ITU-T E.164 has fifteen, with an extension some more), blanks, dashes and brackets between them.
    """
    plain = narrow(text.strip())
    kept = re.sub(r"[ ()\-\u2010-\u2015\u2212]", "", plain)
    return kept if re.fullmatch(r"\+?[0-9]{5,20}", kept) else ""
