"""What of an entry is hashed and shown. Pure.

A public entry is hashed as it stands, but for who did it: a resident's number would tie all their reports together, so
the public form says what sort of actor it was and holds the number behind a keyed hash. A private entry is hashed as a
whole behind its secret salt: its owner can be shown that it stands there, everybody else learns nothing.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any


def canonical(value: Any) -> bytes:
    """Return JSON in one form only: sorted keys, no spaces, UTF-8 (as RFC 8785 for texts, integers and lists)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def moment(at: datetime) -> str:
    """Return a moment in UTC to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


MOST = 60_000  # bytes of content that stand in a leaf; a bundle of entries has two bytes for an entry's length


def _told(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content, or its length and hash when it is too long for a bundle of entries."""
    text = canonical(content)
    return content if len(text) <= MOST else {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}


def public_form(*, at: datetime, kind: str, subject: str, actor: str, actor_sort: str, content: dict[str, Any], salt: bytes) -> dict[str, Any]:
    """Return what everybody may read of a public entry."""
    seal = hmac.new(salt, f"actor:{actor}".encode(), hashlib.sha256).hexdigest()
    return {"at": moment(at), "by": actor_sort, "by_seal": seal, "content": _told(content), "kind": kind, "subject": subject}


def private_text(*, at: datetime, kind: str, subject: str, actor: str, actor_sort: str, content: dict[str, Any], salt: bytes) -> bytes:
    """Return the text of a private entry, which its owner may be shown together with the salt."""
    told = public_form(at=at, kind=kind, subject=subject, actor=actor, actor_sort=actor_sort, content=content, salt=salt)
    return canonical(told | {"actor": actor})


def leaf_data(*, at: datetime, kind: str, subject: str, actor: str, actor_sort: str, content: dict[str, Any], salt: bytes, is_public: bool) -> bytes:
    """Return the bytes that stand in the tree for an entry."""
    if is_public:
        return canonical(public_form(at=at, kind=kind, subject=subject, actor=actor, actor_sort=actor_sort, content=content, salt=salt))
    whole = private_text(at=at, kind=kind, subject=subject, actor=actor, actor_sort=actor_sort, content=content, salt=salt)
    return canonical({"private": hmac.new(salt, b"entry:" + whole, hashlib.sha256).hexdigest()})
