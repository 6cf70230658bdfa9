"""Real benefits of another country as criteria: what their publishers wrote as data is read by its shape, not by its name.

Their records hold `conditions_generales` (all of them), `profils` (one of them, with conditions of its own) and
`conditions` (sentences, which a person confirms). Fields are declared as the records need them.
"""

import hashlib
import html
import re
from dataclasses import dataclass, field
from typing import Any

from gongzhi.foundation.criteria.subjects import Field, Sort, Subject

PROFILE = "profile"
MONTHS = {"month": "EUR/month", "year": "EUR/year"}
CHILDREN = (Field("birth", "birth", Sort.DATE, span_title="âge"),)
AREAS = {"regions": "region", "departements": "departement", "communes": "commune", "epcis": "epci"}


class Unexpressed(Exception):
    """A condition that the language cannot say."""


@dataclass
class Reading:
    """Reads benefits and gathers the fields that they speak of."""

    fields: dict[str, Field] = field(default_factory=dict)

    def subject(self) -> Subject:
        return Subject("applicant", "Demandeur", tuple(self.fields.values()))

    def need(self, code: str, sort: Sort, **more: Any) -> str:
        known = self.fields.setdefault(code, Field(code, code.replace("_", " "), sort, **more))
        if known.sort is not sort:
            raise Unexpressed(f"{code} is {known.sort} and {sort}")
        return code

    def condition(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Return one condition as a definition; raise Unexpressed where something of it would be lost."""
        kind, rest = raw["type"], {name for name in raw if name != "type"}
        if kind == "age" and rest == {"operator", "value"}:
            return {"field": self.need("birth", Sort.DATE, span_title="âge"), "years": raw["operator"], "value": raw["value"]}
        if rest == {"operator", "value", "age_min", "age_max"}:
            where = {"all": [{"field": "birth", "years": ">=", "value": raw["age_min"]}, {"field": "birth", "years": "<=", "value": raw["age_max"]}]}
            return {"count": self.need(kind, Sort.LIST, fields=CHILDREN), "where": where, "is": raw["operator"], "value": raw["value"]}
        if rest == {"operator", "value", "period"} and raw["period"] in MONTHS:
            return {"field": self.need(kind, Sort.NUMBER, unit="EUR/month"), "is": raw["operator"], "value": raw["value"], "unit": MONTHS[raw["period"]]}
        if rest == {"operator", "value"}:
            return {"field": self.need(kind, Sort.NUMBER), "is": raw["operator"], "value": raw["value"]}
        if rest == {"values"}:
            return {"field": self.need(AREAS.get(kind, kind), Sort.CODE), "is": "in", "value": raw["values"]}
        if rest and rest <= {"includes", "excludes"}:
            code = self.need(kind, Sort.CODE)
            parts = [{"field": code, "is": {"includes": "in", "excludes": "not_in"}[name], "value": raw[name]} for name in sorted(rest)]
            return parts[0] if len(parts) == 1 else {"all": parts}
        if not rest or (rest == {"value"} and isinstance(raw["value"], bool)):
            return {"field": self.need(kind, Sort.FLAG), "is": "=", "value": raw.get("value", True)}
        raise Unexpressed(raw)

    def profile(self, raw: dict[str, Any]) -> dict[str, Any]:
        self.need(PROFILE, Sort.CODES)
        return {"all": [{"field": PROFILE, "is": "has", "value": raw["type"]}, *(self.condition(one) for one in raw.get("conditions") or [])]}

    def benefit(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Return a benefit's conditions as one definition."""
        parts = [self.condition(one) for one in raw.get("conditions_generales") or []]
        profiles = [self.profile(one) for one in raw.get("profils") or []]
        if profiles:
            parts.append({"any": profiles})
        for sentence in raw.get("conditions") or []:
            words = html.unescape(re.sub(r"<[^>]+>", "", sentence)).strip()
            parts.append({"ask": hashlib.sha256(sentence.encode()).hexdigest()[:20], "words": words[:1_000]})
        return {"all": parts}
