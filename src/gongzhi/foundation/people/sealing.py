"""Personal fields at rest: AES-GCM with the field's name bound in, keyed hashes to find without opening, masks for pages.

The key is `GONGZHI_FIELD_KEY` (urlsafe base64 of 32 bytes; several, comma separated: the first seals, all open), kept
apart from the database.
"""

import base64
import hashlib
import hmac
import os
import re
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class CannotOpen(ValueError):
    """None of the installation's keys opens this field."""


@lru_cache(maxsize=4)
def _keys(text: str, secret: str) -> tuple[bytes, ...]:
    named = [base64.urlsafe_b64decode(part) for part in text.split(",") if part.strip()]
    return tuple(named) or (hashlib.sha256(b"gongzhi.fields:" + secret.encode()).digest(),)


def _all() -> tuple[bytes, ...]:
    return _keys(settings.FIELD_KEY, settings.SECRET_KEY)


def seal(text: str, field: str) -> bytes:
    """Return the text sealed for one field: 12 bytes of nonce, then ciphertext and tag. Empty stays empty."""
    if not text:
        return b""
    nonce = os.urandom(12)
    return nonce + AESGCM(_all()[0]).encrypt(nonce, text.encode(), field.encode())


def unseal(sealed: bytes | memoryview, field: str) -> str:
    """Return the text of a sealed field; raise CannotOpen."""
    raw = bytes(sealed)
    if not raw:
        return ""
    for key in _all():
        try:
            return AESGCM(key).decrypt(raw[:12], raw[12:], field.encode()).decode()
        except InvalidTag:
            continue
    raise CannotOpen(field)


def seal_text(text: str, field: str) -> str:
    """Return the text sealed as `seal` does, in base64, for columns of text."""
    return base64.b64encode(seal(text, field)).decode()


def unseal_text(sealed: str, field: str) -> str:
    """Return the text that seal_text sealed; raise CannotOpen."""
    return unseal(base64.b64decode(sealed), field)


def keyed_hash(text: str, purpose: str) -> bytes:
    """Return a 32-byte hash by which a value can be found again without being kept in the open."""
    return hmac.new(_all()[-1], f"{purpose}:{text}".encode(), hashlib.sha256).digest()


def plain_phone(phone: str) -> str:
    """Return the phone number without spaces and marks, and without +86."""
    digits = re.sub(r"[^\d+]", "", phone)
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


def login_name(given: str) -> str:
    """Return the name under which a log-in is kept: a phone number, however it is spelt, becomes a keyed hash."""
    plain = plain_phone(given.strip())
    if 7 <= len(plain) <= 20 and plain.isdigit() and not re.search(r"[A-Za-z_]", given):
        return f"phone-{keyed_hash(plain, 'log-in').hex()[:32]}"
    return given.strip()
