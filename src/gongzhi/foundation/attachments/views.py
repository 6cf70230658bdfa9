"""Files behind unguessable addresses, for whoever may see what they hang on."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from gongzhi.foundation.attachments import queries, rules
from gongzhi.kernel.web import actor_of

YEAR = 31_536_000


@require_GET
def attachment(request: HttpRequest, key: str, variant: str = "") -> HttpResponseBase:
    """Give a file or one of its variants; what one may not see is not found."""
    actor = actor_of(request)
    found = queries.attachment_by_key(seen_by=actor, key=key)
    if not rules.may_see(actor, found):
        raise Http404
    stored = found.variants.get(variant) if variant else found.stored
    if stored is None:
        raise Http404
    tag = f'"{found.sha256[:32]}{variant}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304)
    try:
        opened = default_storage.open(stored)
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(opened, content_type="image/jpeg" if variant else found.content_type, filename=found.name)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = f"{'public' if found.is_public else 'private'}, max-age={YEAR}, immutable"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
