"""Event logs as OCEL 2.0 (Object-Centric Event Log, ocel-standard.org, JSON): cases with the organs that acted and the area they lie in. Pure."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gongzhi.cases.queries import History


def document(log: "Iterable[History]", *, organs: Mapping[int, str], areas: Mapping[int, str]) -> dict[str, Any]:
    """Return the log as OCEL 2.0. `organs` and `areas` are names by id; who is none of them is not told."""
    events: list[dict[str, Any]] = []
    objects: list[dict[str, Any]] = []
    types: dict[str, None] = {}
    used_organs: dict[int, None] = {}
    used_areas: dict[int, None] = {}
    for one in log:
        case = f"case:{one.number}"
        relations = []
        if one.area_id in areas:
            used_areas[one.area_id] = None  # type: ignore[index]
            relations.append({"objectId": f"area:{one.area_id}", "qualifier": "lies in"})
        objects.append({"id": case, "type": "case", "attributes": [{"name": "number", "time": one.opened_at.isoformat(), "value": one.number}],
                        "relationships": relations})  # fmt: skip
        for number, (activity, at, organ_id) in enumerate(one.events):
            types[activity] = None
            related = [{"objectId": case, "qualifier": "of"}]
            if organ_id in organs:
                used_organs[organ_id] = None  # type: ignore[index]
                related.append({"objectId": f"organ:{organ_id}", "qualifier": "by"})
            events.append({"id": f"{one.number}#{number}", "type": activity, "time": at.isoformat(), "attributes": [], "relationships": related})
    for sort, used, names in (("organ", used_organs, organs), ("area", used_areas, areas)):
        objects += [
            {"id": f"{sort}:{pk}", "type": sort, "attributes": [{"name": "name", "time": "1970-01-01T00:00:00+00:00", "value": names[pk]}], "relationships": []}
            for pk in used
        ]
    return {
        "objectTypes": [
            {"name": sort, "attributes": [{"name": name, "type": "string"}]} for sort, name in (("case", "number"), ("organ", "name"), ("area", "name"))
        ],
        "eventTypes": [{"name": name, "attributes": []} for name in types],
        "objects": objects,
        "events": events,
    }  # fmt: skip
