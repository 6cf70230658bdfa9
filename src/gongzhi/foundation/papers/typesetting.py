"""Data and a template become a PDF/A-2a and PDF/UA-1 file, or a refusal. By typst, which sees our templates and fonts only.

Data goes in as JSON and templates set it as text, so nothing in it is ever read as markup. In plain mode typst may drop a
character that a font lacks without a word; in PDF/A mode it stops. Whatever it says, errors and warnings, refuses the paper.
"""

import io
import json
import logging
import re
import threading
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import segno
import typst
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.papers.sorts import LAYOUTS, LINES, TABLE, TEXT, PaperSort, Part
from gongzhi.kernel.operation import Refused

log = logging.getLogger(__name__)
STANDARDS: list[Any] = ["a-2a", "ua-1"]
MOST_TEXT = 20_000  # characters of one text
MOST_ROWS = 2_000
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}  # controls, what turns or hides text, private use, unassigned
_NAMED = re.compile(r'the text `"(.*?)"` could not be displayed')
_turn = threading.Lock()  # one paper is set at a time in a process: a page of tables takes 80 MB


class CannotBeWritten(Refused):
    sentence = _("The paper cannot be written: there is no way to print “%(characters)s” (in “%(where)s”). Please correct it.")


class DoesNotFit(Refused):
    sentence = _("The paper cannot be written: “%(where)s” is missing or has not the form that this sort of paper takes.")


class NotSet(Refused):
    sentence = _("The paper could not be written, so nothing was done. Please tell the administrator.")
    status = 500


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Return the fonts of papers: Noto Sans CJK, with the rare characters of names."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(Path(manimgx_fonts_cjk.__file__).parent)])


def _shown(characters: str) -> str:
    return "".join(one if one.isprintable() else f"U+{ord(one):04X}" for one in characters)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise DoesNotFit(where=where)
    told = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " "))
    bad = [one for one in told if one != "\n" and unicodedata.category(one) in _HIDDEN]
    if bad:
        raise CannotBeWritten(characters=_shown("".join(dict.fromkeys(bad))), where=where)
    return told


def _shaped(part: Part, value: Any) -> Any:
    if part.shape == TEXT:
        return _text(value, part.name)
    if not isinstance(value, list | tuple) or len(value) > MOST_ROWS:
        raise DoesNotFit(where=part.name)
    if part.shape == LINES:
        return [_text(line, part.name) for line in value]
    if any(not isinstance(row, list | tuple) or len(row) != part.columns for row in value):
        raise DoesNotFit(where=part.name)
    return [[_text(cell, part.name) for cell in row] for row in value]


def read(sort: PaperSort, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a paper in the shape that its sort says; what may be left out is empty. Raises DoesNotFit, CannotBeWritten."""
    known = {part.name for part in sort.parts}
    for name in data:
        if name not in known:
            raise DoesNotFit(where=name)
    found: dict[str, Any] = {}
    for part in sort.parts:
        value = data.get(part.name)
        if value in (None, "", [], ()):
            if part.required:
                raise DoesNotFit(where=part.name)
            found[part.name] = "" if part.shape == TEXT else []
        else:
            found[part.name] = _shaped(part, value)
    assert all(part.shape in (TEXT, LINES, TABLE) for part in sort.parts)
    return found


def qr(text: str) -> str:
    """Return a QR code as SVG, dark on light, for the template to set."""
    written = io.BytesIO()
    segno.make(text, error="m", micro=False).save(written, kind="svg", scale=4, border=2, dark="#000", light="#fff", xmldecl=False)
    return written.getvalue().decode()


def set_paper(template: Path, *, head: Mapping[str, Any], data: Mapping[str, Any], at: datetime) -> bytes:
    """Return the PDF/A file of a template with a head (what every paper says) and the data of its sort. Raises CannotBeWritten, NotSet."""
    told = {**{name: _text(value, name) if name != "qr" and isinstance(value, str) else value for name, value in head.items()}, "data": data}
    with _turn:
        compiler = typst.Compiler(template.read_bytes(), root=LAYOUTS, font_paths=fonts())
        try:
            made, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_standards=STANDARDS, timestamp=at.astimezone(UTC).replace(microsecond=0),  # it takes no zone whose offset may change
                sys_inputs={"paper": json.dumps(told, ensure_ascii=False)},
            )  # fmt: skip
        except typst.TypstError as error:
            named = _NAMED.search(error.message)
            if named:
                raise CannotBeWritten(characters=named[1], where=_where(named[1], told)) from error
            log.error("%s cannot be set: %s", template.name, error.message)
            raise NotSet from error
    if warnings:
        log.error("%s cannot be set: %s", template.name, "; ".join(warning.message for warning in warnings))
        raise NotSet
    assert isinstance(made, bytes)
    return made


def _where(characters: str, told: Mapping[str, Any]) -> str:
    """Return the name of the part that holds these characters."""
    wanted = characters[:1]

    def holds(value: Any) -> bool:
        return wanted in value if isinstance(value, str) else any(holds(one) for one in value) if isinstance(value, list) else False

    parts = {**{name: value for name, value in told.items() if name != "data"}, **told["data"]}
    return next((name for name, value in parts.items() if holds(value)), "")
