"""What a town's own rules may hold: the shape of each known rule (docs/running/town.md names them). Pure.

A name that is not known here belongs to another module, which reads it with care of its own.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _


class BadRule(ValueError):
    """A rule that cannot be used; its words are for the reader."""


def _is_address(value: Any) -> bool:
    parts = urlsplit(str(value))
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadRule(_("It must name its parts."))
    return value


def _between(value: Any, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadRule(_("It must be a whole number between %(least)d and %(most)d.") % {"least": least, "most": most})


def _text(value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise BadRule(_("It must be a word."))


def _webhook(value: Any) -> None:
    if not _is_address(_mapping(value).get("url")):
        raise BadRule(_("Give an address that begins with https:// or http://."))


def _openid(value: Any) -> None:
    told = _mapping(value)
    if not _is_address(told.get("issuer")):
        raise BadRule(_("Give an address that begins with https:// or http://."))
    if not str(told.get("client_id") or "").strip():
        raise BadRule(_("Give the client id that the provider knows this site by."))
    suffix = str(told.get("secret") or "")
    if suffix and not suffix.isalnum():
        raise BadRule(_("The name of the secret is made of letters and digits."))


def _keys(value: Any) -> None:
    if not isinstance(value, Mapping | list) or not all(isinstance(key, str) and len(key) >= 4 for key in value):
        raise BadRule(_("Each key needs at least four characters."))


def _erasure(value: Any) -> None:
    told = _mapping(value)
    _between(told.get("days", 7), 0, 30)
    if told.get("by", "clock") not in ("clock", "administrator"):
        raise BadRule(_("Choose who decides: the clock or the administrator."))


def _retention(value: Any) -> None:
    for told in _mapping(value).values():
        _between(_mapping(told).get("days"), 30, 36_500)
        if not str(told.get("basis") or "").strip():
            raise BadRule(_("Each term needs its legal basis."))


def _limits(value: Any) -> None:
    for bytes_ in _mapping(value).values():
        _between(bytes_, 100_000, 30_000_000)


IMPRINT = {"organiser": 80, "organiser_en": 120, "phone": 30, "record": 60, "police_record": 60}  # name → longest


def _imprint(value: Any) -> None:
    """Who runs the site: organiser 主办单位, telephone, ICP record number 备案号, record of the public security organ 公安备案号."""
    if not isinstance(value, dict) or not set(value) <= set(IMPRINT):
        raise BadRule(_("Only these belong here: %(names)s.") % {"names": ", ".join(IMPRINT)})
    for name, text in value.items():
        if not isinstance(text, str) or len(text) > IMPRINT[name]:
            raise BadRule(_("%(name)s has at most %(most)d characters.") % {"name": name, "most": IMPRINT[name]})
    if value.get("phone") and not re.fullmatch(r"\+?[0-9][0-9 -]{1,28}", value["phone"]):
        raise BadRule(_("A telephone number has digits, spaces and dashes."))


KNOWN: dict[str, Callable[[Any], None]] = {
    "dispatch_organ": _text, "imprint": _imprint,
    "open311_keys": _keys, "openid": _openid, "webhook": _webhook, "attachment_limits": _limits, "erasure": _erasure,
    "retention": _retention, "raw_packet_days": lambda value: _between(value, 1, 3_650), "raw_reading_days": lambda value: _between(value, 31, 36_500),
    "longest_maintenance_hours": lambda value: _between(value, 1, 2_160),
}  # fmt: skip


def check(name: str, value: Any) -> None:
    """Raise BadRule where a known rule has no usable shape; None takes a rule away and is always usable."""
    if value is not None and name in KNOWN:
        KNOWN[name](value)
