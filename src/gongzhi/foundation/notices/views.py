"""A person's notices, and how they want to hear of things."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.foundation.notices import forms, operations, queries, rules
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, page

MOST = 30


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show the reader's notices, newest first."""
    actor = actor_of(request)
    admit(rules.may_read, actor)
    before = request.GET.get("before", "")
    found = queries.notices(seen_by=actor)
    if before.isdigit():
        found = found.filter(pk__lt=int(before))
    rows = list(found[: MOST + 1])
    return page(
        request, "notices/index.html",
        {"now": timezone.now(), "notices": rows[:MOST], "older": rows[MOST - 1].pk if len(rows) > MOST else None, "unread": queries.unread_count(seen_by=actor),
         "sees_deliveries": rules.may_see_deliveries(actor)},
    )  # fmt: skip


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice, or all, as read; one leads on to what it is about."""
    actor, chosen = actor_of(request), request.POST.get("notice", "")
    operations.read_notices(by=actor, at=timezone.now(), notice_ids=[int(chosen)] if chosen.isdigit() else None)
    if chosen.isdigit():
        notice = queries.notices(seen_by=actor).filter(pk=int(chosen)).first()
        if notice is not None and notice.url.startswith("/"):
            return HttpResponseRedirect(notice.url)
    return HttpResponseRedirect("/notices/")


@never_cache
@require_http_methods(["GET", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """Say how one wants to hear of things."""
    actor = actor_of(request)
    admit(rules.may_read, actor)
    wish = queries.choice(seen_by=actor)
    present = {"mail": wish.mail, "address": wish.address, "webhook": wish.webhook} if wish else {"mail": "none"}
    form = forms.ChoiceForm(request.POST or None, initial=present)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            operations.choose(by=actor, at=timezone.now(), mail=given["mail"], address=given["address"], webhook=given["webhook"])
            messages.success(request, _("Kept."))
            return HttpResponseRedirect("/notices/")
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    return page(request, "notices/choices.html", {"form": form}, status=200 if not form.errors else 422)


@never_cache
@require_http_methods(["GET", "POST"])
def deliveries(request: HttpRequest) -> HttpResponse:
    """Show the administrator what is on its way out, and have a failed one tried again."""
    actor = actor_of(request)
    admit(rules.may_see_deliveries, actor)
    if request.method == "POST" and request.POST.get("delivery", "").isdigit():
        operations.deliver_again(by=actor, at=timezone.now(), delivery_id=int(request.POST["delivery"]))
        messages.success(request, _("It is tried again now."))
        return HttpResponseRedirect("/notices/deliveries/")
    return page(request, "notices/deliveries.html", {"now": timezone.now(), "deliveries": list(queries.deliveries(seen_by=actor)[:100])})
