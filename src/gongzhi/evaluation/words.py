"""How the evaluation says hours, shares and what was done to people."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries as cases
from gongzhi.cases.procedure import END
from gongzhi.kernel.actors import Actor


def is_english() -> bool:
    """Return whether the reader's language is English."""
    return (get_language() or "").startswith("en")


def span(hours: float | None) -> str:
    """Say a length of time in the unit that people would use: minutes below two hours, days from two days on."""
    if hours is None:
        return "—"
    if hours < 2:
        return _("%(n)s min") % {"n": round(hours * 60)}
    if hours < 48:
        return _("%(n)s h") % {"n": number_format(round(hours, 1), decimal_pos=1)}
    return _("%(n)s d") % {"n": number_format(round(hours / 24, 1), decimal_pos=1)}


def acts_and_stages(*, seen_by: Actor, kind: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the words for what is done on cases of a kind, and for its stages, by every version of its procedure."""
    language = "en" if is_english() else "zh"
    acts: dict[str, str] = dict(cases.owner_words(seen_by=seen_by))
    stages: dict[str, str] = {END: _("end")}
    for version in reversed(list(cases.procedure_versions(seen_by=seen_by, kind=kind))):
        definition = procedures.of(version)
        acts |= cases.ways_of(seen_by=seen_by, definition=definition, language=language)
        stages |= {code: stage.words(language) for code, stage in definition.stages.items()}
    return acts, stages


def word(words: Mapping[str, Any], code: str) -> str:
    """Return the word for a code, or the code where there is none."""
    return str(words.get(code) or code)
