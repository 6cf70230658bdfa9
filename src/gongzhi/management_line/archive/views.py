"""What lies in the archive, for the town's officers."""


from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gongzhi.kernel import moments
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.archive import engines, queries, rules


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    admit(rules.may_look_at, actor)
    return actor


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the archive month by month: what is where, how large, whether it is whole."""
    actor, at = _officer(request), timezone.now()
    trouble = ""
    try:
        days: int | None = queries.term(seen_by=actor)
        due = queries.due_months(seen_by=actor, at=at)
    except queries.BadTermRule as refused:
        days, due, trouble = None, [], str(refused)
    return page(
        request, "archive/index.html",
        {
            "now": at, "summary": queries.summary(seen_by=actor), "months": queries.months(seen_by=actor), "hot": queries.hot_months(seen_by=actor),
            "due": due, "days": days, "trouble": trouble, "unlisted": queries.unlisted(seen_by=actor), "engine": engines.name(),
        },
    )  # fmt: skip


@require_GET
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """Show the files of one month with their digests."""
    actor, at = _officer(request), timezone.now()
    try:
        first = moments.month(f"{year:04d}-{month:02d}")
    except moments.BadMonth as error:
        raise ObjectDoesNotExist(_("There is no such month.")) from error
    files = list(queries.archived_files(seen_by=actor).filter(month=first))
    if not files:
        raise ObjectDoesNotExist(_("Nothing of this month is in the archive."))
    return page(request, "archive/month.html", {"now": at, "month": first, "files": files})
