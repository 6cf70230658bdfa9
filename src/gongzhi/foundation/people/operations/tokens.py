"""Tokens by which programs act for a person."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import hashing, rules
from gongzhi.foundation.people.facts import TokenIssued, TokenRevoked
from gongzhi.foundation.people.models import ApiToken
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

SCOPES = (
    "cases:read", "cases:write", "reports:write", "sensing:read", "sensing:write", "registers:read", "registers:write",
    "residents:read", "residents:write", "firms:read", "firms:write", "exchange:read", "exchange:write",
    "emergencies:read", "emergencies:write",
    "ledger:read", "town:read", "town:write",
)  # fmt: skip


class NoScopes(Refused):
    sentence = _("Choose what the program may do.")
    field = "scopes"


class NoTitle(Refused):
    sentence = _("Say which program it is for.")
    field = "title"


@operation
def issue_token(*, by: Actor, at: datetime, title: str, scopes: Iterable[str], days: int = 365) -> tuple[ApiToken, str]:
    """Issue a token for a program that acts for oneself; return it with its text, which is shown this once."""
    ensure(rules.may_change_login, by.user_id or 0)
    assert by.user_id is not None, "a token belongs to a log-in"
    if not title.strip():
        raise NoTitle
    chosen = sorted(set(scopes) & set(SCOPES))
    if not chosen:
        raise NoScopes
    text = f"gz_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        town_id=current_town(), user_id=by.user_id, title=title.strip()[:60], token_hash=hashing.keyed_hash(text, "token"), scopes=chosen, made_at=at,
        expires_at=at + timedelta(days=max(1, min(days, 3650))),
    )  # fmt: skip
    record(TokenIssued(subject=ref(token), scopes=tuple(chosen)))
    return token, text


@operation
def revoke_token(*, by: Actor, at: datetime, token_id: int) -> ApiToken:
    """Revoke one of one's own tokens at once."""
    token = ApiToken.objects.select_for_update().get(pk=token_id, user_id=by.user_id or 0)
    ensure(rules.may_change_login, token.user_id)
    token.revoked_at = token.revoked_at or at
    token.save(update_fields=["revoked_at"])
    record(TokenRevoked(subject=ref(token)))
    return token
