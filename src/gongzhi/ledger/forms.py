"""What people type in to have checked."""

import re

_SUBJECT = re.compile(r"^[a-z_]+\.[a-z_]+:\d{1,18}$")
_NUMBER = re.compile(r"(\d{4})\D{1,3}(\d{1,9})")


def subject(text: str) -> str | None:
    """Return a reference such as cases.case:12, or None."""
    return text if _SUBJECT.match(text) else None


def case_slug(text: str) -> str | None:
    """Return the address part of a case number as people write it (云溪报〔2026〕01847, 2026-01847), or None."""
    found = _NUMBER.search(text)
    return f"{found[1]}-{int(found[2]):05d}" if found else None
