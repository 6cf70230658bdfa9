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


def plain_phone(phone: str) -> str:
    """Return the phone number without spaces and marks, and without +86."""
    digits = re.sub("[^0-9+]", "", numbers.narrow(phone))
    return digits.removeprefix("+86") if digits.startswith("+86") else digits.lstrip("+")


def masked_phone(phone: str) -> str:
    """Return 138****1234; short numbers keep their last two digits."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else f"***{phone[-2:]}" if phone else ""


def masked_name(name: str) -> str:
    """Return the family name and stars: 王**."""
    return f"{name[0]}{'*' * max(1, min(2, len(name) - 1))}" if name else ""


def masked_identity(identity: str) -> str:
    """Return the first and the last two characters of an identity number."""
    return f"{identity[:2]}{'*' * 6}{identity[-2:]}" if len(identity) > 4 else "*" * len(identity)
