"""Policies for everybody: the list, one policy with its reading, the feed, and what one wants to be told of."""

from datetime import date
from typing import Any
from xml.etree import ElementTree

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.foundation.notices import queries as notices
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.web import actor_of, attempt, page
from gongzhi.service_line.policies import forms, limits, operations, queries, rules
from gongzhi.service_line.policies.models import TOPIC_WORDS
from gongzhi.service_line.policies.models.policies import STATE_WORDS

SHOWN = ("in_force", "coming", "ended")
FEED_AGE = 900  # seconds


def _today(actor: Actor) -> date:
    return territory.day_of(seen_by=actor, at=timezone.now())


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """List the town's policies: in force first; by topic, state and words of title, number or letter."""
    actor = actor_of(request)
    topic, state, text = (request.GET.get(name, "")[:80] for name in ("topic", "state", "q"))
    topic, state = topic if topic in TOPIC_WORDS else "", state if state in SHOWN else ""
    rows = queries.listed(seen_by=actor, on=_today(actor), topic=topic, state=state, text=text)
    return page(request, "policies/policies.html", {
        "rows": rows, "topics": TOPIC_WORDS, "topic": topic, "state": state, "q": text, "states": [(code, STATE_WORDS[code][0]) for code in SHOWN],
        "may_prepare": rules.may_prepare(actor),
    })  # fmt: skip


@require_safe
@never_cache
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """Show a policy: its letter and beside each clause what it means; who is affected, what it is linked with, where it comes from, what people ask."""
    actor = actor_of(request)
    found = queries.policy_for(seen_by=actor, code=code)
    on = _today(actor)
    state = found.state_on(on)
    clauses = list(found.clauses.all())
    wanted = queries.subscriptions(seen_by=actor).filter(policy_id=found.pk).first() if actor.is_signed_in else None
    return page(request, "policies/policy.html", {
        "policy": found, "state": state, "words": STATE_WORDS[state], "clauses": clauses, "has_reading": any(one.plain for one in clauses),
        "ties": queries.ties(seen_by=actor, policy=found), "chain": queries.chain(seen_by=actor, policy=found), "on": on, "wanted": wanted,
        "may_work": rules.may_prepare(actor) and rules.may_work_on(actor, found),
        "criterion": next((tie for tie in queries.ties(seen_by=actor, policy=found) if tie.kind == "criterion" and tie.url), None),
    })  # fmt: skip


@require_POST
def useful(request: HttpRequest, question_id: int) -> HttpResponse:
    """Count that an answer helped, once in a session."""
    done = request.session.get("useful_questions", [])
    if question_id not in done:
        limits.check(request, "useful")
        question = operations.find_useful(by=actor_of(request), at=timezone.now(), question_id=question_id)
        request.session["useful_questions"] = [*done, question_id][-100:]
        messages.success(request, _("Thank you. It helps others to find it."))
        return HttpResponseRedirect(f"{question.policy.url}#q{question.pk}")
    return HttpResponseRedirect("/policies/")


@require_safe
def of(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Show the policies that a thing (an item, a benefit, a criterion) rests on."""
    actor = actor_of(request)
    on = _today(actor)
    rows = [queries.Listed(one, one.state_on(on)) for one in queries.policies_of(seen_by=actor, kind=kind, code=code)]
    found = queries.linked.find(seen_by=actor, kind=kind, code=code)
    return page(request, "policies/of.html", {"rows": rows, "thing": found, "code": code})


@never_cache
@require_http_methods(["GET", "POST"])
def told(request: HttpRequest) -> HttpResponse:
    """Show of what the reader is told, and let them change it; others are shown the feed."""
    actor, at = actor_of(request), timezone.now()
    form = forms.SubscribeForm(request.POST if request.POST.get("what") == "add" else None, actor=actor, initial={"topic": request.GET.get("topic", "")})
    if request.method == "POST":
        one = numbers.key(request.POST.get("one"))
        done: Any = None
        if request.POST.get("what") == "add" and form.is_valid():
            done = attempt(form, lambda: operations.subscribe(by=actor, at=at, **form.cleaned_data))
        elif request.POST.get("what") == "policy" and one:
            done = operations.subscribe(by=actor, at=at, policy_id=queries.policy_by_id(seen_by=actor, policy_id=one).pk)
        elif request.POST.get("what") == "end" and one:
            operations.unsubscribe(by=actor, at=at, subscription_id=one)
            messages.success(request, _("You are not told of it any more."))
            return HttpResponseRedirect("/policies/told/")
        if done is not None:
            messages.success(request, _("You are told of what is new from now on."))
            return HttpResponseRedirect("/policies/told/")
    rows = queries.subscriptions(seen_by=actor) if actor.is_signed_in else []
    return page(request, "policies/told.html", {"form": form, "rows": rows, "choice": notices.choice(seen_by=actor) if actor.is_signed_in else None},
                status=422 if form.errors else 200)  # fmt: skip


ATOM = "http://www.w3.org/2005/Atom"


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text or None
    return child


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Give what is new as Atom (RFC 4287): policies, readings, drafts and their results; `topic` and `area` (its code) narrow it. The same for everybody."""
    topic = request.GET.get("topic", "")
    area = territory.area_by_code(seen_by=ANYONE, code=request.GET.get("area", "")[:40])
    town = territory.town(seen_by=ANYONE)
    root = request.build_absolute_uri("/")[:-1]
    ElementTree.register_namespace("", ATOM)
    tree = ElementTree.Element(f"{{{ATOM}}}feed")
    found = queries.newest(seen_by=ANYONE, topic=topic if topic in TOPIC_WORDS else "", area_path=area.path if area else "")
    _add(tree, "id", request.build_absolute_uri())
    _add(tree, "title", f"{town.name} · {_('Policies and drafts')}")
    _add(tree, "updated", (found[0][0] if found else timezone.now()).isoformat())
    _add(tree, "link", rel="self", href=request.build_absolute_uri())
    _add(tree, "link", rel="alternate", href=f"{root}/policies/")
    for when, kind, one in found:
        entry = _add(tree, "entry")
        _add(entry, "id", f"{root}{one.url}")
        _add(entry, "title", one.title)
        _add(entry, "updated", when.isoformat())
        _add(entry, "published", (one.released_at if kind == "policy" else one.opened_at).isoformat())
        _add(entry, "link", rel="alternate", href=f"{root}{one.url}")
        _add(_add(entry, "author"), "name", str(one.organ))
        _add(entry, "summary", one.gist if kind == "policy" else one.result or one.why)
        for code in one.topics:
            _add(entry, "category", term=code, label=str(TOPIC_WORDS.get(code, code)))
    body = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    answer = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    answer.headers["Cache-Control"] = f"public, max-age={FEED_AGE}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
