"""The Common Alerting Protocol 预警信息 (OASIS CAP 1.2): messages read, judged and written. Pure: no database, no settings.

A message is judged element by element as the standard's schema says: order, how often, simple types. What the standard says
in words only (a closed polygon, references of an update) is told apart as `remarks`: such a message is valid.
Source: OASIS Standard CAP-V1.2-OS, 1 July 2010.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

NS = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
MOST_BYTES = 1_000_000

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([-+])(\d\d):(\d\d)", re.ASCII)
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", re.ASCII)
_INTEGER, _DECIMAL = re.compile(r"[-+]?\d+", re.ASCII), re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_PCHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_USER, _HOST = _PCHAR.replace("@", ""), _PCHAR.replace(":@", "")
_URI = re.compile(  # a URI reference (RFC 3986); what anyURI allows beyond it is set as "_" before
    rf"(?:[A-Za-z][A-Za-z0-9+.\-]*:(?:{{authority}}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|{_PCHAR}+(?:/{_PCHAR}*)*|)"
    rf"|{{authority}}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|{_PCHAR.replace(':@', '@')}+(?:/{_PCHAR}*)*|)"
    rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?".replace("{authority}", rf"//(?:{_USER}*@)?(?:\[[^\]]*\]|{_HOST}*)(?::\d*)?"),
    re.ASCII,
)
_FOREIGN_TO_URI = re.compile(r"[^\x21-\x7e]|[<>\"{}|\\^`]")
_PAIR = re.compile(r"-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?", re.ASCII)
_NO_PLACE_IN_NAMES = re.compile(r"[\s,<&]")

STATUS = ("Actual", "Exercise", "System", "Test", "Draft")
MESSAGE = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPE = ("Public", "Restricted", "Private")
CATEGORY = ("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other")
RESPONSE = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
URGENCY = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITY = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTY = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")


class NotValid(ValueError):
    """A message that the schema does not allow; the text says where and why."""


# ---- simple types ---------------------------------------------------------------------------------------------------
def moment_of(text: str) -> datetime | None:
    """Return a CAP dateTime (2026-07-01T08:00:00+08:00), or None where it is none. Hour 24 is the next day's midnight, as XML Schema has it."""
    found = _MOMENT.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    hours, minutes = int(found[8]), int(found[9])
    if minutes > 59 or hours > 14 or (hours == 14 and minutes):
        return None
    written = found[0]
    ends_the_day = found[4] == "24"
    if ends_the_day:
        if (found[5], found[6]) != ("00", "00"):
            return None
        written = f"{written[:11]}00{written[13:]}"
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    if ends_the_day:
        try:
            return read + timedelta(days=1)
        except OverflowError:
            return None
    return read


def _fault_of(kind: "str | tuple[str, ...]", text: str) -> str:
    """Return what is wrong with the text of a simple element, or ""."""
    if isinstance(kind, tuple):
        return "" if text in kind else f"“{_short(text)}” is none of {', '.join(kind)}"
    plain = " ".join(text.split())
    match kind:
        case "moment":
            return "" if moment_of(text) is not None else f"“{_short(text)}” is no date and time such as 2026-07-01T08:00:00+08:00"
        case "language":
            return "" if _LANGUAGE.fullmatch(plain) else f"“{_short(text)}” names no language"
        case "uri":
            return "" if _URI.fullmatch(_FOREIGN_TO_URI.sub("_", plain)) else f"“{_short(text)}” is no address"
        case "integer":
            return "" if _INTEGER.fullmatch(plain) else f"“{_short(text)}” is no whole number"
        case "decimal":
            return "" if _DECIMAL.fullmatch(plain) else f"“{_short(text)}” is no number"
        case _:
            return ""


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 40 else plain[:39] + "…"


# ---- the schema -----------------------------------------------------------------------------------------------------
MANY = 10**9
Part = tuple[str, "str | tuple[str, ...] | list[Part]", int, int]  # name, type or parts, how often at least, at most
_VALUE: list[Part] = [("valueName", "string", 1, 1), ("value", "string", 1, 1)]
_RESOURCE: list[Part] = [
    ("resourceDesc", "string", 1, 1), ("mimeType", "string", 1, 1), ("size", "integer", 0, 1), ("uri", "uri", 0, 1), ("derefUri", "string", 0, 1),
    ("digest", "string", 0, 1),
]  # fmt: skip
_AREA: list[Part] = [
    ("areaDesc", "string", 1, 1), ("polygon", "string", 0, MANY), ("circle", "string", 0, MANY), ("geocode", _VALUE, 0, MANY), ("altitude", "decimal", 0, 1),
    ("ceiling", "decimal", 0, 1),
]  # fmt: skip
_INFO: list[Part] = [
    ("language", "language", 0, 1), ("category", CATEGORY, 1, MANY), ("event", "string", 1, 1), ("responseType", RESPONSE, 0, MANY),
    ("urgency", URGENCY, 1, 1), ("severity", SEVERITY, 1, 1), ("certainty", CERTAINTY, 1, 1), ("audience", "string", 0, 1), ("eventCode", _VALUE, 0, MANY),
    ("effective", "moment", 0, 1), ("onset", "moment", 0, 1), ("expires", "moment", 0, 1), ("senderName", "string", 0, 1), ("headline", "string", 0, 1),
    ("description", "string", 0, 1), ("instruction", "string", 0, 1), ("web", "uri", 0, 1), ("contact", "string", 0, 1), ("parameter", _VALUE, 0, MANY),
    ("resource", _RESOURCE, 0, MANY), ("area", _AREA, 0, MANY),
]  # fmt: skip
_ALERT: list[Part] = [
    ("identifier", "string", 1, 1), ("sender", "string", 1, 1), ("sent", "moment", 1, 1), ("status", STATUS, 1, 1), ("msgType", MESSAGE, 1, 1),
    ("source", "string", 0, 1), ("scope", SCOPE, 1, 1), ("restriction", "string", 0, 1), ("addresses", "string", 0, 1), ("code", "string", 0, MANY),
    ("note", "string", 0, 1), ("references", "string", 0, 1), ("incidents", "string", 0, 1), ("info", _INFO, 0, MANY),
]  # fmt: skip


def _split(tag: str) -> tuple[str, str]:
    space, _brace, name = tag.rpartition("}")
    return space.removeprefix("{"), name


def _check(element: Element, parts: "list[Part]", where: str, *, is_root: bool = False) -> None:
    _check_attributes(element, where)
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise NotValid(f"{where}: text stands between its elements")
    children = list(element)
    if is_root:
        while children and _split(children[-1].tag)[0] == SIGNATURE:
            children.pop()
    place = 0
    for name, kind, least, most in parts:
        count = 0
        while place < len(children) and children[place].tag == f"{{{NS}}}{name}" and count < most:
            count += 1
            _check_one(children[place], kind, f"{where}/{name}" + (f"[{count}]" if most > 1 and count > 1 else ""))
            place += 1
        if count < least:
            instead = f"; {_named(children[place])} stands there instead" if place < len(children) else ""
            raise NotValid(f"{where}/{name} is missing{instead}")
    if place < len(children):
        raise NotValid(f"{where}: {_named(children[place])} is not expected there")


def _named(element: Element) -> str:
    space, name = _split(element.tag)
    return f"<{name}>" if space == NS else f"<{name}> of {space or 'no namespace'}"


def _check_one(element: Element, kind: "str | tuple[str, ...] | list[Part]", where: str) -> None:
    if isinstance(kind, list):
        _check(element, kind, where)
        return
    _check_attributes(element, where)
    if len(element):
        raise NotValid(f"{where} holds text, not {_named(element[0])}")
    fault = _fault_of(kind, element.text or "")
    if fault:
        raise NotValid(f"{where}: {fault}")


def _check_attributes(element: Element, where: str) -> None:
    for name in element.attrib:
        if _split(name) not in ((INSTANCE, "schemaLocation"), (INSTANCE, "noNamespaceSchemaLocation")):
            raise NotValid(f"{where} has the attribute {_split(name)[1]}, which CAP does not know")


# ---- reading --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Area:
    """Where a message holds. Polygons and circles in WGS-84 degrees, (latitude, longitude) as CAP writes them; radius in km."""

    words: str
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """What a message says in one language."""

    event: str
    urgency: str
    severity: str
    certainty: str
    categories: tuple[str, ...]
    language: str = "en-US"
    responses: tuple[str, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()

    @property
    def is_chinese(self) -> bool:
        return self.language.lower().startswith("zh")


@dataclass(frozen=True, slots=True)
class Message:
    """A CAP message."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    kind: str  # msgType
    scope: str
    infos: tuple[Info, ...] = ()
    references: tuple[tuple[str, str, str], ...] = ()  # (sender, identifier, sent) of earlier messages
    note: str = ""
    remarks: tuple[str, ...] = field(default=())

    def info(self, language: str = "zh") -> Info | None:
        """Return what is said in this language, or else what is said first."""
        wanted = [one for one in self.infos if one.language.lower().startswith(language)]
        return next(iter([*wanted, *self.infos]), None)


def read(content: bytes) -> Message:
    """Return a message; raises NotValid with the place and the reason. Documents with a type declaration or entities are not taken."""
    if len(content) > MOST_BYTES:
        raise NotValid(f"the file is larger than {MOST_BYTES // 1000} kB")
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except ElementTree.ParseError as error:
        raise NotValid(f"no well-formed XML: {error}") from error
    except DefusedXmlException as error:
        raise NotValid("a document type declaration or entity stands in it; such a file is not taken") from error
    except (ValueError, LookupError) as error:  # an encoding that is not one
        raise NotValid(f"no readable XML: {error}") from error
    if root.tag != f"{{{NS}}}alert":
        raise NotValid(f"the root is {_named(root)}, not <alert> of CAP 1.2 ({NS})")
    _check(root, _ALERT, "alert", is_root=True)
    message = _message(root)
    return Message(**{name: getattr(message, name) for name in Message.__slots__ if name != "remarks"}, remarks=tuple(_remarks(root, message)))


def _all(element: Element, name: str) -> list[Element]:
    return element.findall(f"{{{NS}}}{name}")


def _text(element: Element, name: str, otherwise: str = "") -> str:
    found = element.find(f"{{{NS}}}{name}")
    return otherwise if found is None else (found.text or "").strip()


def _pairs(element: Element, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one, "valueName"), _text(one, "value")) for one in _all(element, name))


def _message(root: Element) -> Message:
    sent = moment_of(_text(root, "sent"))
    assert sent is not None  # checked
    references = tuple(tuple(part.split(",", 2)) for part in _text(root, "references").split() if part.count(",") >= 2)
    return Message(
        identifier=_text(root, "identifier"), sender=_text(root, "sender"), sent=sent, status=_text(root, "status"), kind=_text(root, "msgType"),
        scope=_text(root, "scope"), infos=tuple(_info(one) for one in _all(root, "info")), references=references, note=_text(root, "note"),  # type: ignore[arg-type]
    )  # fmt: skip


def _info(element: Element) -> Info:
    return Info(
        event=_text(element, "event"), urgency=_text(element, "urgency"), severity=_text(element, "severity"), certainty=_text(element, "certainty"),
        categories=tuple((one.text or "").strip() for one in _all(element, "category")), language=_text(element, "language", "en-US"),
        responses=tuple((one.text or "").strip() for one in _all(element, "responseType")), effective=moment_of(_text(element, "effective")),
        onset=moment_of(_text(element, "onset")), expires=moment_of(_text(element, "expires")), sender_name=_text(element, "senderName"),
        headline=_text(element, "headline"), description=_text(element, "description"), instruction=_text(element, "instruction"),
        web=_text(element, "web"), contact=_text(element, "contact"), parameters=_pairs(element, "parameter"),
        areas=tuple(_area(one) for one in _all(element, "area")),
    )  # fmt: skip


def points_of(polygon: str) -> tuple[tuple[float, float], ...]:
    """Return the points of a polygon, (latitude, longitude); empty where one of them is no pair of degrees."""
    pairs = polygon.split()
    if not pairs or not all(_PAIR.fullmatch(pair) for pair in pairs):
        return ()
    points = tuple((float(pair.split(",")[0]), float(pair.split(",")[1])) for pair in pairs)
    return points if all(abs(latitude) <= 90 and abs(longitude) <= 180 for latitude, longitude in points) else ()


def _circle(text: str) -> tuple[float, float, float] | None:
    centre, _space, radius = text.strip().partition(" ")
    points = points_of(centre)
    if not points or not _DECIMAL.fullmatch(radius.strip()) or float(radius) < 0:
        return None
    return (*points[0], float(radius))


def _area(element: Element) -> Area:
    return Area(
        words=_text(element, "areaDesc"), polygons=tuple(points_of(one.text or "") for one in _all(element, "polygon")),
        circles=tuple(found for one in _all(element, "circle") if (found := _circle(one.text or "")) is not None), codes=_pairs(element, "geocode"),
    )  # fmt: skip


def _remarks(root: Element, message: Message) -> Iterator[str]:
    """Yield what the standard asks in words and the schema cannot see (CAP 1.2, §3.2)."""
    for name in ("identifier", "sender"):
        if not _text(root, name) or _NO_PLACE_IN_NAMES.search(_text(root, name)):
            yield f"{name}: must not be empty nor hold spaces, commas, < or & (§3.2.1)"
    if message.kind in ("Update", "Cancel", "Ack", "Error") and not message.references:
        yield f"references: a message of the type {message.kind} names those that it is about (§3.2.1)"
    if message.scope == "Restricted" and not _text(root, "restriction"):
        yield "restriction: must be said where the scope is Restricted (§3.2.1)"
    if message.scope == "Private" and not _text(root, "addresses"):
        yield "addresses: must be said where the scope is Private (§3.2.1)"
    for info in message.infos:
        if info.expires is not None and info.expires <= (info.effective or message.sent):
            yield "expires: ends before it begins (§3.2.2)"
    for area in root.iter(f"{{{NS}}}area"):
        for polygon in _all(area, "polygon"):
            points = points_of(polygon.text or "")
            if len(points) < 4 or points[0] != points[-1]:
                yield "polygon: at least four pairs of degrees, the last the first again (§3.2.4)"
        for circle in _all(area, "circle"):
            if _circle(circle.text or "") is None:
                yield "circle: a point, a space, a radius in kilometres (§3.2.4)"


# ---- writing --------------------------------------------------------------------------------------------------------
def write(message: Message) -> bytes:
    """Return the message as XML in UTF-8; what `read` takes back is the same."""
    root = Element("alert", {"xmlns": NS})
    for name, value in (
        ("identifier", message.identifier), ("sender", message.sender), ("sent", _written(message.sent)), ("status", message.status),
        ("msgType", message.kind), ("scope", message.scope), ("note", message.note),
        ("references", " ".join(",".join(one) for one in message.references)),
    ):  # fmt: skip
        _add(root, name, value)
    for info in message.infos:
        _write_info(SubElement(root, "info"), info)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")


def _written(at: datetime) -> str:
    """Return a moment as CAP writes it: whole seconds, the offset as +hh:mm (never Z)."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return at.isoformat(timespec="seconds")


def _add(parent: Element, name: str, value: str) -> None:
    if value:
        SubElement(parent, name).text = value


def _write_info(element: Element, info: Info) -> None:
    _add(element, "language", info.language)
    for category in info.categories:
        _add(element, "category", category)
    _add(element, "event", info.event)
    for response in info.responses:
        _add(element, "responseType", response)
    for name, value in (("urgency", info.urgency), ("severity", info.severity), ("certainty", info.certainty)):
        _add(element, name, value)
    for name, moment in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires)):
        _add(element, name, _written(moment) if moment else "")
    for name, value in (
        ("senderName", info.sender_name), ("headline", info.headline), ("description", info.description), ("instruction", info.instruction),
        ("web", info.web), ("contact", info.contact),
    ):  # fmt: skip
        _add(element, name, value)
    for name, value in info.parameters:
        parameter = SubElement(element, "parameter")
        _add(parameter, "valueName", name)
        SubElement(parameter, "value").text = value
    for area in info.areas:
        _write_area(SubElement(element, "area"), area)


def _write_area(element: Element, area: Area) -> None:
    _add(element, "areaDesc", area.words)
    for polygon in area.polygons:
        _add(element, "polygon", " ".join(f"{latitude:.6f},{longitude:.6f}" for latitude, longitude in polygon))
    for latitude, longitude, radius in area.circles:
        _add(element, "circle", f"{latitude:.6f},{longitude:.6f} {radius:g}")
    for name, value in area.codes:
        code = SubElement(element, "geocode")
        _add(code, "valueName", name)
        SubElement(code, "value").text = value
