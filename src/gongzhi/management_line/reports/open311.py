"""GeoReport v2 (wiki.open311.org/GeoReport_v2): requests, services and errors as plain data, written as JSON or XML. Pure.

Our cases have more states than `open` and `closed`; `status_notes` says the rest. A service code is a category's code, a
service request id the case's address part (2026-01847).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from xml.etree import ElementTree

from gongzhi.kernel import moments, numbers
from gongzhi.kernel.operation import Unreadable

JSON, XML = "json", "xml"
CONTENT_TYPES = {JSON: "application/json; charset=utf-8", XML: "text/xml; charset=utf-8"}
OPEN_STATES = frozenset({"draft", "opened", "assigned", "in_hand", "answered", "verified", "suspended", "returned", "reopened"})
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot carry


@dataclass(frozen=True, slots=True)
class Element:
    """How one answer is written: root, name of its entries, the answer's rows."""

    root: str
    entry: str
    rows: list[dict[str, Any]]


class BadParameter(ValueError):
    """A parameter cannot be used; `code` is the HTTP status, `description` what to do."""

    def __init__(self, code: int, description: str) -> None:
        self.code, self.description = code, description
        super().__init__(description)


def to_xml(element: Element) -> bytes:
    """Return the document; None is an empty element."""
    root = ElementTree.Element(element.root)
    for row in element.rows:
        _hang(ElementTree.SubElement(root, element.entry), row)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def definition_xml(code: str, attributes: list[dict[str, Any]]) -> bytes:
    """Return a service definition: one object, so it has a form of its own."""
    root = ElementTree.Element("service_definition")
    ElementTree.SubElement(root, "service_code").text = code
    _attributes(ElementTree.SubElement(root, "attributes"), attributes)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _attributes(parent: ElementTree.Element, attributes: list[dict[str, Any]]) -> None:
    for attribute in attributes:
        node = ElementTree.SubElement(parent, "attribute")
        _hang(node, {name: value for name, value in attribute.items() if name != "values"})
        if attribute.get("values"):
            values = ElementTree.SubElement(node, "values")
            for value in attribute["values"]:
                _hang(ElementTree.SubElement(values, "value"), value)


def discovery_xml(answer: dict[str, Any]) -> bytes:
    """Return the discovery document."""
    root = ElementTree.Element("discovery")
    for name in ("changeset", "contact", "key_service"):
        ElementTree.SubElement(root, name).text = _text(answer[name])
    endpoints = ElementTree.SubElement(root, "endpoints")
    for endpoint in answer["endpoints"]:
        node = ElementTree.SubElement(endpoints, "endpoint")
        for name in ("specification", "url", "changeset", "type"):
            ElementTree.SubElement(node, name).text = _text(endpoint[name])
        formats = ElementTree.SubElement(node, "formats")
        for kind in endpoint["formats"]:
            ElementTree.SubElement(formats, "format").text = kind
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _hang(node: ElementTree.Element, row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        ElementTree.SubElement(node, name).text = _text(value)


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _UNFIT.sub("\ufffd", str(value))


# ---- reading parameters ---------------------------------------------------------------------------------------------
def moment(text: str, name: str, *, end: bool = False) -> datetime | None:
    """Return a W3C date-time; a date alone is its first (or for an end its last) moment in UTC; refuse anything else."""
    if not text:
        return None
    text = re.sub(r"([0-9]) ([0-9]{2}:?[0-9]{2})$", r"\1+\2", text.strip())  # an unescaped plus sign
    try:
        found = moments.moment(text, UTC) if len(text) > 10 else datetime.combine(moments.day(text), time.max if end else time.min, UTC)
    except Unreadable:
        raise BadParameter(400, f"{name} must be a W3C date-time such as 2026-01-31T08:00:00Z, from 1970 to 2199.") from None
    if found.year < 1970:
        raise BadParameter(400, f"{name} must lie in the years 1970 to 2199.")
    return found


def number(text: str, name: str, *, least: float, most: float) -> float | None:
    """Return a number in a range, or None where nothing is given; refuse anything else (also 1_5, ², 1e3 and nan)."""
    if not text.strip():
        return None
    if "e" in text.lower():
        raise BadParameter(400, f"{name} must be a number.")
    try:
        return numbers.real(text, least=least, most=most)
    except numbers.OutOfRange:
        raise BadParameter(400, f"{name} must lie between {least:g} and {most:g}.") from None
    except numbers.BadNumber:
        raise BadParameter(400, f"{name} must be a number.") from None


def whole(text: str, name: str, *, least: int, most: int) -> int | None:
    """Return a whole number in a range, or None where nothing is given; refuse anything else."""
    if not text.strip():
        return None
    try:
        return numbers.whole(text, least=least, most=most)
    except numbers.OutOfRange:
        raise BadParameter(400, f"{name} must lie between {least:g} and {most:g}.") from None
    except numbers.BadNumber:
        raise BadParameter(400, f"{name} must be a whole number.") from None


def statuses(text: str) -> frozenset[str]:
    """Return which of open and closed are asked for; both when nothing is."""
    asked = {part.strip().lower() for part in text.split(",") if part.strip()}
    if asked - {"open", "closed"}:
        raise BadParameter(400, "status must be open, closed, or both with a comma.")
    return frozenset(asked or {"open", "closed"})


def listed(text: str) -> list[str]:
    """Return the parts of a comma-separated parameter."""
    return [part.strip() for part in text.split(",") if part.strip()]


def attribute_answers(given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (code, answer) of the parameters attribute[CODE]=… and attribute[CODE][]=…, in their order."""
    found = []
    for name, value in given:
        match = re.fullmatch(r"attribute\[([^\]]{1,60})\](\[\])?", name)
        if match and value.strip():
            found.append((match[1], value.strip()))
    return found
