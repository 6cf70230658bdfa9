"""Follow codes 查询码: four groups of four characters that nobody mixes up. Pure, apart from the installation's keys.

A code is shown once, to whoever reported; the town keeps a keyed hash, so that its database opens no case to a reader.
"""

import re
import secrets

from gongzhi.foundation.people import hashing

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O 1 I L U: read aloud or copied by hand they are taken for others
GROUPS, SIZE = 4, 4  # 16 characters of 30: 78 bits, so a code cannot be found by trying
_FOREIGN = re.compile(r"[^0-9A-Z]")


def mint() -> str:
    """Return a new code as people read it: K7QF-9M2X-4HTB-WZ83."""
    return written(secrets.token_bytes(64))


def written(stream: bytes) -> str:
    """Return the code that 64 random (or keyed) bytes stand for."""
    number = int.from_bytes(stream, "big")
    letters = ""
    for _n in range(GROUPS * SIZE):
        number, rest = divmod(number, len(ALPHABET))
        letters += ALPHABET[rest]
    return "-".join(letters[i : i + SIZE] for i in range(0, len(letters), SIZE))


def plain(text: str) -> str:
    """Return the sixteen characters of a code as it was typed: any case, spaces, dashes; "" when it can be none."""
    letters = _FOREIGN.sub("", text.translate(_FULL).upper())
    return letters if len(letters) == GROUPS * SIZE and all(letter in ALPHABET for letter in letters) else ""


def digest(text: str) -> bytes | None:
    """Return the keyed hash of a code to keep, or None when it can be no code."""
    letters = plain(text)
    return hashing.keyed_hash(letters, "follow-code") if letters else None


def digests(text: str) -> list[bytes]:
    """Return the hashes under which a code as it was typed may have been kept; none when it can be no code."""
    letters = plain(text)
    return hashing.keyed_hashes(letters, "follow-code") if letters else []


# full-width letters, digits and dashes, as Chinese input methods write them
_FULL = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
