"""Conversations: the list, one statement after the other, the map, one's own sentence; and the desk of those who read what is written."""

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.autonomy_line.voice import forms, operations, picture, queries, rules
from gongzhi.autonomy_line.voice.models import Conversation, Statement
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import numbers
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, attempt, page


def _sign_in(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/sign-in/?" + urlencode({"next": request.path}))


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """List the questions on which one may say what one thinks, and those that are closed."""
    actor, at = actor_of(request), timezone.now()
    found = list(queries.conversations(seen_by=actor)[:100])
    return page(request, "voice/index.html", {
        "open": [one for one in found if one.is_open_at(at)], "closed": [one for one in found if not one.is_open_at(at)], "may_lead": rules.may_lead(actor),
    })  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def conversation(request: HttpRequest, code: str) -> HttpResponse:
    """Show the next statement, and take what the reader says to it."""
    actor, at = actor_of(request), timezone.now()
    found = queries.conversation_for(seen_by=actor, code=code)
    if request.method == "POST":
        if not rules.may_say(actor):
            return _sign_in(request)
        number, value = numbers.key(request.POST.get("number")), {"yes": 1, "no": -1, "pass": 0}.get(request.POST.get("value", ""), 9)
        try:
            operations.take_stance(by=actor, at=at, conversation_id=found.pk, number=number or 0, value=value)
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(found.url)
    card = queries.card_for(seen_by=actor, conversation=found, number=numbers.key(request.GET.get("number")))
    return page(request, "voice/conversation.html", {
        "asked": found, "card": card, "is_open": found.is_open_at(at), "may_say": rules.may_say(actor), "place": card.done + 1,
        "own": queries.written_by(seen_by=actor, conversation=found), "share": round(100 * card.done / card.total) if card.total else 0,
    })  # fmt: skip


@require_safe
@never_cache
def opinion_map(request: HttpRequest, code: str) -> HttpResponse:
    """Show groups, what all share and what divides; while it is open, to those who have spoken."""
    actor, at = actor_of(request), timezone.now()
    found = queries.conversation_for(seen_by=actor, code=code)
    own = queries.voice_of(seen_by=actor, conversation=found)
    is_open = found.is_open_at(at)
    map_ = found.picture
    texts = {one.number: one.text for one in queries.statements(seen_by=actor, conversation=found, state=Statement.State.SHOWN)}
    groups = [
        {**group, "shape": queries.SHAPES[at_ % len(queries.SHAPES)], "place": at_ + 1, "label_y": round(group["y"] - group["ry"] + 16, 1),
         "is_mine": own is not None and own.group == at_,
         "typical": [{**one, "text": texts[one["number"]]} for one in group["typical"] if one["number"] in texts][:2]}
        for at_, group in enumerate(map_.get("groups", []))
    ]  # fmt: skip
    return page(request, "voice/map.html", {
        "asked": found, "is_open": is_open, "hidden": is_open and (own is None or not own.said), "map": map_, "groups": groups,
        "common": queries.shared(seen_by=actor, conversation=found, rows=map_.get("common", [])),
        "dividing": queries.shared(seen_by=actor, conversation=found, rows=map_.get("dividing", [])),
        "me": picture.own_place(map_, own.x, own.y) if own is not None and own.group is not None else None,
        "undrawn": map_.get("voices", 0) - sum(group["size"] for group in groups),
    })  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, code: str) -> HttpResponse:
    """Take a sentence of one's own; it is shown when somebody has read it."""
    actor, at = actor_of(request), timezone.now()
    found = queries.conversation_for(seen_by=actor, code=code)
    if not rules.may_say(actor):
        return _sign_in(request)
    form = forms.StatementForm(request.POST or None)
    if form.is_valid():
        try:
            done = attempt(form, lambda: operations.write_statement(by=actor, at=at, conversation_id=found.pk, **form.cleaned_data))
        except Refused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(found.url)
        if done is not None:
            messages.success(request, _("Thank you. Somebody reads it before it is shown; you find here what becomes of it."))
            return HttpResponseRedirect(found.url)
    return page(request, "voice/write.html", {"asked": found, "form": form, "is_open": found.is_open_at(at)}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Read what waits to be shown; show it, or say why not."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_lead, actor)
    if request.method == "POST":
        shown = request.POST.get("what") == "show"
        try:
            operations.judge_statement(by=actor, at=at, statement_id=numbers.key(request.POST.get("statement")) or 0, shown=shown,
                                       reason=request.POST.get("reason", ""))  # fmt: skip
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect("/voice/desk/")
    return page(request, "voice/desk.html", {"waiting": queries.waiting(seen_by=actor)[:100], "rows": queries.conversations(seen_by=actor)[:100], "at": at})


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Put a question to everybody."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_lead, actor)
    form = forms.ConversationForm(request.POST or None, actor=actor, on=territory.day_of(seen_by=actor, at=at))
    if form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        closes_at = datetime.combine(given.pop("closes_on"), time(23, 59), tzinfo=timezone.get_current_timezone())
        given["statements"] = given["statements"].splitlines()
        done: Conversation | None = attempt(form, lambda: operations.open_conversation(by=actor, at=at, closes_at=closes_at, **given))
        if done is not None:
            messages.success(request, _("The question is put to everybody."))
            return HttpResponseRedirect(done.url)
    return page(request, "voice/new.html", {"form": form}, status=422 if form.errors else 200)
