"""Web Push (RFC 8030, 8291, 8292): where a push may go, and what it says. Sending is the task's."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

Closed = Callable[[int], bool]
_closed: list[Closed] = []
MOST_TITLE = 120


def register_closed(closed: Closed) -> Closed:
    """Let a module say of a case's id that no word of it may leave the product, `closed(case_id)`."""
    if closed not in _closed:
        _closed.append(closed)
    return closed


def may_go_to(endpoint: str, allowed: list[str]) -> bool:
    """Return whether an endpoint, which the reader's browser named, is a push service that this installation sends to.

    `allowed` has host names (https, the default port; `.name` stands for every host under it) and whole origins. Nothing
    else is called: the address comes from outside, and this machine could reach what its sender cannot.
    """
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if parts.username or parts.password or not parts.hostname:
        return False
    if f"{parts.scheme}://{parts.netloc}" in allowed:
        return True
    host = parts.hostname.lower()
    return parts.scheme == "https" and port in (None, 443) and any(host == name or (name.startswith(".") and host.endswith(name)) for name in allowed)


def key_bytes(text: str, length: int) -> bytes | None:
    """Return the bytes of a key in base64url, or None where it is none of this length."""
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return found if len(found) == length else None


def fingerprint(endpoint: str) -> str:
    """Return what an endpoint is known by."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def public_key(private: str) -> str:
    """Return the application server's key for browsers: the uncompressed point of the private key, in base64url."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from py_vapid import Vapid02

    point = Vapid02.from_raw(private.encode()).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def told(notice: Any) -> dict[str, str]:
    """Return what a push says of a notice: its title, never its text; of a closed matter only that there is something."""
    if notice.case_id is not None and any(closed(notice.case_id) for closed in _closed):
        return {"tag": f"n{notice.pk}", "title": _("You have a new notice"), "url": "/notices/"}
    return {"tag": f"n{notice.pk}", "title": notice.words[:MOST_TITLE], "url": notice.url if notice.url.startswith("/") else "/notices/"}
