"""Acting on a case: one form each, one operation each."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gongzhi.cases import acts, operations, queries
from gongzhi.cases.views._reader import reader, whole
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import NotAllowed, Refused
from gongzhi.kernel.web import page

if TYPE_CHECKING:
    from datetime import datetime

    from gongzhi.cases.models import Case

DONE = "acts_done"  # in the session: key of a form → where it led, so that the same form sent twice acts once
MOST_DONE = 20
BOARD = "/desk/dispatch/"
FOLLOW = "follow"  # whoever raised it came from their own page of the case and goes back there


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def act(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Show the form of an act on a case, or do it. What was typed stays when it is refused; the same form acts once."""
    actor, at = reader(request)
    face = acts.face_of(name)
    if face is None:
        raise Http404(name)
    case = queries.case_for(seen_by=actor, slug=slug)
    if request.method != "POST":
        return _show(request, actor, case, face, _form(face, actor, case, at, request), status=200)
    key = request.POST.get("key", "")[:40]
    done = request.session.get(DONE, {})
    if key and key in done:
        return _leave(request, done[key])
    form = _form(face, actor, case, at, request)
    if not form.is_valid():
        return _show(request, actor, case, face, form, status=422)
    try:
        result = perform(face, actor, at, case, form.cleaned_data, version=whole(request.POST.get("version")))
    except NotAllowed:
        raise
    except operations.ChangedMeanwhile as refused:
        form.add_error(None, str(refused))
        return _show(request, actor, queries.case_or_none(seen_by=actor, slug=slug) or case, face, form, status=409)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return _show(request, actor, case, face, form, status=409)
    if face.code == "show_contact":
        return page(request, "cases/contact.html", {"case": case, "shown": result, "now": at}, fragment="cases/_contact.html")
    target = f"/cases/{result.slug}/" if face.code in ("refer", "merge") else f"/cases/{case.slug}/"
    if request.POST.get("back") == BOARD:
        target = BOARD
    elif request.POST.get("back") == FOLLOW:
        target = f"/follow/{case.slug}/"
    if key:
        request.session[DONE] = dict([*done.items(), (key, target)][-MOST_DONE:])
    messages.success(request, str(face.done))
    return _leave(request, target)


def perform(face: acts.CaseAct, actor: Actor, at: "datetime", case: "Case", data: dict[str, Any], *, version: int | None) -> Any:
    """Do the act with the parsed words of its form, as decided on that version of the case; photos become attachments first."""
    papers = []
    if data.get("photos"):
        if face.code not in acts.codes_now(seen_by=actor, case=case, at=at):
            acts.decide(face, by=actor, at=at, case=case, data=data, version=version)  # refused by the operation in its own words, before anything is stored
        is_public = case.visibility == "public" and not data.get("internal")
        papers = [attachments.add_attachment(by=actor, at=at, content=photo.read(), name=photo.name, is_public=is_public).pk for photo in data["photos"]]
    return acts.decide(face, by=actor, at=at, case=case, data=data, papers=papers, version=version)


def _form(face: acts.CaseAct, actor: Actor, case: "Case", at: "datetime", request: HttpRequest) -> Any:
    if request.method == "POST":
        return face.form(request.POST, request.FILES, case=case, actor=actor, at=at)
    initial = {name: value for name, value in request.GET.items() if name in face.form.base_fields}
    form = face.form(case=case, actor=actor, at=at, initial=initial)
    form.initial.update(initial)
    return form


def _leave(request: HttpRequest, target: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)


def _show(request: HttpRequest, actor: Actor, case: "Case", face: acts.CaseAct, form: Any, *, status: int) -> HttpResponse:
    """Show the form. What cannot be done now says so instead of asking for words in vain."""
    is_possible = face.code in acts.codes_now(seen_by=actor, case=case, at=form.at)
    if not is_possible and not actor.is_signed_in and not actor.case_ids:
        return HttpResponseRedirect(f"/sign-in/?{urlencode({'next': request.path})}")
    asked_from = request.POST.get("back") or request.GET.get("back")
    context = {
        "case": case, "face": face, "form": form, "back": FOLLOW if asked_from == FOLLOW else "",
        "home": f"/follow/{case.slug}/" if asked_from == FOLLOW else f"/cases/{case.slug}/", "is_possible": is_possible or status != 200,
        "key": request.POST.get("key") or get_random_string(20), "others": [one for one in acts.now(seen_by=actor, case=case, at=form.at) if one is not face],
    }  # fmt: skip
    return page(request, "cases/act.html", context, fragment="cases/_act.html", status=status)

