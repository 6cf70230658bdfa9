"""A town's MQTT feeds: how they do, how they are set up, what their messages mean, and a message tried."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.kernel import live, numbers, pages
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.feeds import definitions, forms, operations, queries, rules
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import Feed

HOME = "/stations/feeds/"
NEWEST = pages.Order("received_at", descending=True)


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    admit(rules.may_look_at, actor)
    return actor


def _refuse(form: Form, refused: Refused) -> None:
    """Put a refusal where its field is, above the form where it names none of them."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the feeds with how they do."""
    actor, at = _officer(request), timezone.now()
    found = [(feed, feed.is_silent(at)) for feed in queries.feeds(seen_by=actor)]
    return page(request, "feeds/index.html", {"now": at, "feeds": found, "may_define": rules.may_define(actor)})


@never_cache
@require_http_methods(["GET", "POST"])
def new_feed(request: HttpRequest) -> HttpResponse:
    """Set up a feed."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_define, actor)
    form = forms.FeedForm(request.POST if request.method == "POST" else None, is_new=True)
    if form.is_valid():
        try:
            feed = operations.define_feed(by=actor, at=at, is_new=True, **form.cleaned_data)
        except Refused as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("The feed is set up. Now say what its messages mean."))
            return HttpResponseRedirect(f"{HOME}{feed.code}/mapping/")
    context = {"form": form, "title": _("A new feed"), "button": _("Set up the feed"), "back": HOME, "back_words": _("MQTT feeds")}
    return page(request, "feeds/form.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def edit_feed(request: HttpRequest, code: str) -> HttpResponse:
    """Change a feed's broker and topics; what it brought stays."""
    actor, at = _officer(request), timezone.now()
    feed = queries.feed_for(seen_by=actor, code=code)
    admit(rules.may_define, actor)
    now = {
        "name": feed.name, "host": feed.host, "port": feed.port, "tls": feed.tls, "authority": feed.authority, "topic": feed.topic, "qos": feed.qos,
        "session_hours": round(feed.session_hours),
    }  # fmt: skip
    form = forms.FeedForm(request.POST if request.method == "POST" else None, is_new=False, initial=now)
    if form.is_valid():
        try:
            operations.define_feed(by=actor, at=at, code=feed.code, username=feed.username, is_active=feed.is_active, **form.cleaned_data)
        except Refused as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("The feed is changed; it connects anew."))
            return HttpResponseRedirect(f"{HOME}{feed.code}/")
    context = {"form": form, "title": feed.name, "button": _("Change the feed"), "back": f"{HOME}{feed.code}/", "back_words": feed.name}
    return page(request, "feeds/form.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def feed(request: HttpRequest, code: str) -> HttpResponse:
    """Show one feed; switch it on and off, change its password."""
    actor, at = _officer(request), timezone.now()
    found = queries.feed_for(seen_by=actor, code=code)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = forms.PasswordForm(request.POST if act == "password" else None, initial={"username": found.username})
    if act in ("on", "off"):
        operations.switch_feed(by=actor, at=at, feed_id=found.pk, is_active=act == "on")
        messages.success(request, _("The feed is switched on.") if act == "on" else _("The feed is switched off. What it brought stays."))
        return HttpResponseRedirect(request.path)
    if act == "password" and form.is_valid():
        operations.change_password(by=actor, at=at, feed_id=found.pk, **form.cleaned_data)
        messages.success(request, _("The password is changed; the feed connects anew with it."))
        return HttpResponseRedirect(request.path)
    return page(
        request, "feeds/feed.html",
        {
            "now": at, "feed": found, "is_silent": found.is_silent(at), "may_define": rules.may_define(actor), "form": form,
            "mappings": [_shown(one.definition) for one in queries.mappings_of(seen_by=actor, feed_id=found.pk)],
            "refused": list(queries.refused_messages(seen_by=actor, feed_id=found.pk)[:8]), "stream": live.stream_url(request, f"feed:{found.pk}"),
        },
        fragment="feeds/_now.html", status=422 if form.errors else 200,
    )  # fmt: skip


def _shown(definition: dict[str, Any]) -> dict[str, Any]:
    """Return what a list says of a mapping."""
    values = definition.get("values") or []
    factors = [one.get("factor") or one["path"] for one in values] if values else [definition.get("factor") or _("from the topic")]
    return {"topic": definition["topic"], "format": definition.get("format", "json"), "factors": [str(one).removeprefix("=") for one in factors]}


@never_cache
@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, code: str) -> HttpResponse:
    """Show and change what a feed's messages mean, and try a message on it: nothing is kept by a trial."""
    actor, at = _officer(request), timezone.now()
    found = queries.feed_for(seen_by=actor, code=code)
    act = request.POST.get("act", "try") if request.method == "POST" else ""
    form = forms.MappingForm(request.POST if act else None, act=act, initial=_first(actor, found, request.GET.get("refused", "")))
    tried = None
    if act and form.is_valid():
        written = form.cleaned_data["definitions"]
        try:
            if act == "save":
                operations.keep_mappings(by=actor, at=at, feed_id=found.pk, definitions=written)
                messages.success(request, _("The mapping is saved and used from the next messages on."))
                return HttpResponseRedirect(f"{HOME}{found.code}/")
            payload = form.cleaned_data["payload"].replace("\r\n", "\n").encode()
            tried = queries.trial(seen_by=actor, feed=found, topic=form.cleaned_data["topic"], payload=payload, at=at, definitions=written)
        except BadMapping as error:
            for name, why in error.faults:
                form.add_error("definitions", f"{name}: {why}")
        except operations.CannotMap as refused:
            _refuse(form, refused)
    context = {"now": at, "feed": found, "form": form, "tried": tried, "may_define": rules.may_define(actor)}
    return page(request, "feeds/mapping.html", context, status=422 if form.errors else 200)


def _first(actor: Actor, feed: Feed, refused: str) -> dict[str, str]:
    """Return what the form holds at first: the feed's mappings, or an example; and a message that was refused, to be tried again."""
    kept = [one.definition for one in queries.mappings_of(seen_by=actor, feed_id=feed.pk)]
    first = {"definitions": definitions.write(kept) or EXAMPLE}
    message = queries.refused_messages(seen_by=actor, feed_id=feed.pk).filter(pk=numbers.key(refused) or 0).first() if refused else None
    if message is not None:
        first |= {"topic": message.topic, "payload": bytes(message.payload).decode("utf-8", "replace").replace("\0", "\ufffd")}
    elif kept:
        first["topic"] = str(kept[0]["topic"]).replace("{", "").replace("}", "")
    return first


EXAMPLE = """\
- topic: town/iot/{station}/up
  time: ts
  values:
  - {path: data.level, factor: level, unit: m}
  - {path: data.temp, factor: w01010, unit: °C}
"""


@never_cache
@require_GET
def refused(request: HttpRequest, code: str) -> HttpResponse:
    """List what of a feed could not be used, newest first, page by page."""
    actor, at = _officer(request), timezone.now()
    found = queries.feed_for(seen_by=actor, code=code)
    part = pages.cut(
        queries.refused_messages(seen_by=actor, feed_id=found.pk).order_by(), NEWEST, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    reasons = queries.refused_reasons(seen_by=actor, feed_id=found.pk)
    return page(request, "feeds/refused.html", {"now": at, "feed": found, "part": part, "reasons": reasons})
