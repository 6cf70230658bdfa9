"""What every router of the API uses: scopes of tokens, the shape of errors, and numbers and days that are read as everywhere else."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Field, NinjaAPI, Schema
from pydantic_core import PydanticCustomError, SchemaValidator, core_schema

from gongzhi.kernel import moments, numbers
from gongzhi.kernel.operation import Refused, Unreadable
from gongzhi.kernel.web import actor_of, problem

P = ParamSpec("P")
R = TypeVar("R")

NO_TOKEN = "session"  # noqa: S105 - a scope that no token has: the route wants the session of a person


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


# ---- what routes are given ------------------------------------------------------------------------------------------
def _number_given(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    def given(value: Any) -> Any:
        if isinstance(value, bool):
            raise PydanticCustomError("number", str(_("a number, not true or false")))  # type: ignore[arg-type]
        if isinstance(value, float) and not math.isfinite(value):
            raise PydanticCustomError("number", str(_("a finite number")))  # type: ignore[arg-type]
        return _read(read, value, "number") if isinstance(value, str) else value

    return given


def _read(read: Callable[[str], Any], value: str, sort: str) -> Any:
    try:
        return read(value)
    except Unreadable as error:
        raise PydanticCustomError(sort, "{why}", {"why": str(error)}) from None


def _day_given(value: Any) -> Any:
    if isinstance(value, str):
        return _read(moments.day, value, "date")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError("date", "{why}", {"why": str(moments.BadDay(text=numbers.shown(value)))})


def _moment_given(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):  # a bare number may be of seconds or of milliseconds: nobody can know
        raise PydanticCustomError("datetime", "{why}", {"why": str(moments.BadMoment(text=numbers.shown(value)))})
    found = moments.moment_or(value)
    if found is None and moments.day_or(value) is None:
        _read(lambda text: moments.moment(text, UTC), value, "datetime")  # without a zone: in reach, and its field says whether it will do
    return found or value


_READERS: dict[str, Callable[[Any], Any]] = {
    "int": _number_given(numbers.whole), "float": _number_given(numbers.real), "decimal": _number_given(numbers.exact), "date": _day_given,
    "datetime": _moment_given,
}  # fmt: skip


def _strict(schema: Any) -> Any:
    """Return pydantic's own description of a value with our readers before each of its numbers, days and moments."""
    if isinstance(schema, list | tuple):
        return type(schema)(_strict(one) for one in schema)
    if not isinstance(schema, dict):
        return schema
    found = {name: part if name in ("cls", "default", "metadata", "serialization", "config") else _strict(part) for name, part in schema.items()}
    reader = _READERS.get(str(schema.get("type")))
    if reader is None:
        return found
    name = found.pop("ref", None)
    return core_schema.no_info_before_validator_function(reader, found, ref=name)


def read_strictly(api: NinjaAPI) -> None:
    """Have each number, day and moment that a route takes, in its address, query or body, read by `kernel.numbers` and `kernel.moments`.

    Pydantic alone takes `"1_5"` for 15, `true` for 1, `1` for a moment of 1970 and the year 1 for a day. Only what comes in is read so: answers are ours.
    """
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                for model in operation.models:
                    model.__pydantic_validator__ = SchemaValidator(_strict(model.__pydantic_core_schema__), _use_prebuilt=False)
