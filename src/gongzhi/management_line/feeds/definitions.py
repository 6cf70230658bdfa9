"""Mappings as people write them: a list in YAML (JSON is YAML too). Pure."""

import math
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from typing import Any

import yaml
from django.utils.translation import gettext as _

from gongzhi.management_line.feeds.mapping import BadMapping

MOST_TEXT = 200_000
MOST = 100


def read(text: str) -> list[dict[str, Any]]:
    """Return the definitions of a text; raise BadMapping where it is none. What each says is checked by Compiled."""
    if len(text) > MOST_TEXT or _has_aliases(text):
        raise BadMapping([("definitions", _("the text is too large, or repeats parts by reference"))])
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = _("this cannot be read as YAML")
        if mark is not None:
            why = _("line %(line)d cannot be read as YAML: %(why)s") % {"line": mark.line + 1, "why": getattr(error, "problem", "")}
        raise BadMapping([("definitions", why)]) from error
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise BadMapping([("definitions", _("write a list of mappings, each with its topic"))])
    if len(found) > MOST:
        raise BadMapping([("definitions", _("at most %(most)d mappings") % {"most": MOST})])
    return [_plain(one) for one in found]


def _has_aliases(text: str) -> bool:
    """Return whether a text repeats parts by reference; a few lines could then grow to gigabytes."""
    if "*" not in text:
        return False
    try:
        return any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return False  # said with its line by the reader


def _plain(value: Any) -> Any:
    """Return what JSON can hold: YAML's dates become texts, keys too."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def write(definitions: Sequence[Fields[str, Any]]) -> str:
    """Return definitions as the text that people read and change."""
    if not definitions:
        return ""
    return yaml.safe_dump([_in_order(one) for one in definitions], allow_unicode=True, sort_keys=False, width=110, default_flow_style=None)


_ORDER = ("path", "column", "topic", "format", "each", "station", "factor", "value", "values", "aggregate", "unit", "flag", "time", "time_form")


def _in_order(value: Any) -> Any:
    """Return fields in the order in which people read them; the database keeps none."""
    if isinstance(value, Fields):
        names = sorted(value, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
        return {name: _in_order(value[name]) for name in names}
    return [_in_order(one) for one in value] if isinstance(value, list) else value
