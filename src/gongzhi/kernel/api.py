"""What every router of the API uses: scopes of tokens, the shape of errors."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema

from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, problem

P = ParamSpec("P")
R = TypeVar("R")


class Problem(Schema):
    """An error, as application/problem+json (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = ""
    field: str | None = Field(None, description="the input that it is about")
    errors: list[dict[str, Any]] | None = Field(None, description="each input that cannot be used, and why")


class ScopeMissing(Refused):
    """The token does not reach that far."""

    sentence = _("This token does not have the scope %(scope)s.")


def may_with(request: HttpRequest, scope: str) -> bool:
    """Return whether the caller's token has the scope; who has signed in themselves needs none."""
    scopes = actor_of(request).scopes
    return scopes is None or scope in scopes


def needs(scope: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Refuse calls whose token lacks the scope (403, problem+json); the scope stands in the route's description."""

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not may_with(request, scope):
                return problem(403, str(ScopeMissing(scope=scope)), code="ScopeMissing", scope=scope)
            return view(request, *args, **kwargs)

        guarded.needs_scope = scope  # type: ignore[attr-defined]
        guarded.__doc__ = f"{(view.__doc__ or '').rstrip()}\n\nScope: `{scope}`."
        return guarded

    return wrap
