"""A body has the types that the document tells, before anything reads it generously.

Pydantic takes "5" for 5 and 0 for false; ninja takes a text for a record when the text has methods of the fields' names. Who
sends such a thing has made a mistake, and is told which field it is. Numbers, days and moments themselves are read by
`kernel.api.read_strictly`.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError

Fault = tuple[tuple[str | int, ...], str]
Check = Callable[[Any, tuple[str | int, ...]], Iterator[Fault]]
_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str), "boolean": lambda value: isinstance(value, bool), "null": lambda value: value is None,
    "integer": lambda value: not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer())),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool), "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}  # fmt: skip


class Checker:
    """Turns JSON Schema into checks of types only; lengths, ranges and the rest are pydantic's."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions, self.made = definitions, dict[str, Check]()

    def of(self, schema: dict[str, Any]) -> Check:
        """Return the check of a schema."""
        if "$ref" in schema:
            return self._named(schema["$ref"].rpartition("/")[2])
        several = schema.get("anyOf") or schema.get("oneOf")
        if several:
            return self._any([self.of(one) for one in several])
        if "allOf" in schema:
            return self._each([self.of(one) for one in schema["allOf"]])
        kinds = schema.get("type", [])
        fits = [_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind in _TYPES]
        items = self.of(schema["items"]) if isinstance(schema.get("items"), dict) else None
        fields = {name: self.of(told) for name, told in schema.get("properties", {}).items()}
        more = self.of(schema["additionalProperties"]) if isinstance(schema.get("additionalProperties"), dict) else None

        def check(value: Any, place: tuple[str | int, ...]) -> Iterator[Fault]:
            if fits and not any(fit(value) for fit in fits):
                yield place, _("This is not of the documented type.")
            elif isinstance(value, list) and items is not None:
                for index, one in enumerate(value):
                    yield from items(one, (*place, index))
            elif isinstance(value, dict):
                for name, one in value.items():
                    below = fields.get(name, more)
                    if below is not None:
                        yield from below(one, (*place, name))

        return check

    def _named(self, name: str) -> Check:
        def check(value: Any, place: tuple[str | int, ...]) -> Iterator[Fault]:
            if name not in self.made:
                self.made[name] = self.of(self.definitions[name])
            yield from self.made[name](value, place)

        return check

    @staticmethod
    def _any(checks: list[Check]) -> Check:
        def check(value: Any, place: tuple[str | int, ...]) -> Iterator[Fault]:
            found: list[Fault] = []
            for one in checks:
                faults = list(one(value, place))
                if not faults:
                    return
                found = faults if not found or max(len(where) for where, _why in faults) > max(len(where) for where, _why in found) else found
            yield from found

        return check

    @staticmethod
    def _each(checks: list[Check]) -> Check:
        def check(value: Any, place: tuple[str | int, ...]) -> Iterator[Fault]:
            for one in checks:
                yield from one(value, place)

        return check


def _unpaired(body: bytes, data: Any) -> bool:
    """Return whether a text holds half of a surrogate pair, which is no character and cannot be kept."""
    if b"\\ud" not in body.lower():
        return False
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _guard(model: Any) -> None:
    """Let the model of a body refuse what is not of the documented types; its check is made when it is first asked."""
    known, original = list[Check](), model.get_request_data

    def get_request_data(request: HttpRequest, api: NinjaAPI, path_params: Any) -> Any:
        data = original(request, api, path_params)
        if data is None:
            return None
        if not known:
            schema = model.model_json_schema()
            known.append(Checker(schema.get("$defs", {})).of(schema))
        faults = [((), _("A text holds half a character."))] if _unpaired(request.body, data) else list(known[0](data, ()))
        if faults:
            raise ValidationError([{"type": "type", "loc": ("body", *place), "msg": why} for place, why in faults[:50]])
        return data

    model.get_request_data = get_request_data


def typed_as_told(api: NinjaAPI) -> None:
    """Let all operations of an API take only bodies of the types that their document tells."""
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                for model in operation.models:
                    if model.__ninja_param_source__ == "body":
                        _guard(model)
