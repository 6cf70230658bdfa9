"""What supervised units say of their devices and readings: the officers' page, and the unit's own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.sensing import forms, operations, queries, rules


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List what waits for confirmation, then what was decided; beside claimed readings, what counts now."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_read_proposals, actor)
    found = queries.proposals(seen_by=actor)
    claims = [one.said.pk for one in found if one.matter == "readings"]
    beside = queries.claimed_beside(seen_by=actor, claim_ids=claims)
    rows = [(one, rules.may_confirm(actor, one.station), beside.get(one.said.pk, []) if one.matter == "readings" else []) for one in found]
    return page(
        request, "sensing/claims.html",
        {"now": at, "waiting": [row for row in rows if row[0].is_open], "decided": [row for row in rows if not row[0].is_open], "form": forms.DecisionForm(),
         "confirms": rules.confirms(actor), "longest": queries.longest_work(seen_by=actor)},
    )  # fmt: skip


@never_cache
@require_POST
def decide(request: HttpRequest, matter: str, proposal_id: int) -> HttpResponse:
    """Confirm or decline one of them."""
    actor, at = actor_of(request), timezone.now()
    if matter not in queries.MATTERS:
        raise Http404
    confirmed = request.POST.get("decision") == "confirm"
    try:
        operations.decide_proposal(
            by=actor, at=at, matter=matter, proposal_id=proposal_id, confirmed=confirmed, answer=request.POST.get("answer", "")[:200]
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Confirmed. It counts from now on.") if confirmed else _("Not confirmed. The unit reads why."))
    return HttpResponseRedirect("/stations/claims/")
