"""The OpenAPI document of the one API: made from the routes, each shape under a name of its own, each status named.

What every route may answer because of the middleware and the handlers around it (a token that is none, a refusal, what
cannot be read) is written here once; a route names only what is its own.
"""

import typing
from collections.abc import Iterator
from http.client import responses as PHRASES
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.schema import NinjaGenerateJsonSchema
from pydantic import BaseModel

from gongzhi.kernel.api import Problem

PROBLEM = "application/problem+json"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
WHY = {
    400: "It cannot be read at all", 401: "The token is not valid, or no longer",
    403: "Not allowed, the token's scopes do not reach, or the CSRF token is missing",
    404: "Not there, or not for the caller to see", 409: "Refused as things stand now, in words", 413: "Too large",
    422: "Some of it cannot be used; `errors` names the fields", 429: "Too many calls; `Retry-After` says when", 503: "Not to be had for the moment",
}  # fmt: skip


class TwoShapesOneName(Exception):
    """Two shapes of the API have one name, so one would be documented as the other."""


def shapes_of(annotation: Any, seen: set[type[BaseModel]] | None = None) -> Iterator[type[BaseModel]]:
    """Yield every model that an annotation names, at any depth."""
    seen = set() if seen is None else seen
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
        seen.add(annotation)
        yield annotation
        for field in annotation.model_fields.values():
            yield from shapes_of(field.annotation, seen)
    for part in typing.get_args(annotation):
        yield from shapes_of(part, seen)


def _fit(operation: Operation) -> set[int]:
    """Return the statuses that a route may answer because of what stands around every route."""
    found = {400, 401, 403, 404, 413, 422, 429, 503}
    if operation.models or UNSAFE & set(operation.methods):
        found.add(409)
    return found


class Document(OpenAPISchema):
    """The document: unique names, all statuses, problems by their own media type."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        self.owners: dict[str, str] = {}
        self.problems: set[int] = set()
        super().__init__(api, path_prefix)

    def operation_details(self, operation: Operation) -> Any:
        for model in (*operation.models, *operation.response_models.values()):
            for shape in shapes_of(model):
                self._own(shape)
        return super().operation_details(operation)

    def _own(self, shape: type[BaseModel]) -> None:
        if shape.__module__.startswith("ninja."):
            return
        home = f"{shape.__module__}.{shape.__qualname__}"
        other = self.owners.setdefault(shape.__name__, home)
        if other != home:
            raise TwoShapesOneName(f"{other} and {home} have one name; rename one of them")

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name, told in definitions.items():
            if self.schemas.setdefault(name, told) != told:
                raise TwoShapesOneName(f"{name} is one thing where it is sent and another where it is answered; make two shapes of it")

    def responses(self, operation: Operation) -> Any:
        answers: dict[Any, Any] = super().responses(operation)
        for status in _fit(operation):
            answers.setdefault(status, {})
        for status in answers:
            if status >= 400:
                self.problems.add(status)
                answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
        return dict(sorted(answers.items()))

    def get_components(self) -> Any:
        self.schemas["Problem"] = Problem.model_json_schema(mode="serialization", schema_generator=NinjaGenerateJsonSchema)
        told = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        problems = {f"Problem{status}": {"description": WHY.get(status, PHRASES.get(status, "Refused"))} | told for status in sorted(self.problems)}
        return super().get_components() | {"responses": problems}


class Api(NinjaAPI):
    """The one API, with the document above."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> OpenAPISchema:
        return Document(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation after its module and its function, whichever file of the module's API holds it."""
        home, api, _file = operation.view_func.__module__.partition(".api")
        return f"{home}{api}.{operation.view_func.__name__}".replace(".", "_")
