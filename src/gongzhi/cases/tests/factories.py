"""A town with organs, people, a responsibility list and a procedure, made through operations."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from gongzhi.cases import kind as kinds
from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs import queries as organ_queries
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory.tests.factories import make_areas, middle
from gongzhi.kernel.actors import ANYONE, Actor, system

MAKER = system("tests")
PROCEDURE = Path(__file__).with_name("need.yaml")
DAYS: dict[str, Any] = {"has_categories": True, "limit": (5, "working_days")}
KIND = kinds.register(kinds.CaseKind(code="need", title="Need", line="management", mark="需", procedure=PROCEDURE, **DAYS))
READ_KIND = kinds.register(kinds.CaseKind(code="beep", title="Beep", line="management", mark="响", procedure=PROCEDURE, verify="reading", **DAYS))


@dataclass
class Made:
    """What a test may need of the town."""

    at: datetime
    areas: dict[str, Any] = field(default_factory=dict)
    organs: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    categories: dict[str, Any] = field(default_factory=dict)

    def by(self, who: str) -> Actor:
        """Return a person as an actor."""
        return organ_queries.actor_for_person(seen_by=ANYONE, person_id=self.people[who].pk, at=self.at)

    def open(self, **more: Any) -> Any:
        """Open a case in the first western grid, raised by the resident."""
        longitude, latitude = middle(0, 0)
        need = {
            "kind": "need", "title": "垃圾桶满溢", "text": "文昌路垃圾桶满了两天",
            "raised_by_id": self.people["resident"].pk, "category_id": self.categories["bin"].pk, "longitude": longitude, "latitude": latitude,
        } | more  # fmt: skip
        by, at, beside = need.pop("by", None) or self.by("resident"), need.pop("at", self.at), need.pop("beside", None)
        need["attachment_ids"] = tuple(need.get("attachment_ids", ()))
        return cases.open_case(by=by, at=at, need=cases.Need(**need), beside=beside)


def make_town_with_list(at: datetime) -> Made:
    """Return a made town: utilities lead bins, enforcement leads parking, nobody leads smells."""
    early = at - timedelta(days=100)
    made = Made(at=at, areas=make_areas(early))
    for code, kind, area in (
        ("committee", "committee", None), ("centre", "department", None), ("utilities", "department", None), ("enforcement", "department", None),
        ("station", "station", "west"), ("firm", "enterprise", None),
    ):  # fmt: skip
        made.organs[code] = organs.define_organ(by=MAKER, at=early, kind=kind, code=code, name=code, area_id=made.areas[area].pk if area else None)
    for who, organ, role, area in (
        ("dispatcher", "centre", "dispatcher", None), ("supervisor", "centre", "supervisor", None), ("member", "committee", "committee_member", None),
        ("officer", "utilities", "department_officer", None), ("officer2", "utilities", "department_officer", None),
        ("enforcer", "enforcement", "department_officer", None), ("walker", "station", "grid_worker", "west"), ("contact", "firm", "enterprise_contact", None),
        ("resident", None, None, None), ("neighbour", None, None, None),
    ):  # fmt: skip
        person = people.register_person(by=MAKER, at=early, kind="staff" if organ else "resident", name=who, public_name=who, phone="13800001234")
        made.people[who] = person
        if organ and role:
            organs.give_post(
                by=MAKER, at=early, person_id=person.pk, organ_id=made.organs[organ].pk, role=role, starts_on=date(2026, 1, 1),
                area_id=made.areas[area].pk if area else None,
            )  # fmt: skip
    main = cases.define_category(by=MAKER, at=early, code="H3", name="市容环卫", life="home")
    for key, lead, limit in (("bin", "utilities", (1, "working_days")), ("parking", "enforcement", (2, "working_days")), ("smell", None, (5, "working_days"))):
        made.categories[key] = cases.define_category(
            by=MAKER, at=early, code=f"H3-{key}", name=key, life="home", parent_id=main.pk, limit=limit
        )
        if lead:
            cases.define_responsibility(
                by=MAKER, at=early, clause=f"A-{key}", category_id=made.categories[key].pk, lead_id=made.organs[lead].pk, starts_on=date(2026, 1, 1)
            )
    for kind in ("need", "beep"):
        cases.adopt_procedure(by=MAKER, at=early, kind=kind, definition=procedures.read(PROCEDURE.read_text(encoding="utf-8")), reason="first")
    return made
