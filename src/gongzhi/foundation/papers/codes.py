"""Check codes 核验码: three groups of four characters, printed on a paper and in its QR code. Pure."""

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O 1 I L U: read aloud or copied by hand they are taken for others
GROUPS, SIZE = 3, 4  # 12 characters of 30: 58 bits, so a code cannot be found by trying
_FULL = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}  # full-width, as Chinese input methods write them
_FOREIGN = re.compile(r"[^0-9A-Z]")


def mint() -> str:
    """Return a new code, twelve characters."""
    return "".join(secrets.choice(ALPHABET) for _n in range(GROUPS * SIZE))


def written(code: str) -> str:
    """Return a code as people read it: K7QF-9M2X-4HTB."""
    return "-".join(code[place : place + SIZE] for place in range(0, len(code), SIZE))


def plain(text: str) -> str:
    """Return the twelve characters of a code as it was typed: any case, spaces, dashes; "" when it can be none."""
    letters = _FOREIGN.sub("", text.translate(_FULL).upper())
    return letters if len(letters) == GROUPS * SIZE and all(letter in ALPHABET for letter in letters) else ""


def plain_number(text: str) -> str:
    """Return a paper's number as it was typed without spaces, and with brackets and digits of one kind: 云溪许〔2026〕00012."""
    told = re.sub(r"\s", "", text.translate(_FULL)).removesuffix("号")
    return re.sub(r"[\[({【（［]([0-9]{4})[\])}】）］]", r"〔\1〕", told)
