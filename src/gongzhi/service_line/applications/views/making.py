"""The catalogue's desk: a department makes and changes its matters and sees them as an applicant would; the committee adopts them."""

from typing import Any

import yaml
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.service_line.applications import content, operations, queries, rules, vocabulary
from gongzhi.service_line.applications.forms import ItemForm
from gongzhi.service_line.applications.models import ItemVersion, ServiceItem
from gongzhi.service_line.applications.views import _fields

BLANK = """\
code: JY-99
unit: {unit}
family: business
title: {{zh: 事项名称, en: Name of the matter}}
summary: {{zh: 一句话说明办什么, en: What it is about}}
power: permit
applicants: [person, firm]
basis: 法律名称和条款
conditions: {{zh: 每行一个条件}}
words: [大家怎么说这件事]
pattern: ordinary
statutory: 20
promised: 10
result: 证照名称
fee: 不收费
form:
  - {{code: name, title: {{zh: 姓名, en: Name}}, kind: text, from: person.name}}
materials:
  - {{code: proof, title: {{zh: 证明材料, en: Proof}}}}
"""


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List all matters, drafts too, with what waits for adoption on top."""
    actor = actor_of(request)
    admit(rules.may_see_drafts, actor)
    waiting = [(draft, rules.may_adopt_items(actor, draft)) for draft in queries.drafts_waiting(seen_by=actor)[:200]]
    listed = list(queries.items(seen_by=actor)[:1000])
    return page(request, "applications/made.html", {"items": listed, "waiting": waiting, "may_draft": rules.may_draft_items(actor)})


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """Change what a matter says, and see it as an applicant would; each save is the draft of its next version."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_draft_items, actor)
    item = queries.item_for(seen_by=actor, code=code) if code else None
    draft = queries.draft_of(seen_by=actor, item=item) if item is not None else None
    if request.method == "POST":
        form = ItemForm(request.POST)
        if form.is_valid():
            made = attempt(form, lambda: operations.draft_item(by=actor, at=at, content_of=form.cleaned_data["content"]))
            if made is not None:
                messages.success(request, _("Kept as a draft; the committee adopts it."))
                return HttpResponseRedirect(f"/matters/made/{made.item.code}/")
    else:
        form = ItemForm(initial={"content": written(draft or (item.current if item is not None else None), item) or BLANK.format(unit=_own_unit(actor))})
    shown = draft or (item.current if item is not None else None)
    groups: list[Any] = _fields.views(shown, {}, {}, {}) if shown is not None else []
    return page(request, "applications/edit.html", {
        "item": item, "draft": draft, "form": form, "groups": groups, "version": shown, "may_adopt": draft is not None and rules.may_adopt_items(actor, draft),
        "may_end": item is not None and item.is_offered and rules.may_end_item(actor, item), "patterns": sorted(vocabulary.PATTERNS),
    }, status=422 if form.errors else 200)  # fmt: skip


def _own_unit(actor: Any) -> str:
    return next((organs.organ_for(seen_by=actor, organ_id=duty.organ_id).code for duty in actor.duties if duty.can("may_draft_items")), "centre")


def written(version: ItemVersion | None, item: ServiceItem | None) -> str:
    """Return what a version says as the YAML from which it could have been made; "" of none."""
    if version is None or item is None:
        return ""
    told: dict[str, Any] = {"code": item.code, "unit": item.organ.code, "family": item.family}
    for name in ("title", "summary", "conditions", "promise"):
        words = {key: text for key, text in (("zh", getattr(version, name)), ("en", getattr(version, f"{name}_en"))) if text}
        if words:
            told[name] = words
    for name in sorted(content._ALLOWED - set(told) - {"statutory", "promised", "title", "summary", "conditions", "promise"}):
        value = getattr(version, name)
        if value not in (None, "", []):
            told[name] = value
    told |= {"statutory": version.statutory_days, "promised": version.promised_days}
    return str(yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=120))


@require_POST
def adopt(request: HttpRequest, code: str) -> HttpResponseBase:
    """Adopt the draft of a matter."""
    adopted = operations.adopt_item(by=actor_of(request), at=timezone.now(), code=code)
    messages.success(request, _("Adopted: %(title)s, version %(n)d.") % {"title": adopted.name, "n": adopted.number})
    return HttpResponseRedirect("/matters/made/")


@require_POST
def end(request: HttpRequest, code: str) -> HttpResponseBase:
    """Offer a matter no more."""
    operations.end_item(by=actor_of(request), at=timezone.now(), code=code)
    messages.success(request, _("It is offered no more; running applications go on."))
    return HttpResponseRedirect("/matters/made/")
