"""Signed messages from outside: HTTP Message Signatures (RFC 9421) over a body named by Content-Digest (RFC 9530).

The library proves that a known key signed what it lists. That it lists enough, that the body is the one of the digest, that the message is young
and comes once is checked here: a replay, or another body under the old digest header, verifies otherwise. Pure, but for the keys it is given.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import http_sf
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils.translation import gettext_lazy as _
from http_message_signatures import HTTPMessageSignaturesException, HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519

from gongzhi.kernel.operation import Refused

OLDEST = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)  # by which the sender's clock may be fast
COVERED = ("@method", "@authority", "@path", "content-digest")


class BadSignature(Refused):
    """The message is not proved to come, now and whole, from a sender that is known."""

    sentence = _("The signature is missing or does not hold for this message.")
    status = 401


class UnknownKey(BadSignature):
    sentence = _("Nobody with this key may send here.")


class TooOld(BadSignature):
    sentence = _("The message was signed more than five minutes ago, or in the future; sign it anew.")


class NoNonce(BadSignature):
    sentence = _("The signature needs a nonce of 16 to 100 characters.")


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it came."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature proves: which key, when, with which nonce, over a body of which digest."""

    key_id: str
    nonce: str
    signed_at: datetime
    digest: str


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = AHEAD


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, key: Any) -> None:
        self.key = key

    def resolve_public_key(self, key_id: str) -> Any:
        return self.key


def key_id_of(headers: Mapping[str, str]) -> str:
    """Return the name of the key that a message claims; raise BadSignature."""
    try:
        told: Any = http_sf.parse(headers.get("Signature-Input", "").encode("ascii"), tltype="dictionary")
        ((_inner, parameters),) = told.values()
        key_id = parameters["keyid"]
    except (ValueError, KeyError, TypeError, UnicodeError):
        raise BadSignature from None
    if not isinstance(key_id, str):
        raise BadSignature
    return key_id


def check(message: Message, body: bytes, key_of: Callable[[str], str | None], at: datetime) -> Signed:
    """Return what the signature of a message proves, at a moment; `key_of` gives the public key (PEM) of a name. Raises BadSignature and its kin."""
    key_id = key_id_of(message.headers)
    pem = key_of(key_id)
    if pem is None:
        raise UnknownKey
    key = load_pem_public_key(pem.encode())
    algorithm = ED25519 if isinstance(key, ed25519.Ed25519PublicKey) else ECDSA_P256_SHA256
    try:
        (proved,) = _Verifier(signature_algorithm=algorithm, key_resolver=_Keys(key)).verify(message, max_age=None, require_components=COVERED, body=body)
    except (InvalidSignature, HTTPMessageSignaturesException, ValueError):
        raise BadSignature from None
    if proved.body is None:
        raise BadSignature
    created = proved.parameters.get("created")
    if not isinstance(created, int):
        raise TooOld
    signed_at = datetime.fromtimestamp(created, tz=UTC)
    if not at - OLDEST <= signed_at <= at + AHEAD:
        raise TooOld
    if proved.nonce is None or not 16 <= len(proved.nonce) <= 100:
        raise NoNonce
    return Signed(key_id, proved.nonce, signed_at, hashlib.sha256(body).hexdigest())
