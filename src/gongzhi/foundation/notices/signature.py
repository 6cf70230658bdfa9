"""How webhooks are signed: `X-Gongzhi-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. Pure."""

import hashlib
import hmac

from gongzhi.kernel import numbers


def sign(body: bytes, secret: str, seconds: int) -> str:
    """Return the header's value for a body sent at a moment (unix seconds)."""
    return f"t={seconds},v1={hmac.new(secret.encode(), f'{seconds}.'.encode() + body, hashlib.sha256).hexdigest()}"


def holds(body: bytes, secret: str, header: str, *, now: int, tolerance: int = 300) -> bool:
    """Return whether a header fits a body and is no older than `tolerance` seconds."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    said = numbers.key(parts.get("t"))
    if said is None or abs(now - said) > tolerance:
        return False
    return hmac.compare_digest(sign(body, secret, said), header)
