"""Following a case: by its code or signed in; how it goes, and what whoever raised it can do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.cases import acts, codes, following, operations, queries
from gongzhi.cases import kind as kinds
from gongzhi.cases.forms.following import FollowForm, NoteForm, RatingForm, ReasonForm, WithdrawForm
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.people import counting, masking
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import callers
from gongzhi.kernel import fields as django_forms
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import stream_url
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, page
from gongzhi.ledger import queries as ledger

MOST_TRIES, TRY_SECONDS = 12, 600  # wrong codes for one number from one address; a code of 78 bits is not found by trying, this spares the database
MOST_TRIES_OF_ADDRESS = 120  # whichever numbers are named; neighbours may share an address
OF_NUMBER, OF_ADDRESS = "follow codes of a number at an address", "follow codes of an address"
MOST_PHOTOS = 6


# ---- entering a code ------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the follow code; list what this reader follows already."""
    actor, at = actor_of(request), timezone.now()
    if request.method == "POST":
        form = FollowForm(request.POST)
        if form.is_valid():
            answer = _try(request, actor, form)
            if answer is not None:
                return answer
    else:
        form = FollowForm(initial={"number": request.GET.get("number", "")[:40]})
    mine = _mine(actor)
    clocks = queries.clocks_of_list(seen_by=actor, cases=mine, at=at) if mine else {}
    return page(
        request, "cases/follow_enter.html", {"form": form, "mine": [(case, clocks.get(case.pk)) for case in mine], "now": at},
        status=422 if form.errors else 200,
    )  # fmt: skip


def _try(request: HttpRequest, actor: Actor, form: FollowForm) -> HttpResponse | None:
    at, where = timezone.now(), callers.group(callers.address_of(request))
    here = f"{where}\n{''.join(form.cleaned_data['number'].split())}"
    if (
        counting.counted(OF_NUMBER, here, seconds=TRY_SECONDS, at=at) >= MOST_TRIES
        or counting.counted(OF_ADDRESS, where, seconds=TRY_SECONDS, at=at) >= MOST_TRIES_OF_ADDRESS
    ):
        form.add_error("code", _("Too many wrong codes from here. Please wait ten minutes."))
        return None
    held = queries.follow_by_code(seen_by=actor, code=form.cleaned_data["code"], number=form.cleaned_data["number"])
    if held is not None:
        counting.forget(OF_NUMBER, here)
        following.open_case(request.session, held.case.pk, held.party_id)
        return HttpResponseRedirect(f"/follow/{held.case.slug}/")
    counting.count(OF_NUMBER, here, seconds=TRY_SECONDS, at=at)
    counting.count(OF_ADDRESS, where, seconds=TRY_SECONDS, at=at)
    if not codes.plain(form.cleaned_data["code"]):
        form.add_error("code", _("A follow code has 16 letters and digits, such as K7QF-9M2X-4HTB-WZ83; O, I, L, U, 0 and 1 are never in it."))
    else:
        form.add_error("code", _("No case has this code. Please compare it letter by letter."))
    return None


def _mine(actor: Actor) -> list[Any]:
    found = queries.first_cases(seen_by=actor, most=30, raised_by_id=actor.person_id, order="touched") if actor.person_id else []
    known = {case.pk for case in found}
    others = actor.case_ids - known
    if others:
        found += queries.first_cases(seen_by=actor, most=30, case_ids=others, order="touched")
    return sorted(found, key=lambda case: case.touched_at, reverse=True)


# ---- one case -------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Held:
    """A case with as whom its reader acts on it."""

    case: Any
    actor: Actor
    party_id: int | None


class NotFollowed(Exception):
    """The reader has neither the code nor raised it signed in."""


def _held(request: HttpRequest, slug: str) -> Held:
    actor = actor_of(request)
    try:
        case = queries.case_for(seen_by=actor, slug=slug)
    except ObjectDoesNotExist:
        raise NotFollowed from None
    party_id = following.party_id(request.session, case.pk)
    if actor.is_signed_in and actor.person_id and (case.raised_by_id == actor.person_id or actor.person_id in case.followers):
        return Held(case, actor, None)
    if party_id is not None and case.pk in actor.case_ids:
        party = queries.party_of(seen_by=actor, case=case, party_id=party_id)
        if party is not None:
            return Held(case, queries.follower(seen_by=actor, party=party), party_id)
    raise NotFollowed


def follows(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Send whoever does not follow the case to the page that asks for the code."""

    @never_cache
    def checked(request: HttpRequest, slug: str, **parts: Any) -> HttpResponse:
        try:
            held = _held(request, slug)
        except NotFollowed:
            return HttpResponseRedirect(f"/follow/?number={slug}")
        return view(request, held, **parts)

    return checked


@dataclass(frozen=True, slots=True)
class Photo:
    thumb: str
    large: str
    alt: str


@dataclass(slots=True)
class StepView:
    """A step as whoever raised the case reads it."""

    step: Any
    text: str
    by: str
    photos: list[Photo] = field(default_factory=list)


def _steps(held: Held) -> list[StepView]:
    shown = []
    for step in queries.steps(seen_by=held.actor, case=held.case):
        text = step.public_text
        if step.reason and step.act in ("suspend", "extend", "reject", "return", "settle", "reopen", "withdraw"):
            text = "\n".join(part for part in (step.reason, step.public_text) if part)
        own = step.by == "follower" or (step.person_id is not None and step.person_id == held.actor.person_id)
        photos = [
            Photo(paper.attachment.url("thumb"), paper.attachment.url("large"), _("Photo %(n)s: %(act)s") % {"n": n, "act": step.act_word})
            for n, paper in enumerate(step.papers.all(), start=1) if paper.attachment.is_image
        ]  # fmt: skip
        shown.append(StepView(step, text, pgettext("who did it", "you") if own else str(step.organ or ""), photos))
    return shown


def _next(case: Any) -> dict[str, Any] | None:
    """Return what is waited for: the stage in words, who has it, until when."""
    if not case.is_open or case.procedure is None:
        return None
    stage = queries.procedure_of(seen_by=Actor(kind="anyone"), case=case).stages.get(case.stage)
    return {"title": stage.words(get_language() or "zh"), "holder": case.holder, "due_at": case.next_due_at} if stage else None


def _context(request: HttpRequest, held: Held, at: datetime) -> dict[str, Any]:
    case, actor = held.case, held.actor
    possible, kind = set(queries.may_now(seen_by=actor, case=case)), kinds.kind_of(case.kind)
    ratings = list(queries.ratings(seen_by=actor, case=case))
    own = next((one for one in ratings if _is_own(one, held)), None)
    told = following.sent(request.session, case.slug)
    return {
        "case": case, "now": at, "steps": _steps(held), "clock": queries.clock_of(seen_by=actor, case=case, at=at), "next_step": _next(case),
        "where": territory.grid_words(seen_by=actor, area=case.area), "may_rate": "rate" in possible and own is None, "may_reopen": "reopen" in possible,
        "may_note": "note" in possible, "may_urge": "urge" in possible, "may_withdraw": "withdraw" in possible, "own_rating": own,
        "follow_ups": list(queries.follow_ups(seen_by=actor, case=case)), "live": stream_url(request, f"case:{case.pk}"), "code": told["code"] if told else "",
        "by_code": held.party_id is not None, "proof": _proof(actor, case),
        "is_moved": case.merged_into is not None, "is_unreachable": _is_unreachable(held), "kind": kind, "choices": _choices(held, at),
        "dossier": kind.dossier_of(seen_by=actor, case=case, at=at) if kind.dossier_template else None,
    }  # fmt: skip


def _choices(held: Held, at: datetime) -> list[acts.CaseAct]:
    """Return what the procedure asks of this reader now: its results, the acts of the kind, agreeing to what was answered."""
    found = acts.now(seen_by=held.actor, case=held.case, at=at)
    return [face for face in found if face.code in ("decide", "close") or face.kinds is not None]


def _proof(actor: Actor, case: Any) -> dict[str, Any] | None:
    """Return how many entries the ledger has of the case, the last hash, and where to read them."""
    entries = list(ledger.entries_for(seen_by=actor, subject=ref(case)))
    return {"count": len(entries), "hash": entries[-1].hash, "url": f"/ledger/subjects/{ref(case)}/"} if entries else None


def _is_unreachable(held: Held) -> bool:
    """Return whether nobody could call this reader back: no account and no number left."""
    party = queries.party_of(seen_by=held.actor, case=held.case, party_id=held.party_id) if held.party_id is not None else None
    return party is not None and (party.person is None or not party.person.phone_sealed)


def _is_own(rating: Any, held: Held) -> bool:
    if held.party_id is not None:
        return bool(rating.party_id == held.party_id)
    return held.actor.person_id is not None and rating.party.person_id == held.actor.person_id


@follows
@require_http_methods(["GET"])
def status(request: HttpRequest, held: Held) -> HttpResponse:
    """Show how it goes; the page fetches its parts afresh when something happens to the case."""
    return page(request, "cases/follow.html", _context(request, held, timezone.now()), fragment="cases/_follow.html")


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that whoever raised a case can do: its page, its form, and the act."""

    title: Any
    form: type[django_forms.Form]
    do: Callable[..., Any]
    allowed: str
    done: Any
    button: Any
    intro: Any = ""
    takes_photos: bool = False


def _rate(held: Held, at: datetime, given: dict[str, Any], photos: list[int]) -> None:
    solved = {"yes": True, "no": False}.get(given["solved"])
    operations.rate_case(
        by=held.actor, at=at, case_id=held.case.pk, level=given["level"], tags=given["tags"], text=given["text"], solved=solved, party_id=held.party_id,
        phone=given["phone"],
    )  # fmt: skip


def _reopen(held: Held, at: datetime, given: dict[str, Any], photos: list[int]) -> None:
    operations.reopen_case(by=held.actor, at=at, case_id=held.case.pk, reason=given["reason"])


def _withdraw(held: Held, at: datetime, given: dict[str, Any], photos: list[int]) -> None:
    operations.withdraw_case(by=held.actor, at=at, case_id=held.case.pk, reason=given["reason"])


def _note(held: Held, at: datetime, given: dict[str, Any], photos: list[int]) -> None:
    operations.note_case(by=held.actor, at=at, case_id=held.case.pk, text=given["text"], internal=False, attachment_ids=photos)


def _doings() -> dict[str, Doing]:
    return {
        "rate": Doing(_("Rate"), RatingForm, _rate, "may_rate", _("Thank you. Your rating stands in the record."), _("Send my rating"),
                      _("The two lowest levels are followed up within one working day, and what is put right is published.")),
        "reopen": Doing(_("Reopen"), ReasonForm, _reopen, "may_reopen", _("The case is open again."), _("Reopen the case"),
                        _("It goes back to dispatch on a new clock.")),
        "note": Doing(_("Add something"), NoteForm, _note, "may_note", _("Added. The unit reads it."), _("Send what I add"), takes_photos=True),
        "withdraw": Doing(_("Withdraw"), WithdrawForm, _withdraw, "may_withdraw", _("You have withdrawn the case."), _("Withdraw the case"),
                          _("Nobody will work on it any more. What happened so far stays in the record.")),
    }  # fmt: skip


def _version(request: HttpRequest) -> int | None:
    """Return the version of the case that the reader had before them, or None."""
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


@follows
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, held: Held, what: str) -> HttpResponse:
    """Rate, reopen, add something or withdraw: a page of its own for each."""
    doing, at = _doings().get(what), timezone.now()
    if doing is None:
        raise Http404
    context = _context(request, held, at)
    if not context[doing.allowed] and request.method == "GET":
        return HttpResponseRedirect(f"/follow/{held.case.slug}/")
    form = doing.form(request.POST if request.method == "POST" else None, initial={"level": request.GET.get("level", "")})
    if isinstance(form, RatingForm):
        form.is_unreachable = context["is_unreachable"]
    if request.method == "POST" and form.is_valid():
        try:
            photos = [
                attachments.add_attachment(by=held.actor, at=at, content=file.read(), name=file.name or "photo").pk
                for file in request.FILES.getlist("photos")[:MOST_PHOTOS]
            ] if doing.takes_photos else []  # fmt: skip
            with operations.decided_on(held.case.pk, _version(request) if what in ("reopen", "withdraw") else None):
                doing.do(held, at, form.cleaned_data, photos)
        except operations.ChangedMeanwhile as refused:
            form.add_error(None, str(refused))
            held = _held(request, held.case.slug)
            context = _context(request, held, at)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, str(doing.done))
            if any(isinstance(given, str) and masking.masked(given) != given for name, given in form.cleaned_data.items() if name != "phone"):
                messages.warning(request, str(following.MASKED))
            return HttpResponseRedirect(f"/follow/{held.case.slug}/")
    return page(request, "cases/follow_act.html", context | {"form": form, "doing": doing, "what": what}, status=422 if form.errors else 200)


@follows
@require_POST
def urge(request: HttpRequest, held: Held) -> HttpResponse:
    """Urge whoever holds the case."""
    operations.urge_case(by=held.actor, at=timezone.now(), case_id=held.case.pk)
    messages.success(request, _("Urged. Whoever has it sees that you are waiting."))
    return HttpResponseRedirect(f"/follow/{held.case.slug}/")


@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Forget a case on this device: its code must be entered again."""
    try:
        held = _held(request, slug)
    except NotFollowed:
        return HttpResponseRedirect("/follow/")
    following.close_case(request.session, held.case.pk)
    messages.success(request, _("This device has forgotten the case. Keep the code: it opens it again."))
    return HttpResponseRedirect("/follow/")
