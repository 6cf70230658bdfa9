"""Public pages of the ledger, and the log as other tools read it."""

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.web import actor_of, page, problem
from gongzhi.ledger import forms, queries, tiles

MOST = 15


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the head of the log, its newest entries, and where to have something checked."""
    kind = request.GET.get("kind", "")
    kind = kind if kind.isidentifier() else ""
    who = "all" if kind or request.GET.get("who") == "all" else "people"  # what people did is first; what runs by itself is more, and tells less
    before = forms.whole(request.GET.get("before", ""))
    views = queries.latest(seen_by=ANYONE, most=MOST + 1, kind=kind, before=before, by_people=who == "people")
    return page(
        request, "ledger/index.html",
        {
            "now": timezone.now(), "head": queries.checkpoint(seen_by=ANYONE), "views": views[:MOST], "kind": kind, "who": who,
            "kinds": queries.kinds(seen_by=ANYONE),
            "older": views[MOST - 1].entry.pk if len(views) > MOST else None, "heads": queries.checkpoints(seen_by=ANYONE, most=8),
        },
    )  # fmt: skip


@require_safe
def look_up(request: HttpRequest) -> HttpResponse:
    """Lead from a case number or an entry's number to what is to be checked."""
    text = request.GET.get("q", "").strip()[:80]
    if forms.subject(text):
        return HttpResponseRedirect(f"/ledger/subjects/{text}/")
    place = forms.entry_index(text)
    if place is not None:
        return HttpResponseRedirect(f"/ledger/entries/{place}/")
    slug = forms.case_slug(text)
    if slug:
        found = queries.subject_of_number(seen_by=actor_of(request), digits=slug.replace("-", ""))
        if found:
            return HttpResponseRedirect(f"/ledger/subjects/{found}/")
    return page(request, "ledger/not_found.html", {"q": text}, status=404)


@require_safe
def subject(request: HttpRequest, subject: str) -> HttpResponse:
    """Show all entries about one thing; the reader's own device checks them."""
    if forms.subject(subject) is None:
        raise Http404
    views = queries.entries_for(seen_by=actor_of(request), subject=subject)
    if not views:
        raise Http404
    head = queries.checkpoint(seen_by=ANYONE)
    sealed = sum(view.is_sealed for view in views)
    return page(
        request, "ledger/subject.html",
        {"now": timezone.now(), "subject": subject, "views": list(reversed(views)), "head": head, "sealed": sealed, "waiting": len(views) - sealed,
         "number": next((view.entry.content["number"] for view in views if "number" in view.entry.content), "")},
    )  # fmt: skip


@require_safe
def subject_proofs(request: HttpRequest, subject: str) -> HttpResponse:
    """Give the leaves, paths and the signed head that prove the entries about one thing."""
    if forms.subject(subject) is None:
        raise Http404
    return JsonResponse(queries.proofs_for_subject(seen_by=actor_of(request), subject=subject), json_dumps_params={"ensure_ascii": False})


@require_safe
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """Show one entry with its proof."""
    view = queries.entry_at(seen_by=actor_of(request), index=index)
    proof = queries.proof_for(seen_by=ANYONE, index=index)
    return page(
        request, "ledger/entry.html",
        {"now": timezone.now(), "view": view, "proof": proof, "judged": queries.judge_own(seen_by=ANYONE, proof=proof) if proof else None,
         "form": queries.public_form(seen_by=ANYONE, entry=view.entry) if view.entry.is_public else None},
    )  # fmt: skip


@require_safe
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """Give one entry's proof as JSON; `?size=` names an older head."""
    size = request.GET.get("size", "")
    if size and forms.whole(size) is None:
        return problem(400, _("Must be a whole number."), field="size", code="Invalid")
    found = queries.proof_for(seen_by=ANYONE, index=index, size=forms.whole(size))
    if found is None:
        raise Http404
    return JsonResponse(found.bundle(), json_dumps_params={"ensure_ascii": False})


@require_safe
def consistency(request: HttpRequest) -> HttpResponse:
    """Give the proof that the log of `?old=` entries is the beginning of the one of `?size=` (or the newest)."""
    old, size = (forms.whole(request.GET.get(name, "")) for name in ("old", "size"))
    if old is None:
        return problem(400, _("Must be a whole number."), field="old", code="Invalid")
    if size is None and request.GET.get("size"):
        return problem(400, _("Must be a whole number."), field="size", code="Invalid")
    found = queries.consistency(seen_by=ANYONE, old=old, size=size)
    if found is None:
        raise Http404
    return JsonResponse(found)


@require_safe
def opening(request: HttpRequest, index: int) -> HttpResponse:
    """Give a private entry with its salt to those who may see it, so that they can check what is behind its leaf."""
    answer = JsonResponse(queries.opening(seen_by=actor_of(request), index=index), json_dumps_params={"ensure_ascii": False})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Check a proof that somebody brings, however old: its entries, its signature, and whether the log still begins so."""
    form = forms.ProofForm(request.POST, request.FILES) if request.method == "POST" else forms.ProofForm()
    judged = queries.judge(seen_by=ANYONE, brought=form.cleaned_data["given"]) if request.method == "POST" and form.is_valid() else None
    status = 422 if request.method == "POST" and judged is None else 200
    return page(
        request, "ledger/check.html", {"now": timezone.now(), "form": form, "judged": judged, "head": queries.checkpoint(seen_by=ANYONE)}, status=status
    )


def _log(body: Any, *, seconds: int, media: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=media)
    answer.headers["Cache-Control"] = f"public, max-age={seconds}" + (", immutable" if seconds > 3600 else "")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Give the newest signed head (C2SP tlog-checkpoint)."""
    head = queries.checkpoint(seen_by=ANYONE)
    if head is None:
        raise Http404
    return _log(head.note.encode(), seconds=2, media="text/plain; charset=utf-8")


@require_safe
def tile(request: HttpRequest, place: str) -> HttpResponse:
    """Give a tile of hashes, or a bundle of entries (C2SP tlog-tiles)."""
    level, _slash, rest = place.partition("/")
    try:
        number, width = tiles.read_place(rest)
        if level == "entries":
            body = tiles.bundle(queries.bundle_entries(seen_by=ANYONE, number=number, width=width))
        elif forms.whole(level) is not None and (level == "0" or level[0] != "0"):
            body = queries.tile_bytes(seen_by=ANYONE, level=int(level), number=number, width=width)
        else:
            raise tiles.NoSuchTile(level)
    except tiles.NoSuchTile as error:
        raise Http404 from error
    return _log(body, seconds=31_536_000, media="application/octet-stream")


@require_safe
def vkey(request: HttpRequest) -> HttpResponse:
    """Give the key by which the heads' signatures are verified."""
    head = queries.checkpoint(seen_by=ANYONE)
    if head is None:
        raise Http404
    return _log(head.vkey + "\n", seconds=300, media="text/plain; charset=utf-8")


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Give the program that checks a proof without this product: one file, Python's standard library only."""
    answer = HttpResponse((Path(__file__).parent / "verify_proof.py").read_text(encoding="utf-8"), content_type="text/x-python; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="verify_proof.py"'
    return answer
