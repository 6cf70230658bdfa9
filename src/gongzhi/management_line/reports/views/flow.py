"""The report flow: each step a page of its own that works without JavaScript; what was said is kept in the session.

Photo → place → words (with category, repeats and contact). In the large mode 长辈版 the last one is taken apart, so that
each page asks one thing: words → kind → contact.
"""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.cases import following
from gongzhi.cases import queries as cases
from gongzhi.foundation.attachments import operations as attachment_operations
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.foundation.people import masking
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, page
from gongzhi.management_line.reports import drafts, limits, operations, places, queries
from gongzhi.management_line.reports.drafts import Draft
from gongzhi.management_line.reports.forms import ContactForm, PlaceForm, WordsForm

PHOTO, PLACE, WORDS, KIND, CONTACT = "/report/", "/report/place/", "/report/words/", "/report/kind/", "/report/contact/"
NEW, SAME = "report", "report-same"  # what this session sent, as it is remembered
SURE = 0.5  # from this confidence on the suggestion is chosen beforehand


def _is_large(request: HttpRequest) -> bool:
    return request.COOKIES.get("gongzhi_size") == "large"


def _steps(request: HttpRequest) -> list[tuple[str, Any]]:
    """Return the flow's steps: (address, title)."""
    steps: list[tuple[str, Any]] = [(PHOTO, pgettext("step", "Photo")), (PLACE, pgettext("step", "Place")), (WORDS, pgettext("step", "Words"))]
    if _is_large(request):
        steps += [(KIND, pgettext("step", "Kind")), (CONTACT, pgettext("step", "Result"))]
    return steps


def _sent_before(request: HttpRequest) -> HttpResponse | None:
    """Lead whoever goes Back after sending to what was said then: the form that was sent is not shown again as if it were new."""
    if request.method == "GET" and not drafts.is_written(request.session) and (slug := following.last_sent(request.session, NEW, SAME)):
        return HttpResponseRedirect(f"/report/sent/{slug}/")
    return None


def _show(request: HttpRequest, template: str, here: str, draft: Draft, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    steps = _steps(request)
    current = next(n for n, (address, _title) in enumerate(steps, start=1) if address == here)
    frame = {
        "draft": draft, "steps": [(n, address, title) for n, (address, title) in enumerate(steps, start=1)], "current": current,
        "count": len(steps), "before": steps[current - 2][0] if current > 1 else "", "is_last": current == len(steps),
        "next_title": steps[current][1] if current < len(steps) else "", "now": timezone.now(), "is_large": _is_large(request),
    }  # fmt: skip
    return page(request, f"reports/{template}.html", frame | context, status=status)


# ---- photos ---------------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def photo(request: HttpRequest) -> HttpResponse:
    """Take photos: each is kept as soon as it comes, so that a bad connection costs one photo at most."""
    actor, at, draft = actor_of(request), timezone.now(), drafts.read(request.session)
    error = ""
    about = request.GET.get("about", "")
    if about.startswith("/") and not draft.text:  # from the foot of a page on which something is wrong
        draft.text = _("On the page %(page)s: ") % {"page": about[:200]}
        drafts.keep(request.session, draft)
    if request.method == "POST":
        gone = numbers.key(request.POST.get("remove"))
        draft.photos = [one for one in draft.photos if one != gone]
        for file in request.FILES.getlist("photos"):
            if len(draft.photos) >= operations.MOST_PHOTOS:
                error = _("At most %(n)d photos.") % {"n": operations.MOST_PHOTOS}
                break
            try:
                _take(actor, at, draft, file)
            except Refused as refused:
                error = f"{file.name}{_(': ')}{refused}"
        drafts.keep(request.session, draft)
        if not error:
            return HttpResponseRedirect(PLACE if request.POST.get("go") == "next" else PHOTO)
    if following.last_sent(request.session, NEW, SAME) and not drafts.is_written(request.session):
        drafts.keep(request.session, draft)  # here another report begins, and its pages are its own
    shown = list(attachments.attachments(seen_by=actor, attachment_ids=draft.photos))
    return _show(
        request, "photo", PHOTO, draft,
        {"photos": shown, "error": error, "room": operations.MOST_PHOTOS - len(shown), "most": operations.MOST_PHOTOS}, status=422 if error else 200,
    )  # fmt: skip


def _take(actor: Actor, at: datetime, draft: Draft, file: Any) -> None:
    if (file.size or 0) > attachment_operations.MOST_PHOTO:
        raise attachment_operations.TooLarge(most=attachment_operations.MOST_PHOTO // 1_000_000)
    content = file.read()
    kept = attachment_operations.add_attachment(by=actor, at=at, content=content, name=file.name or "photo")
    draft.photos.append(kept.pk)
    if draft.longitude is None:
        taken = places.taken_at(content)
        if taken is not None:
            draft.longitude, draft.latitude = taken
            draft.from_photo = True


@never_cache
@require_GET
def draft_photo(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """Show a photo of the draft to whoever is writing it; nobody else can see it yet."""
    if attachment_id not in drafts.read(request.session).photos:
        raise Http404
    found = attachments.attachments(seen_by=actor_of(request), attachment_ids=[attachment_id]).first()
    if found is None or not found.is_image:
        raise Http404
    small = found.variants.get("thumb", "")
    return FileResponse(default_storage.open(small or found.stored), content_type="image/jpeg" if small else found.content_type)


# ---- place ----------------------------------------------------------------------------------------------------------
def _areas(actor: Actor) -> list[tuple[str, str]]:
    found = territory.areas(seen_by=actor).filter(level__in=["community", "park"]).defer("boundary")
    return [(str(area.pk), area.name) for area in found]


@never_cache
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """Ask where it is: a pin on the map, a place found by its name, the reader's own position, or a neighbourhood."""
    if sent_page := _sent_before(request):
        return sent_page
    actor, draft = actor_of(request), drafts.read(request.session)
    areas = _areas(actor)
    if request.method == "POST":
        form = PlaceForm(request.POST, areas=areas)
        valid = form.is_valid()
        _keep_place(draft, form.cleaned_data)
        spot = request.POST.get("spot", "")
        searching = request.POST.get("go") == "search"
        if spot:
            _pin(draft, spot)
        drafts.keep(request.session, draft)
        if spot or searching:  # the page again, with the pin there or with what was found
            return HttpResponseRedirect(PLACE + ("?find" if searching else ""))
        if valid:
            return HttpResponseRedirect(WORDS)
    else:
        form = PlaceForm(
            initial={"address": draft.address, "longitude": draft.longitude, "latitude": draft.latitude, "area": str(draft.area_id or "")}, areas=areas
        )
    found = territory.places_like(seen_by=actor, text=draft.address, most=6) if draft.address and "find" in request.GET else []
    return _show(
        request, "place", PLACE, draft,
        {"form": form, "found": found, "searched": "find" in request.GET, "where": _where(actor, draft.longitude, draft.latitude)},
        status=422 if form.errors else 200,
    )  # fmt: skip


def _keep_place(draft: Draft, cleaned: dict[str, Any]) -> None:
    longitude, latitude = cleaned.get("longitude"), cleaned.get("latitude")
    if (longitude, latitude) != (draft.longitude, draft.latitude):
        draft.from_photo = False
    draft.longitude, draft.latitude = (longitude, latitude) if longitude is not None and latitude is not None else (None, None)
    draft.address = cleaned.get("address", draft.address).strip()
    area = cleaned.get("area", "")
    draft.area_id = numbers.key(area)


def _pin(draft: Draft, spot: str) -> None:
    """Put the pin where a found place is: `spot` is longitude, latitude and name, with bars between."""
    try:
        longitude, latitude, name = spot.split("|", 2)
        draft.longitude, draft.latitude = _degrees(longitude, latitude)
    except ValueError:
        return
    draft.from_photo = False
    if name and name not in draft.address:
        draft.address = name[:200]


def _degrees(longitude: str, latitude: str) -> tuple[float, float]:
    """Return (longitude, latitude) of two texts; raise BadNumber."""
    return numbers.real(longitude, least=-180, most=180), numbers.real(latitude, least=-90, most=90)


def _where(actor: Actor, longitude: float | None, latitude: float | None) -> dict[str, Any] | None:
    """Return in which grid the pin stands, in words; "" where it stands in none."""
    if longitude is None or latitude is None:
        return None
    area = territory.locate(seen_by=actor, longitude=longitude, latitude=latitude)
    return {"words": territory.grid_words(seen_by=actor, area=area), "is_outside": area is None}


@require_GET
def where(request: HttpRequest) -> HttpResponse:
    """Say in which grid the pin stands (a part of the place page)."""
    try:
        point = _degrees(request.GET.get("longitude", ""), request.GET.get("latitude", ""))
    except ValueError:
        return render(request, "reports/_where.html", {"where": None})
    return render(request, "reports/_where.html", {"where": _where(actor_of(request), *point)})


@require_GET
def found_places(request: HttpRequest) -> HttpResponse:
    """List places that fit what is being typed (a part of the place page)."""
    text = request.GET.get("address", "")[:80]
    found = territory.places_like(seen_by=actor_of(request), text=text, most=6) if len(text.strip()) > 1 else []
    return render(request, "reports/_places.html", {"found": found, "searched": False})


# ---- words, kind, repeats -------------------------------------------------------------------------------------------
def _look(actor: Actor, at: datetime, draft: Draft, *, guess: str = "") -> dict[str, Any]:
    """Return what the text seems to be about and what it may repeat. A choice that was only guessed follows the text."""
    suggested = queries.suggest(seen_by=actor, text=draft.text, at=at) if draft.text.strip() else []
    sure = str(suggested[0].category.pk) if suggested and suggested[0].confidence >= SURE else ""
    chosen = draft.category
    if not chosen or (guess and chosen == guess):
        chosen = sure
    offered = [one.category for one in suggested]
    chosen_id = numbers.key(chosen)
    if chosen_id is not None and chosen_id not in {category.pk for category in offered}:
        picked = queries.category_by_id(seen_by=actor, category_id=chosen_id, at=at)
        offered = [picked, *offered][:4] if picked is not None else offered
        chosen = chosen if picked is not None else ""
    repeats = []
    if draft.text.strip():
        repeats = queries.repeats(
            seen_by=actor, text=draft.text, at=at, category_id=numbers.key(chosen), longitude=draft.longitude,
            latitude=draft.latitude,
        )  # fmt: skip
    return {
        "offered": offered, "chosen": chosen, "guess": sure if chosen == sure else "", "groups": queries.groups(seen_by=actor, at=at),
        "repeats": repeats, "first_code": suggested[0].category.code if suggested else "", "confidence": suggested[0].confidence if suggested else None,
    }  # fmt: skip


def _category(request: HttpRequest) -> str:
    listed, chosen = request.POST.get("category_list", ""), request.POST.get("category", "")
    return listed if numbers.key(listed) else chosen if numbers.key(chosen) or chosen == "none" else ""


@never_cache
@require_http_methods(["GET", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    """Ask what happened; on the last step also which kind, show repeats, ask how to tell the result, and send."""
    if sent_page := _sent_before(request):
        return sent_page
    actor, at, draft = actor_of(request), timezone.now(), drafts.read(request.session)
    if request.method == "POST":
        already = following.sent_as(request.session, request.POST.get("key", ""))
        if already:
            return HttpResponseRedirect(f"/report/sent/{already}/")
        form = WordsForm(request.POST)
        draft.text = request.POST.get("text", "")[:4000]
        if _is_large(request):
            drafts.keep(request.session, draft)
            if form.is_valid():
                return HttpResponseRedirect(KIND)
            return _show(request, "words", WORDS, draft, {"form": form}, status=422)
        return _send(request, actor, at, draft, form)
    form = WordsForm(initial={"text": draft.text})
    context: dict[str, Any] = {"form": form}
    if not _is_large(request):
        context |= {"contact_form": _contact_form(draft)} | _look(actor, at, draft)
    return _show(request, "words", WORDS, draft, context)


def _contact_form(draft: Draft) -> ContactForm:
    return ContactForm(initial={"contact": draft.contact, "phone": draft.phone})


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Draw suggestions and repeats for the text as far as it is written (a part of the words page)."""
    draft = drafts.read(request.session)
    draft.text = request.POST.get("text", "")[:2000]
    draft.category = _category(request)
    drafts.keep(request.session, draft)
    at = timezone.now()
    looked = _look(actor_of(request), at, draft, guess=request.POST.get("guess", ""))
    return render(request, "reports/_look.html", {"now": at, "draft": draft} | looked)


@never_cache
@require_http_methods(["GET", "POST"])
def kind(request: HttpRequest) -> HttpResponse:
    """Large mode: ask which kind it is, and whether it is one of those already known."""
    if sent_page := _sent_before(request):
        return sent_page
    actor, at, draft = actor_of(request), timezone.now(), drafts.read(request.session)
    if not draft.text.strip():
        return HttpResponseRedirect(WORDS)
    if request.method == "POST":
        draft.category = _category(request) or "none"
        drafts.keep(request.session, draft)
        return HttpResponseRedirect(CONTACT)
    return _show(request, "kind", KIND, draft, _look(actor, at, draft))


@never_cache
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Large mode: ask how to tell the result, and send."""
    if sent_page := _sent_before(request):
        return sent_page
    actor, at, draft = actor_of(request), timezone.now(), drafts.read(request.session)
    already = following.sent_as(request.session, request.POST.get("key", "")) if request.method == "POST" else ""
    if already:
        return HttpResponseRedirect(f"/report/sent/{already}/")
    if not draft.text.strip():
        return HttpResponseRedirect(WORDS)
    if request.method == "POST":
        return _send(request, actor, at, draft, WordsForm({"text": draft.text}))
    return _show(request, "contact", CONTACT, draft, {"contact_form": _contact_form(draft)})


def _send(request: HttpRequest, actor: Actor, at: datetime, draft: Draft, form: WordsForm) -> HttpResponse:
    """Send what stands in the draft; show the last page again with whatever is in the way."""
    large = _is_large(request)
    here, template = (CONTACT, "contact") if large else (WORDS, "words")
    contact_form = ContactForm(request.POST)
    guess = "" if large else request.POST.get("guess", "")
    if not large:
        draft.category = _category(request)
    contact_ok = contact_form.is_valid()
    draft.contact, draft.phone = request.POST.get("contact", "code"), request.POST.get("phone", "")[:30]
    drafts.keep(request.session, draft)
    seen = set(request.POST.get("seen", "").split(","))
    looked = _look(actor, at, draft, guess=guess)
    unseen = [repeat for repeat in looked["repeats"] if str(repeat.case.pk) not in seen]
    undecided = not looked["chosen"] and "seen" not in request.POST  # without JavaScript the suggestions are shown now
    context = {"form": form, "contact_form": contact_form, "place_missing": not draft.has_place} | ({} if large else looked)
    if not form.is_valid() or not contact_ok or not draft.has_place:
        return _show(request, template, here, draft, context, status=422)
    if not large and (unseen or (undecided and looked["offered"])):
        return _show(request, template, here, draft, context | {"look_again": True})
    try:
        limits.check(request, at)
        case, code = operations.file_report(
            by=actor, at=at, text=form.cleaned_data["text"], category_id=numbers.key(looked["chosen"]),
            longitude=draft.longitude, latitude=draft.latitude, address=draft.address, area_id=draft.area_id, photos=draft.photos,
            phone=contact_form.cleaned_data["phone"], submission_key=draft.key, suggested_code=looked["first_code"], confidence=looked["confidence"],
        )  # fmt: skip
    except Refused as refused:
        form.add_error("text" if refused.field not in ("phone",) else None, str(refused))
        return _show(request, template, here, draft, context, status=422)
    if masking.masked(form.cleaned_data["text"]) != form.cleaned_data["text"]:
        messages.warning(request, str(following.MASKED))
    return _sent(request, actor, case, code, key=draft.key, kind=NEW)


def _sent(request: HttpRequest, actor: Actor, case: Any, code: str, *, key: str, kind: str) -> HttpResponse:
    following.remember_sent(request.session, case, key=key, code=code, kind=kind, seen_by=actor)
    drafts.drop(request.session)
    return HttpResponseRedirect(f"/report/sent/{case.slug}/")


@require_POST
def same(request: HttpRequest) -> HttpResponse:
    """Follow a case that is already there instead of sending the same again; what was written is added to it."""
    actor, at, draft = actor_of(request), timezone.now(), drafts.read(request.session)
    already = following.sent_as(request.session, request.POST.get("key", ""))
    if already:
        return HttpResponseRedirect(f"/report/sent/{already}/")
    chosen = numbers.key(request.POST.get("same"))
    if chosen is None:
        return HttpResponseRedirect(WORDS)
    text = (request.POST.get("text") or draft.text)[:2000]
    limits.check(request, at)
    case, code = operations.follow_instead(by=actor, at=at, case_id=chosen, text=text, photos=draft.photos, submission_key=draft.key)
    return _sent(request, actor, case, code, key=draft.key, kind=SAME)


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Throw the draft away and begin anew."""
    drafts.drop(request.session)
    return HttpResponseRedirect(PHOTO)


@never_cache
@require_GET
def sent(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell what was done: number, follow code, who has it, until when and why; to whoever sent it, in their session."""
    told = following.sent(request.session, slug)
    if told is None:
        return HttpResponseRedirect(f"/follow/?number={slug}")
    party_id = following.party_id(request.session, told["case_id"])
    actor, at = actor_of(request).with_cases([told["case_id"]], [party_id] if party_id is not None else ()), timezone.now()
    case = cases.case_for(seen_by=actor, slug=slug)
    link = request.build_absolute_uri("/follow/") + (f"#{told['code']}" if told["code"] else "")
    return page(
        request, "reports/sent.html",
        {
            "case": case, "code": told["code"], "is_same": told["kind"] == SAME, "now": at, "link": link, "qr": following.qr_of(link) if told["code"] else "",
            "clock": cases.clock_of(seen_by=actor, case=case, at=at), "is_outside": case.unlocated,
        },
    )  # fmt: skip
