"""A form as its page draws it: each field with its words, value, fault, and where its value comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongzhi.service_line.applications import holding, vocabulary
from gongzhi.service_line.applications.models import ItemVersion


@dataclass(slots=True)
class FieldView:
    """One field."""

    rule: vocabulary.FormField
    title: str
    hint: str
    value: Any
    error: str = ""
    held: holding.Held | None = None
    why: str = ""  # the answer because of which it is asked
    drives: bool = False
    options: list[tuple[str, str]] = field(default_factory=list)

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def kind(self) -> str:
        return self.rule.kind

    @property
    def is_doubted(self) -> bool:
        """Return whether something else was written than what the town holds."""
        return self.held is not None and self.value not in (None, "", self.held.text)

    @property
    def described_by(self) -> str:
        return " ".join(part for part in (f"{self.code}-hint" if self.hint else "", f"{self.code}-error" if self.error else "") if part)

    @property
    def inputmode(self) -> str:
        return {"number": "decimal", "whole": "numeric"}.get(self.kind, "tel" if self.rule.pattern == "phone" else "text")

    @property
    def shown(self) -> str:
        value = self.value
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    @property
    def picked(self) -> list[str]:
        return [str(one) for one in self.value] if isinstance(self.value, list) else [str(self.value)] if self.value not in (None, "") else []


@dataclass(slots=True)
class Group:
    """Fields under one heading."""

    title: str
    held: list[FieldView] = field(default_factory=list)
    asked: list[FieldView] = field(default_factory=list)


def views(version: ItemVersion, values: Mapping[str, Any], held: Mapping[str, holding.Held], faults: Mapping[str, str]) -> list[Group]:
    """Return the fields that are asked with these answers, by their headings; what the town holds apart from what is asked."""
    language = get_language() or "zh"
    standing = dict(values)
    for one in version.fields:
        if one.source in held and standing.get(one.code) in (None, ""):
            standing[one.code] = held[one.source].text
    drivers = {name for one in version.fields for name in one.when}
    by_code = {one.code: one for one in version.fields}
    groups: list[Group] = []
    heading = ""
    for one in vocabulary.asked(version.fields, standing):
        heading = one.heading(language) or heading
        if not groups or groups[-1].title != heading:
            groups.append(Group(heading))
        view = FieldView(
            one, one.words(language), one.hint(language), values.get(one.code), faults.get(one.code, ""), held.get(one.source) if one.source else None,
            _why(one, by_code, standing, language), one.code in drivers, one.options(language),
        )  # fmt: skip
        (groups[-1].held if view.held is not None else groups[-1].asked).append(view)
    return groups


def _why(one: vocabulary.FormField, by_code: Mapping[str, vocabulary.FormField], values: Mapping[str, Any], language: str) -> str:
    for name in one.when:
        asked = by_code[name]
        wanted = one.when[name]
        if asked.kind == "choices" and not isinstance(wanted, dict):
            picked = [value for value in (wanted if isinstance(wanted, list) else [wanted]) if value in (values.get(name) or [])]
            answer = asked.shown(picked, language)
        else:
            answer = asked.shown(values.get(name), language)
        return _("because you answered “%(answer)s” to “%(question)s”") % {"answer": answer, "question": asked.words(language)}
    return ""
