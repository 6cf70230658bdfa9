"""What a browser's session knows of cases: what it sent, and which cases its follow codes opened.

Whoever raises a case without an account gets a follow code, once; the database keeps its keyed hash. In the session the code
stands beside what was sent, so that the page after sending can show it again; the portal's middleware turns the opened cases
into what the reader may see.
"""

from typing import Any

import segno
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import codes, queries
from gongzhi.foundation.people import hashing
from gongzhi.kernel.actors import CLOCK, Actor

MASKED = _("The telephone or identity number in what you wrote is masked for everybody else; only those who work on the case read it.")
SENT = "cases_sent"
FOLLOWED = "followed_cases"  # what the portal's middleware reads
PARTIES = "followed_parties"
MOST_SENT, MOST_FOLLOWED = 20, 50


# ---- codes ----------------------------------------------------------------------------------------------------------
def code_for(key: str | None) -> str:
    """Return a follow code: random, or for a submission key always the same, so that sending twice shows it again.

    It is made from the first field key; where that was added between the two sendings, the code that is held is found.
    """
    if key is None:
        return codes.mint()
    made = [codes.written(stream) for stream in hashing.streams(f"mint:{key}")]
    held = (code for code in made[1:] if queries.party_by_code(seen_by=CLOCK, code_hashes=codes.digests(code)) is not None)
    return next(held, made[0])


def qr_of(link: str) -> str:
    """Return a link as an SVG drawing. A code in it stands behind #, so that it is never sent to a server in an address."""
    drawing = segno.make(link, error="m").svg_inline(scale=4, border=2, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    return mark_safe(drawing)  # noqa: S308 - made from numbers and letters of our own


# ---- what was sent --------------------------------------------------------------------------------------------------
def sent(session: Any, slug: str) -> dict[str, Any] | None:
    """Return what was said to whoever sent this case in this session: {"key", "code", "kind", "case_id"}."""
    found = session.get(SENT, {}).get(slug)
    return found if isinstance(found, dict) else None


def sent_as(session: Any, key: str) -> str:
    """Return the address part of the case that was sent with this key in this session, or ""."""
    return next((slug for slug, told in session.get(SENT, {}).items() if told.get("key") == key), "")


def last_sent(session: Any, *kinds: str) -> str:
    """Return the address part of the case of one of these sorts that this session sent last, or ""; sorts as `remember_sent` was told."""
    return next((slug for slug, told in reversed(session.get(SENT, {}).items()) if told.get("kind") in kinds), "")


def remember_sent(session: Any, case: Any, *, key: str, code: str, kind: str, seen_by: Actor) -> None:
    """Remember what is shown after sending, and open the case to this session; the code stands in the session only."""
    kept = dict(session.get(SENT, {}))
    kept[case.slug] = {"key": key, "code": code, "kind": kind, "case_id": case.pk}
    session[SENT] = dict(list(kept.items())[-MOST_SENT:])
    if code:
        held = queries.follow_by_code(seen_by=seen_by, code=code)
        if held is not None:
            open_case(session, held.case.pk, held.party_id)


# ---- what codes opened ----------------------------------------------------------------------------------------------
def open_case(session: Any, case_id: int, party_id: int) -> None:
    """Open a case to this session: its follow code was shown or entered here."""
    session[FOLLOWED] = [*[one for one in session.get(FOLLOWED, []) if one != case_id], case_id][-MOST_FOLLOWED:]
    session[PARTIES] = dict(session.get(PARTIES, {})) | {str(case_id): party_id}


def close_case(session: Any, case_id: int) -> None:
    """Close a case to this session again (a device that others use)."""
    session[FOLLOWED] = [one for one in session.get(FOLLOWED, []) if one != case_id]
    session[PARTIES] = {key: value for key, value in session.get(PARTIES, {}).items() if key != str(case_id)}
    session[SENT] = {slug: told for slug, told in session.get(SENT, {}).items() if told.get("case_id") != case_id}


def party_id(session: Any, case_id: int) -> int | None:
    """Return as which party this session follows a case, or None."""
    found = session.get(PARTIES, {}).get(str(case_id))
    return found if isinstance(found, int) else None
