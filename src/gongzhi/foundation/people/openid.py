"""Signing in at an OpenID provider: authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0 §3.1).

A town names its provider in its rules: `openid = {"issuer", "client_id", "name", "registers"}`; the client secret is
read from the environment (GONGZHI_OPENID_SECRET, or GONGZHI_OPENID_SECRET_<suffix> where `secret` names a suffix), never
from the database.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from django.utils.translation import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from gongzhi.kernel import outbound

PATIENCE = 8.0


class CannotSignIn(Exception):
    """The provider could not be reached, or what it said does not hold; the words are for the reader."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A town's OpenID provider."""

    issuer: str
    client_id: str
    name: str
    secret: str
    registers: bool  # whether somebody unknown becomes a resident


@dataclass(frozen=True, slots=True)
class Who:
    """Whom the provider vouches for."""

    identity: str
    name: str


def provider(rules: Mapping[str, Any]) -> Provider | None:
    """Return the provider that a town's rules name, or None."""
    named = rules.get("openid") or {}
    if not named.get("issuer") or not named.get("client_id"):
        return None
    return Provider(
        issuer=str(named["issuer"]).rstrip("/"), client_id=str(named["client_id"]), name=str(named.get("name") or "OpenID"),
        secret=_secret(str(named.get("secret") or "")), registers=bool(named.get("registers")),
    )  # fmt: skip


def _secret(suffix: str) -> str:
    """Return a client secret; a town's rules choose among these variables only, never among all of the environment."""
    name = "GONGZHI_OPENID_SECRET" + (f"_{suffix.upper()}" if suffix.isalnum() else "")
    return os.environ.get(name, "")


def _metadata(at: Provider) -> dict[str, Any]:
    try:
        answer = outbound.get(f"{at.issuer}/.well-known/openid-configuration", timeout=PATIENCE)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise CannotSignIn(_("%(name)s does not answer; please sign in with your password, or try again later.") % {"name": at.name}) from error
    if str(told.get("issuer", "")).rstrip("/") != at.issuer:
        raise CannotSignIn(_("%(name)s says it is somebody else; please tell the administrator.") % {"name": at.name})
    return told


def begin(at: Provider, back: str) -> tuple[str, dict[str, str]]:
    """Return the address to send the reader to, and what to keep until they come back; raise CannotSignIn."""
    told = _metadata(at)
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": at.client_id, "redirect_uri": back, "scope": "openid profile", "state": kept["state"],
        "nonce": kept["nonce"], "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{told['authorization_endpoint']}?{urlencode(asked)}", kept


def _understood(told: Mapping[str, Any]) -> KeySet:
    """Return the keys of a set that are understood here; one of a new kind or curve must not lock everybody out (RFC 7517 §5)."""
    found: list[Key] = []
    for one in told["keys"]:
        try:
            found.extend(KeySet.import_key_set({"keys": [one]}).keys)
        except (JoseError, KeyError, ValueError, TypeError):
            continue
    if not found:
        raise ValueError("no key of the provider is understood")
    return KeySet(found)


def finish(at: Provider, back: str, given: Mapping[str, str], kept: Mapping[str, str]) -> Who:
    """Return whom the provider vouches for: code exchanged, signature, issuer, audience, nonce and times checked."""
    if given.get("error") or not given.get("code"):
        raise CannotSignIn(_("%(name)s did not sign you in.") % {"name": at.name})
    if not secrets.compare_digest(str(given.get("state", "")), kept.get("state", "")):
        raise CannotSignIn(_("This sign-in was begun elsewhere; please begin again."))
    told = _metadata(at)
    asked = {"grant_type": "authorization_code", "code": given["code"], "redirect_uri": back, "client_id": at.client_id, "code_verifier": kept["verifier"]}
    # OpenID Connect Core 1.0 §9: without a word the provider takes the secret in the head, as RFC 6749 §2.3.1 has it
    offered = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    in_head = bool(at.secret) and ("client_secret_basic" in offered or "client_secret_post" not in offered)
    if at.secret and not in_head:
        asked["client_secret"] = at.secret
    proof = httpx.BasicAuth(quote_plus(at.client_id), quote_plus(at.secret)) if in_head else None
    registry = jwt.JWTClaimsRegistry(
        leeway=60, iss={"essential": True, "value": told["issuer"]}, aud={"essential": True, "value": at.client_id}, sub={"essential": True},
        exp={"essential": True}, nonce={"essential": True, "value": kept["nonce"]},
    )  # fmt: skip
    try:
        token = outbound.post(told["token_endpoint"], data=asked, auth=proof, timeout=PATIENCE).raise_for_status().json()
        keys = _understood(outbound.get(told["jwks_uri"], timeout=PATIENCE).raise_for_status().json())
        claims = jwt.decode(token["id_token"], keys, algorithms=["RS256", "ES256", "PS256", "EdDSA"]).claims
        registry.validate(claims)
    except (JoseError, httpx.HTTPError, KeyError, ValueError, TypeError) as error:
        raise CannotSignIn(_("What %(name)s said could not be verified; please begin again.") % {"name": at.name}) from error
    return Who(identity=str(claims["sub"]), name=str(claims.get("name") or claims.get("preferred_username") or ""))
