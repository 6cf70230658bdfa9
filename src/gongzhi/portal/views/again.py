"""Going on after a session has ended."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.portal.middleware import ended
from gongzhi.portal.views.choices import back


@never_cache
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Show what was written before the session ended, to be sent or thrown away; POST throws it away."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"/sign-in/?next={ended.AGAIN}")
    kept = ended.kept_form(request)
    if kept is None or request.method == "POST":
        request.session.pop(ended.KEPT, None)
        return HttpResponseRedirect("/welcome/")
    return ended.show_again(request, kept)


@never_cache
@require_GET
def signed_in(request: HttpRequest) -> HttpResponse:
    """Say in a second tab that one is signed in and may go on in the first."""
    return render(request, "portal/signed_in.html")


@never_cache
@require_GET
def stay_signed_out(request: HttpRequest) -> HttpResponse:
    """Forget in this browser whose session had ended, so that pages no longer speak of it."""
    answer = back(request)
    answer.delete_cookie(ended.COOKIE, samesite="Lax")
    request.session.pop(ended.KEPT, None)
    return answer
