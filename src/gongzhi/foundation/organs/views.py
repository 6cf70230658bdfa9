"""Organs and posts for administrators."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.organs import forms, operations, queries, rules
from gongzhi.foundation.organs.role_words import ROLE_WORDS
from gongzhi.foundation.people import queries as people
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import abilities
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of, admit, attempt, page

if TYPE_CHECKING:
    from gongzhi.foundation.organs.models import Organ


def _areas(actor: Actor) -> forms.Choices:
    return [(area.pk, f"{'　' * area.path.count('.')}{area.name}") for area in territory.areas(seen_by=actor).defer("boundary")]


def _today(actor: Actor) -> date:
    return territory.day_of(seen_by=actor, at=timezone.now())


def _tree(organs: "list[Organ]") -> "list[tuple[Organ, int]]":
    """Return the organs with their depth, those above before those below."""
    below: dict[int | None, list[Organ]] = {}
    known = {organ.pk for organ in organs}
    for organ in organs:
        below.setdefault(organ.parent_id if organ.parent_id in known else None, []).append(organ)
    found: list[tuple[Organ, int]] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for organ in below.get(parent_id, []):
            found.append((organ, depth))
            walk(organ.pk, depth + 1)

    walk(None, 0)
    return found


@require_safe
@never_cache
def organs(request: HttpRequest) -> HttpResponse:
    """Show the town's organs as a tree, with how many people serve in each."""
    actor = actor_of(request)
    admit(rules.may_define_organs, actor)
    today = _today(actor)
    serving: dict[int, int] = {}
    for post in queries.posts(seen_by=actor, on=today):
        serving[post.organ_id] = serving.get(post.organ_id, 0) + 1
    rows = [
        (organ, depth, forms.KIND_WORDS[organ.kind], serving.get(organ.pk, 0), organ.closed_on is not None and organ.closed_on <= today)
        for organ, depth in _tree(list(queries.organs(seen_by=actor)))
    ]
    return page(request, "organs/organs.html", {"rows": rows})


@never_cache
@require_http_methods(["GET", "POST"])
def organ_edit(request: HttpRequest, organ_id: int | None = None) -> HttpResponse:
    """Define an organ, or correct it."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_define_organs, actor)
    known = queries.organ_for(seen_by=actor, organ_id=organ_id) if organ_id is not None else None
    initial: dict[str, Any] = {"kind": "department"}
    if known is not None:
        initial = {name: getattr(known, name) for name in ("name", "name_en", "kind", "code", "duty_phone", "closed_on")}
        initial |= {"parent": known.parent_id, "area": known.area_id}
    above = [(organ.pk, f"{'　' * depth}{organ.name}") for organ, depth in _tree(list(queries.organs(seen_by=actor))) if known is None or organ.pk != known.pk]
    form = forms.OrganForm(above, _areas(actor), request.POST if request.method == "POST" else None, fixed=known is not None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        parent, area = given.pop("parent"), given.pop("area")
        if known is None and queries.organ_by_code(seen_by=actor, code=given["code"]) is not None:
            form.add_error("code", _("An organ with this short name is there already."))
        elif attempt(form, lambda: operations.define_organ(by=actor, at=at, parent_id=parent, area_id=area, **given)) is not None:
            messages.success(request, _("Organ %(name)s stands.") % {"name": given["name"]})
            return HttpResponseRedirect("/administration/organs/")
    return page(
        request, "administration/form.html",
        {"form": form, "title": known.name if known else _("New organ"), "button": _("Keep"), "back": "/administration/organs/", "back_words": _("Organs")},
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_safe
@never_cache
def posts(request: HttpRequest) -> HttpResponse:
    """Show who serves where and as what, and posts that begin later; those that have ended on request."""
    actor = actor_of(request)
    admit(rules.may_give_posts, actor)
    today = _today(actor)
    with_ended = request.GET.get("ended") == "1"
    rows = [
        (post, ROLE_WORDS[post.role], "ended" if post.ends_on and post.ends_on <= today else "later" if post.starts_on > today else "now")
        for post in queries.all_posts(seen_by=actor, on=None if with_ended else today)
    ]
    return page(request, "organs/posts.html", {"rows": rows, "with_ended": with_ended})


@never_cache
@require_http_methods(["GET", "POST"])
def post_new(request: HttpRequest) -> HttpResponse:
    """Give a person a post."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_give_posts, actor)
    today = _today(actor)
    organs_now = [(organ.pk, organ.name) for organ in queries.open_organs(seen_by=actor, on=today)]
    serving = [(person.pk, people.staff_words(seen_by=actor, person=person)) for person in people.people_for_posts(seen_by=actor)]
    initial = {"starts_on": today, "person": request.GET.get("person", ""), "organ": request.GET.get("organ", "")}
    form = forms.PostForm(serving, organs_now, _areas(actor), request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)

        takes_two = bool(queries.critical_of(seen_by=actor, role=given["role"]))

        def act() -> Any:
            give = operations.ask_post if takes_two else operations.give_post
            return give(
                by=actor, at=at, person_id=given["person"], organ_id=given["organ"], role=given["role"], area_id=given["area"], title=given["title"],
                starts_on=given["starts_on"], ends_on=given["ends_on"],
            )  # fmt: skip

        if attempt(form, act) is not None:
            if takes_two:
                messages.success(request, _("This post takes two people. It is given as soon as a second person confirms it."))
                return HttpResponseRedirect("/administration/joint/")
            messages.success(request, _("The post is given."))
            return HttpResponseRedirect("/administration/posts/")
    return page(
        request, "administration/form.html",
        {"form": form, "title": _("New post"), "button": _("Give the post"), "back": "/administration/posts/", "back_words": _("Posts"),
         "lead": _("Somebody who is not in the list needs a log-in first."), "lead_url": "/administration/logins/new/", "lead_words": _("New log-in")},
        status=422 if form.errors else 200,
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def post_end(request: HttpRequest, post_id: int) -> HttpResponse:
    """End a post."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_give_posts, actor)
    post = queries.post_for(seen_by=actor, post_id=post_id)
    form = forms.EndPostForm(request.POST if request.method == "POST" else None, initial={"ends_on": _today(actor)})
    sent = request.method == "POST" and form.is_valid()
    if sent and attempt(form, lambda: operations.end_post(by=actor, at=at, post_id=post_id, ends_on=form.cleaned_data["ends_on"])) is not None:
        messages.success(request, _("The post ends."))
        return HttpResponseRedirect("/administration/posts/")
    title = f"{post.person} · {post.organ} · {ROLE_WORDS[post.role]}"
    return page(
        request, "administration/form.html",
        {"form": form, "title": title, "button": _("End the post"), "back": "/administration/posts/", "back_words": _("Posts"),
         "lead": _("From that day its holder serves no longer. Cases in their hands go to the organ's others.")},
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_safe
@never_cache
def roles(request: HttpRequest) -> HttpResponse:
    """Show every role with how many serve in it, how much it may do, and whether the town has changed it."""
    actor = actor_of(request)
    admit(rules.may_change_roles, actor)
    serving: dict[str, int] = {}
    for post in queries.posts(seen_by=actor, on=_today(actor)):
        serving[post.role] = serving.get(post.role, 0) + 1
    held = queries.role_abilities(seen_by=actor)
    rows = [
        (role, words, serving.get(role, 0), len(held[role]), held[role] != abilities.shipped(role), bool(held[role] & abilities.critical()),
         any(duty.role == role for duty in actor.duties))
        for role, words in ROLE_WORDS.items()
    ]  # fmt: skip
    return page(request, "organs/roles.html", {"rows": rows})


@never_cache
@require_http_methods(["GET", "POST"])
def role_edit(request: HttpRequest, role: str) -> HttpResponse:
    """Change what a role may do; a critical ability waits for a second person."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_change_roles, actor)
    if role not in ROLE_WORDS:
        raise Http404
    present, known = queries.role_abilities(seen_by=actor)[role], abilities.known()
    choices = [
        (code, _("%(title)s (takes two people)") % {"title": known[code].title} if known[code].is_critical else known[code].title)
        for code in known if known[code].is_open_to(role)
    ]  # fmt: skip
    form = forms.RoleForm(choices, request.POST if request.method == "POST" else None, initial={"abilities": sorted(present)})
    if request.method == "POST" and form.is_valid():
        wanted = frozenset(form.cleaned_data["abilities"])
        takes_two = bool((wanted ^ present) & abilities.critical())
        change = operations.ask_role if takes_two else operations.change_role
        done: Any = attempt(form, lambda: change(by=actor, at=at, role=role, wanted=wanted))
        if done is not None:
            two = _("A critical ability is among the changes. They hold as soon as a second person confirms them.")
            messages.success(request, two if takes_two else _("The role is changed."))
            return HttpResponseRedirect("/administration/joint/" if takes_two else "/administration/roles/")
    return page(
        request, "administration/form.html",
        {"form": form, "title": ROLE_WORDS[role], "button": _("Keep"), "back": "/administration/roles/", "back_words": _("Roles"),
         "lead": _("What is ticked, everybody in this role may do. What is not in the list no town gives to it: who audits does not act.")},
        status=422 if form.errors else 200,
    )  # fmt: skip
