"""Papers: what a PDF says of who made it is taken out before it is kept. Pure.

A PDF is written anew by its pages alone: the entry of its author and programs, XMP, what editors leave for themselves, names on notes
in its margin, and all that earlier versions of the file still hold beneath the last one do not go along.

Two sorts are left as they came. One that is signed: a signature says who signed on purpose, and is void when a byte changes. One
that cannot be taken apart (damaged, locked by a password, of too many parts): it is kept for those who work with it, and never public.
"""

import io
import logging
import threading
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)
MOST_PARTS = 8_000  # of one file; a report of two hundred pages has some thousand, and each takes a millisecond
MOST_DEEP = 200
ABOUT = ("/Metadata", "/PieceInfo", "/LastModified", "/SpiderInfo")  # of the file and of any part of it (ISO 32000-2, 14.3, 14.5, 14.10)
ABOUT_FILES = ("/Params", "/UF", "/Desc")  # dates and paths of files that are packed into it
NOTES = ("/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Caret",
         "/Stamp", "/Ink", "/FileAttachment", "/Redact", "/Popup")  # fmt: skip
ABOUT_NOTES = ("/T", "/M", "/CreationDate", "/NM", "/Subj")  # who wrote a note and when (12.5.6.2)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A paper as it is kept, and whether others may read it: nothing in it says who made it but what its pages show and its signers signed."""

    content: bytes
    is_clean: bool


_one = threading.Semaphore(1)  # so many are taken apart at once: it is work for the processor, and pages want it too


def prepare(content: bytes) -> Prepared:
    """Return a PDF without what it says of its makers; as it came where it is signed or cannot be taken apart. Never raises."""
    if b"/ByteRange" in content and b"/Encrypt" not in content:  # the first stands in the open in whatever is signed: it counts the bytes of the file (12.8.1)
        return Prepared(content, is_clean=True)
    try:
        with _one:
            made = _anew(content)
    except Exception as error:  # whatever a damaged file leads the library to
        log.info("a paper of %d bytes cannot be taken apart: %s", len(content), error)
        return Prepared(content, is_clean=False)
    return Prepared(content, is_clean=False) if made is None else Prepared(made, is_clean=True)


def _anew(content: bytes) -> bytes | None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    reader = PdfFileReader(io.BytesIO(content), strict=False)
    if reader.encrypted or int(reader.trailer["/Size"]) > MOST_PARTS:
        return None
    made = copy_into_new_writer(reader, writer_kwargs={"info": None})
    for part in made.objects.values():
        _strip(part)
    named = _named(made.objects, made.root_ref.idnum)
    for place in [place for place in made.objects if place[1] not in named]:
        del made.objects[place]
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def _named(parts: dict[tuple[int, int], Any], root: int) -> set[int]:
    """Return the numbers of the parts that are still named by one that is, beginning with the root."""
    from pyhanko.pdf_utils.generic import IndirectObject

    by_number = {number: part for (_generation, number), part in parts.items()}
    named, waiting = {root}, [by_number[root]]
    while waiting:
        part = waiting.pop()
        if isinstance(part, IndirectObject):
            if part.idnum not in named and part.idnum in by_number:
                named.add(part.idnum)
                waiting.append(by_number[part.idnum])
        elif isinstance(part, dict):
            waiting += dict.values(part)
        elif isinstance(part, list):
            waiting += list.__iter__(part)
    return named


def _strip(part: Any, depth: int = 0) -> None:
    """Take out of a part, and of what stands within it, what tells of its makers; what it only names is a part of its own."""
    if depth > MOST_DEEP:
        raise ValueError("too deep")
    if isinstance(part, dict):
        gone = list(ABOUT)
        if part.get("/Subtype") in NOTES:
            gone += ABOUT_NOTES
        if part.get("/Type") in ("/Filespec", "/EmbeddedFile"):
            gone += ABOUT_FILES
        for name in gone:
            part.pop(name, None)
        for within in list(dict.values(part)):
            _strip(within, depth + 1)
    elif isinstance(part, list):
        for within in list.__iter__(part):
            _strip(within, depth + 1)
