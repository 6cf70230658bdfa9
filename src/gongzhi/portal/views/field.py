"""The grid worker's app: one page that works without a network, what it fetches, and what it sends."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.cases import operations as cases_acts
from gongzhi.cases import queries as cases
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import moments, numbers
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import admit, problem
from gongzhi.portal import operations, rules
from gongzhi.portal.views.asking import reader

if TYPE_CHECKING:
    from gongzhi.cases.models import Step

MOST_TASKS = 100
MOST_SHOTS = 4  # kept on the phone of each side, before and after
MOST_PHOTOS = 9
MOST_BYTES = 12_000_000  # of one photo; the app has made it smaller before
FILES = ("portal/tokens.css", "portal/gongzhi.css", "portal/field.css", "portal/icons.svg", "portal/seal.svg", "portal/portal.js",
         "portal/photos.js", "portal/field-store.js", "portal/field-forms.js", "portal/field.js", "portal/field-192.png")  # fmt: skip


@require_GET
@never_cache
def app(request: HttpRequest, **_parts: Any) -> HttpResponse:
    """Show the app's one page. It holds nobody's data: the service worker keeps it for whoever holds the phone."""
    return render(request, "portal/field/app.html", {"needs": json.dumps(_needs(), ensure_ascii=False)})


def _needs() -> dict[str, Any]:
    """Say what `sync` and the operation behind it would refuse, so that the app asks for it before it keeps an item.

    Each sentence is the one that the refusal itself would say; the numbers are those that are checked.
    """
    return {
        "least": {"photos": operations.FEWEST_PHOTOS, "words": str(operations.NoPhoto())},
        "most": {"photos": MOST_PHOTOS, "words": _too_many()}, "bytes": {"of_one": MOST_BYTES, "words": _too_large()},
    }  # fmt: skip


def _too_many() -> str:
    return _("At most %(n)d photos.") % {"n": MOST_PHOTOS}


def _too_large() -> str:
    return _("A photo is larger than %(n)d MB.") % {"n": MOST_BYTES // 1_000_000}


@lru_cache(maxsize=1)
def _version() -> str:
    digest = hashlib.sha256()
    for name in FILES:
        found = finders.find(name)
        if found:
            with open(str(found), "rb") as file:  # noqa: PTH123 - finders give strings
                digest.update(file.read())
    return digest.hexdigest()[:12]


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Give the service worker, which must lie under /field/ to stand over it."""
    response = render(
        request,
        "portal/field/sw.js",
        {"version": _version(), "files": [static(name) for name in FILES], "store": static("portal/field-store.js")},
        content_type="text/javascript; charset=utf-8",
    )
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/field/"
    return response


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the app to the phone that installs it."""
    town = request.town  # type: ignore[attr-defined]
    icons = [
        {"src": static(f"portal/field-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"} for size in (192, 512)
    ]
    icons.append({"src": static("portal/field-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"})
    return JsonResponse(
        {
            "id": "/field/", "name": _("%(town)s field app") % {"town": town.name}, "short_name": _("Field"), "start_url": "/field/",
            "scope": "/field/", "display": "standalone", "orientation": "portrait", "background_color": "#f6f5f1",
            "theme_color": "#1d4f96", "lang": request.LANGUAGE_CODE, "icons": icons,
            "shortcuts": [{"name": _("Report what I found"), "url": "/field/patrol/"}, {"name": _("To send"), "url": "/field/outbox/"}],
        },
        content_type="application/manifest+json",
    )  # fmt: skip


@require_GET
@never_cache
def work(request: HttpRequest) -> HttpResponse:
    """Give what the worker has to do, drawn for the list and for the page of each task, to be kept for offline."""
    actor, at = reader(request)
    if not actor.is_signed_in:
        return problem(401, _("Sign in again."), code="SignIn")
    admit(rules.may_use_field, actor)
    found = list(cases.field_tasks(seen_by=actor, at=at)[:MOST_TASKS])
    clocks = cases.clocks_of_list(seen_by=actor, cases=found, at=at)
    tasks = []
    for case in found:
        steps, can = cases.steps(seen_by=actor, case=case), cases.may_now(seen_by=actor, case=case)
        group = "verify" if case.state == "answered" else "handle"
        before, after = _shots(steps, "open"), _shots(steps, "answer") if group == "verify" else []
        may_send = bool({"verify_pass"} & {*can} if group == "verify" else {"answer", "accept"} & {*can})
        drawn = {
            "case": case, "clock": clocks.get(case.pk), "now": at, "steps": steps[:6], "before": before, "after": after, "group": group,
            "may_send": may_send,
        }  # fmt: skip
        tasks.append(
            {
                "slug": case.slug, "number": case.number, "title": case.title, "version": case.version,
                "group": group, "may_send": may_send, "shots": [one.thumb_url for one in (*before, *after)],
                "longitude": case.longitude, "latitude": case.latitude,
                "card": render_to_string("portal/field/_card.html", drawn, request=request),
                "detail": render_to_string("portal/field/_detail.html", drawn, request=request),
            }
        )  # fmt: skip
    return JsonResponse(
        {
            "owner": actor.ref, "person": str(getattr(request.user, "person", "") or ""), "as_of": at.isoformat(), "csrf": get_token(request),
            "tasks": tasks, "categories": _categories(actor, at),
        },
        json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip


def _shots(steps: "Sequence[Step]", act: str) -> list[Any]:
    """Return the pictures of the newest step of this act that has any: what was reported, or what was done about it."""
    for step in steps:  # newest first
        found = [paper.attachment for paper in step.papers.all() if step.act == act and paper.attachment.is_image]
        if found:
            return found[:MOST_SHOTS]
    return []


def _categories(actor: Any, at: datetime) -> list[dict[str, Any]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    known = list(cases.categories(seen_by=actor, on=territory.day_of(seen_by=ANYONE, at=at)))
    parents = {category.parent_id for category in known}
    for category in known:
        if category.pk in parents:
            continue  # a branch: only leaves are chosen
        groups.setdefault(category.parent.label if category.parent else "", []).append((category.code, category.label))
    return [{"title": title, "items": items} for title, items in groups.items()]


class BadItem(Exception):
    """A submission whose shape cannot be read; says which field."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@require_POST
@never_cache
def sync(request: HttpRequest) -> HttpResponse:
    """Take one item of the outbox. The same key again gives the same answer; a refusal says why in words.

    200 taken, 401 sign in again, 400 unreadable (names the field), 403 and 409 refused by a rule or the state.
    """
    actor, at = reader(request)
    if not actor.is_signed_in:
        return problem(401, _("Sign in again."), code="SignIn")
    try:
        item = _item(request, at)
    except BadItem as bad:
        return problem(400, str(bad), field=bad.field, code="BadItem")
    if item["owner"] != actor.ref:
        return problem(409, _("This was written by another person; it is sent when they sign in."), code="WrongPerson", field="owner")
    photos = [(photo.name or "", photo.read()) for photo in request.FILES.getlist("photos")]
    try:
        case = operations.take_field_work(
            by=actor, at=at, key=item["key"], kind=item["kind"], slug=item["slug"], category_code=item["category"], title=item["title"],
            text=item["text"], passed=item["passed"], address=item["address"], longitude=item["longitude"], latitude=item["latitude"],
            seen_at=item["seen_at"], photos=photos, version=item["version"],
        )  # fmt: skip
    except cases_acts.ChangedMeanwhile as refused:  # with the version there is now: sent again, it is a decision on that one
        return problem(409, str(refused), code="ChangedMeanwhile", version=refused.subject.version)
    except Refused as refused:
        status = 403 if type(refused).__name__ == "NotAllowed" else 409
        return problem(status, str(refused), field=refused.field, code=type(refused).__name__)
    return JsonResponse(
        {"key": item["key"], "state": "taken", "number": case.number, "url": f"/cases/{case.slug}/"}, json_dumps_params={"ensure_ascii": False}
    )


def _item(request: HttpRequest, at: datetime) -> dict[str, Any]:
    given = request.POST
    try:
        key = str(uuid.UUID(given.get("key", "")))
    except ValueError:
        raise BadItem("key", _("key must be a UUID.")) from None
    kind = given.get("kind", "")
    if kind not in ("verify", "answer", "find"):
        raise BadItem("kind", _("kind must be verify, answer or find."))
    seen_at = moments.moment_or(given.get("seen_at"))
    if seen_at is None:
        raise BadItem("seen_at", _("seen_at must be a moment with its zone, such as 2026-11-20T08:50:00Z."))
    if seen_at > at + timedelta(minutes=10):
        seen_at = at  # the phone's clock runs ahead
    passed = given.get("passed", "")
    if kind == "verify" and passed not in ("yes", "no"):
        raise BadItem("passed", _("Say whether it is solved."))
    if len(request.FILES.getlist("photos")) > MOST_PHOTOS:
        raise BadItem("photos", _too_many())
    for photo in request.FILES.getlist("photos"):
        if (photo.size or 0) > MOST_BYTES:
            raise BadItem("photos", _too_large())
    return {
        "key": key, "kind": kind, "owner": given.get("owner", ""), "slug": given.get("slug", ""), "version": _case_version(given),
        "category": given.get("category", ""),
        "title": given.get("title", "")[:120], "text": given.get("text", "")[:2000], "address": given.get("address", "")[:200],
        "passed": passed == "yes", "longitude": _degree(given, "longitude", 180), "latitude": _degree(given, "latitude", 90), "seen_at": seen_at,
    }  # fmt: skip


def _case_version(given: Any) -> int | None:
    """Return the version of the case that the worker had before them; None for what was written before phones kept it."""
    text = given.get("version", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadItem("version", _("version must be a whole number."))
    return int(text)


def _degree(given: Any, name: str, most: int) -> float | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        return numbers.real(text, least=-most, most=most)
    except numbers.OutOfRange:
        raise BadItem(name, _("%(name)s must lie between -%(most)d and %(most)d.") % {"name": name, "most": most}) from None
    except numbers.BadNumber:
        raise BadItem(name, _("%(name)s must be a number of degrees.") % {"name": name}) from None
