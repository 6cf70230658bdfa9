"""Whoever must use a second factor and has none goes to set it up, and nowhere else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from gongzhi.foundation.people import queries
from gongzhi.kernel.actors import ANYONE

ALLOWED = ("/account/second-factor/", "/sign-out/", "/static/", "/language/", "/theme/", "/size/", "/health/", "/live/")
SET_UP = "people_second_factor_on"


class SecondFactorMiddleware:
    """Stands behind authentication; asks the database once a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(ALLOWED) and "sessionid" in request.COOKIES and request.user.is_authenticated:
            user = request.user
            if user.must_use_second_factor and not request.session.get(SET_UP):
                if queries.second_factor(seen_by=ANYONE, user_id=user.pk) is None:
                    return HttpResponseRedirect("/account/second-factor/")
                request.session[SET_UP] = True
        return self.get_response(request)
