"""resultQuality and the data marks of HJ 212: a letter is the mark itself, some words and DQ_Result codes mean one. Pure."""

from typing import Any

MARKS = frozenset("NFMSDCTBP")  # those of HJ 212-2017 (N F M S D C T B), and P
_WORDS = {
    "good": "N", "valid": "N", "ok": "N", "passed": "N", "有效": "N", "正常": "N", "bad": "D", "invalid": "D", "fault": "D", "failed": "D",
    "无效": "D", "异常": "D", "故障": "D", "maintenance": "M", "检修": "M", "维护": "M", "calibration": "C", "校准": "C", "manual": "S",
}  # fmt: skip
_WITHIN = ("DQ_Result", "code", "value")


def mark_of(quality: Any) -> str:
    """Return the data mark that a resultQuality means, - where it means none that is known."""
    for _level in range(4):
        if not isinstance(quality, dict):
            break
        quality = next((quality[name] for name in _WITHIN if name in quality), None)
    if not isinstance(quality, str):
        return "-"
    text = quality.strip()
    return text if text in MARKS else _WORDS.get(text.lower(), "-")


def is_plain(quality: Any) -> bool:
    """Return whether the mark says all: nothing more need be kept."""
    return quality is None or quality == "-" or (isinstance(quality, str) and quality in MARKS)
