"""Files of ballots become contests: which kind a file is, and its text. Pure."""

import codecs
import re

from gongzhi.autonomy_line.elections.contests import Malformed

CSV, BLT, PABULIB = "csv", "blt", "pb"


def text_of(content: bytes, *, kind: str = "") -> str:
    """Return the text of a file: UTF-8 (UTF-16 with its mark); older CSV of Chinese offices in GB18030, older BLT in Windows-1252."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fallback = {CSV: "gb18030", BLT: "cp1252"}.get(kind)
        if fallback:
            try:
                return content.decode(fallback)
            except UnicodeDecodeError:
                pass
        raise Malformed(content.count(b"\n", 0, error.start) + 1, "this is not text in UTF-8") from error


def kind_of(name: str, content: bytes) -> str:
    """Return which kind of file this is: by its ending where it has a known one, else by its first line."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending in (CSV, BLT, PABULIB):
        return ending
    head = next((line.strip() for line in content[:4096].decode("utf-8", "replace").lstrip("\ufeff").splitlines() if line.strip()), "")
    if head.split(";")[0].strip().strip('"').upper() == "META":
        return PABULIB
    if re.fullmatch(r"\d+\s+\d+(\s.*)?", head) or head.startswith(("#", "/*")):
        return BLT
    if "," in head:
        return CSV
    raise Malformed(1, "this is neither a CSV of ballots, nor BLT, nor a Pabulib file")
