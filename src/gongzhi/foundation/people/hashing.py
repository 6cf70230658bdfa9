"""Keyed hashes: to find a value again (a telephone number, a follow code, a token) without keeping it in the open.

The key of the hashes is derived from the field key that is first when a hash is made, one for each town. What is looked
for is hashed under every key that may have been used: those of the keys in the setting, and those that `./gongzhi
reseal` keeps sealed in `people.HashKey`, so that a field key can be added, and the old one taken away, while every
code given before goes on working. Towns from before this have a mark there (`BEFORE`): their follow codes were hashed
under the whole setting and everything else under its last key, and both are tried too.
"""

import base64
import hashlib
import hmac
import logging
import re

from django.conf import settings

from gongzhi.foundation.people import sealing
from gongzhi.foundation.people.models import HashKey
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town

log = logging.getLogger(__name__)
BEFORE = "before"
REMEMBERED = "people.hash_keys"
MOST_OF_NUMBER = 3  # log-ins that were made with one number


def derived(key: bytes) -> bytes:
    """Return the present town's hash key that belongs to a field key."""
    return hmac.new(key, f"gongzhi hashes of town {current_town()}".encode(), hashlib.sha256).digest()


def before() -> dict[str, bytes]:
    """Return under what hashes were made before hash keys, by name: the setting's last key, and the setting as it stood.

    Keys are added in front, so the setting of then is one of the present setting's ends.
    """
    last = sealing.field_keys()[-1]
    found = {f"{BEFORE}:{sealing.key_name(last)}": last}
    parts = settings.FIELD_KEY.split(",") if settings.FIELD_KEY else [settings.SECRET_KEY]
    for place in range(len(parts)):
        text = ",".join(parts[place:]).encode()
        found[f"{BEFORE}:{sealing.key_name(text)}"] = text
    return found


def kept() -> dict[str, bytes]:
    """Return the hash keys that are kept sealed for the present town, by name; BEFORE: b"" marks a town from before them."""

    def find() -> dict[str, bytes]:
        found = {}
        for name, sealed in HashKey.objects.order_by("pk").values_list("name", "sealed_secret"):
            try:
                found[name] = base64.b64decode(sealing.unseal(sealed, "hash-key"))
            except sealing.CannotOpen:
                log.error("hash key %s is sealed under a field key that is not in GONGZHI_FIELD_KEY: codes of its time cannot be found", name)
        return found

    return remember(REMEMBERED, find)


def _candidates() -> list[bytes]:
    """Return every key under which a hash may have been made, the present one first."""
    found = [derived(key) for key in sealing.field_keys()]
    aside = kept()
    if BEFORE in aside:
        found += before().values()
    return list(dict.fromkeys([*found, *(secret for secret in aside.values() if secret)]))


def _under(secret: bytes, text: str, purpose: str) -> bytes:
    return hmac.new(secret, f"{purpose}:{text}".encode(), hashlib.sha256).digest()


def keyed_hash(text: str, purpose: str) -> bytes:
    """Return the 32-byte hash to keep: by it a value can be found again without being kept in the open."""
    return _under(derived(sealing.field_keys()[0]), text, purpose)


def keyed_hashes(text: str, purpose: str) -> list[bytes]:
    """Return the hashes to look for, the one that would be kept now first."""
    return [_under(secret, text, purpose) for secret in _candidates()]


def phone_hashes(phone: str, purpose: str) -> list[bytes]:
    """Return the hashes to look for of a telephone number, however it is spelt or was when it was kept; the one that would be kept now first."""
    return [hashed for spelt in sealing.spellings(phone) for hashed in keyed_hashes(spelt, purpose)]


def streams(text: str) -> list[bytes]:
    """Return 64 bytes that always belong to the text, made under the first field key, then those of each other key."""
    return [hmac.new(derived(key), f"stream:{text}".encode(), hashlib.sha512).digest() for key in sealing.field_keys()]


# ---- names of log-ins -----------------------------------------------------------------------------------------------
def _is_phone(given: str) -> str:
    plain = sealing.plain_phone(given.strip())
    return plain if 7 <= len(plain) <= 20 and re.fullmatch("[0-9]+", plain) and not re.search(r"[A-Za-z_]", given) else ""


def _name(hashed: bytes) -> str:
    return f"phone-{hashed.hex()[:32]}"


def login_name(given: str) -> str:
    """Return the name under which a log-in is kept: a phone number, however it is spelt, becomes a keyed hash."""
    plain = _is_phone(given)
    return _name(keyed_hash(plain, "log-in")) if plain else given.strip()


def login_names(given: str) -> list[str]:
    """Return the names to look for, as `keyed_hashes` does; the present one first, of a number with those of further log-ins (`numbered`)."""
    plain = _is_phone(given)
    if not plain:
        return [given.strip()]
    return [numbered(_name(hashed), place) for place in range(1, MOST_OF_NUMBER + 1) for hashed in phone_hashes(plain, "log-in")]


def numbered(name: str, place: int) -> str:
    """Return the name of the nth log-in of one number, from 1: nobody has proved a number by typing it, so it may be typed by several."""
    return name if place == 1 else f"{name}.{place}"
