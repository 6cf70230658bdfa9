"""The unified social credit code: its form and its check character. Pure.

GB 32100-2015: eighteen characters of 31 (digits, and letters without I, O, S, V, Z): registering authority, class, six digits of the
division, nine of the organisation's code, and a check character by weights 3^(i-1) mod 31.
"""

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
FORM = re.compile(r"[1-9A-GNY][0-9A-Z]\d{6}[0-9A-Z]{10}")


class BadCode(ValueError):
    """A code that cannot be; `why` is form, letter or check."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def check_character(seventeen: str) -> str:
    """Return the check character of seventeen characters; raise BadCode where one is none of the alphabet."""
    try:
        total = sum(weight * ALPHABET.index(letter) for weight, letter in zip(WEIGHTS, seventeen, strict=True))
    except ValueError:
        raise BadCode("letter") from None
    return ALPHABET[(31 - total % 31) % 31]


def read(text: str) -> str:
    """Return a code in one width and upper case, without spaces and dashes; raise BadCode."""
    code = re.sub(r"[\s\-]+", "", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != 18 or not FORM.fullmatch(code):
        raise BadCode("form")
    if check_character(code[:17]) != code[17]:
        raise BadCode("check")
    return code
