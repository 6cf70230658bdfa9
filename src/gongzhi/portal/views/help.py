"""Help, by audience."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gongzhi.kernel.web import page
from gongzhi.portal import helping


@require_safe
def help_for(request: HttpRequest, audience: str = "") -> HttpResponse:
    """Show the help of one audience, or of which audiences there is help."""
    shown = helping.audience(audience)
    if audience and shown is None:
        raise Http404
    return page(request, "portal/help.html", {"audiences": helping.AUDIENCES, "shown": shown})
