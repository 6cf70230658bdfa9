"""Personal fields at rest: AES-GCM with the field's name bound in, and masks for pages.

The key is `GONGZHI_FIELD_KEY` (urlsafe base64 of 32 bytes; several, comma separated: the first seals, all open), kept
apart from the database. A sealed value begins with a head that names its key, so that what lies under which key can be
counted, and sealed anew, without opening it; values from before heads were written open as they are.
"""

import base64
import hashlib
import os
import re
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from gongzhi.kernel import numbers

MARK = b"gz"
HEAD = len(MARK) + 4  # bytes; a multiple of three, so that the head of a value in base64 can be compared as text


class CannotOpen(ValueError):
    """None of the installation's keys opens this field."""


@lru_cache(maxsize=4)
def _keys(text: str, secret: str) -> tuple[bytes, ...]:
    named = [base64.urlsafe_b64decode(part) for part in text.split(",") if part.strip()]
    return tuple(named) or (hashlib.sha256(b"gongzhi.fields:" + secret.encode()).digest(),)


def field_keys() -> tuple[bytes, ...]:
    """Return the installation's keys: the first seals, all open."""
    return _keys(settings.FIELD_KEY, settings.SECRET_KEY)


def key_name(key: bytes) -> str:
    """Return the name of a key, eight hexadecimal digits that tell nothing of it."""
    return hashlib.sha256(b"gongzhi field key:" + key).hexdigest()[:8]


def head(key: bytes) -> bytes:
    """Return the first bytes of what is sealed under a key."""
    return MARK + bytes.fromhex(key_name(key))


def seal(text: str, field: str) -> bytes:
    """Return the text sealed for one field: head, 12 bytes of nonce, then ciphertext and tag. Empty stays empty."""
    if not text:
        return b""
    nonce = os.urandom(12)
    key = field_keys()[0]
    return head(key) + nonce + AESGCM(key).encrypt(nonce, text.encode(), field.encode())


def unseal(sealed: bytes | memoryview, field: str) -> str:
    """Return the text of a sealed field; raise CannotOpen."""
    raw = bytes(sealed)
    if not raw:
        return ""
    for key in field_keys():
        begins = [HEAD, 0] if raw.startswith(head(key)) else [0]  # 0: from before heads were written
        for begin in begins:
            try:
                return AESGCM(key).decrypt(raw[begin : begin + 12], raw[begin + 12 :], field.encode()).decode()
            except (InvalidTag, ValueError):  # ValueError: shorter than a nonce, so not sealed here
                continue
    raise CannotOpen(field)


def is_under(sealed: bytes | memoryview, key: bytes) -> bool:
    """Return whether a value says that it is sealed under the key (empty values are under every key)."""
    raw = bytes(sealed)
    return not raw or raw.startswith(head(key))


def seal_text(text: str, field: str) -> str:
    """Return the text sealed as `seal` does, in base64, for columns of text."""
    return base64.b64encode(seal(text, field)).decode()


def unseal_text(sealed: str, field: str) -> str:
    """Return the text that seal_text sealed; raise CannotOpen."""
    return unseal(base64.b64decode(sealed), field)


_MOBILE = re.compile("1[3-9][0-9]{9}")
_AREA = re.compile("(?:10|2[0-9])[0-9]{8}|(?!400|800)[3-9][0-9]{9,10}")  # a number with its area code, without the 0 of calls within the country


def plain_phone(phone: str) -> str:
    """Return the digits of a phone number as they are dialled within the country, one form for all that people write of one telephone.

    +86, 0086 and 86 go where a number of the country follows: a mobile one, or one with its area code, which gets its 0 back. A local
    number that happens to begin with 86 is too short for that and stays; numbers of other countries keep their code, without + or 00.
    """
    digits = re.sub("[^0-9+]", "", numbers.narrow(phone))
    abroad = digits.startswith(("+", "00"))
    bare = digits.lstrip("+").removeprefix("00") if abroad else digits
    if bare.startswith("0") and _MOBILE.fullmatch(bare[1:]):
        return bare[1:]
    if not bare.startswith("86"):
        return bare
    rest = bare[2:].removeprefix("0")
    if _MOBILE.fullmatch(rest):
        return rest
    if _AREA.fullmatch(rest):
        return "0" + rest
    return bare[2:] if abroad else bare


def spellings(phone: str) -> list[str]:
    """Return how a number may have been kept, the present form first: before there was one form, its prefixes were kept as they were written."""
    plain = plain_phone(phone)
    if not plain:
        return []
    bare = plain.removeprefix("0")
    return list(dict.fromkeys([plain, *(["86" + bare, "0086" + bare, bare] if len(bare) >= 10 else [])]))


def masked_phone(phone: str) -> str:
    """Return 138****1234; short numbers keep their last two digits."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else f"***{phone[-2:]}" if phone else ""


def masked_name(name: str) -> str:
    """Return the family name and stars: 王**."""
    return f"{name[0]}{'*' * max(1, min(2, len(name) - 1))}" if name else ""


def masked_identity(identity: str) -> str:
    """Return the first and the last two characters of an identity number."""
    return f"{identity[:2]}{'*' * 6}{identity[-2:]}" if len(identity) > 4 else "*" * len(identity)
