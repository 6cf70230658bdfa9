"""The letter of a document cut into its clauses. Pure."""

import re

_CLAUSE = re.compile(r"^[\s\u3000]*(第[一二三四五六七八九十百千零〇两\d]+条(?:之[一二三四五六七八九十]+)?|Article\s+\d+)[\s\u3000:：.]*(.*)$")
_HEAD = re.compile(r"^[\s\u3000]*第[一二三四五六七八九十百千零〇两\d]+[编章节][\s\u3000]+\S.*$")
MOST = 300  # clauses of one document


def split(text: str) -> list[tuple[str, str]]:
    """Return the clauses of a document as (number, text), in order; ("", text) for a paragraph outside any clause and for a heading.

    A clause goes on until the next one or a heading; a text without clauses is cut at its empty lines.
    """
    lines = [line.strip("\u3000 \t") for line in text.replace("\r\n", "\n").split("\n")]
    if not any(_CLAUSE.match(line) for line in lines):
        parts = re.split(r"\n\s*\n", "\n".join(lines))
        return [("", part.strip()) for part in parts if part.strip()]
    found: list[tuple[str, list[str]]] = []
    is_open = False
    for line in lines:
        if not line:
            continue
        begins = _CLAUSE.match(line)
        if begins:
            found.append((re.sub(r"\s+", " ", begins[1]), [begins[2].strip()]))
            is_open = True
        elif _HEAD.match(line) or not is_open:
            found.append(("", [line]))
            is_open = False
        else:
            found[-1][1].append(line)
    return [(number, "\n".join(part for part in parts if part)) for number, parts in found]


def joined(clauses: list[tuple[str, str]]) -> str:
    """Return clauses as one text that `split` cuts into the same."""
    return "\n\n".join(f"{number}　{text}" if number else text for number, text in clauses)
