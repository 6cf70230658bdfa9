"""The map of a conversation as plain data: shares in per cent and places on paper, of no single person. Pure."""

from typing import Any

import numpy as np

from gongzhi.autonomy_line.voice.opinionmap import OpinionMap, Votes

WIDE, HIGH, EDGE = 358.0, 250.0, 26.0
LEAST = 5  # a group of fewer is not shown: it would be people, not an opinion
MOST_POINTS = 160
MOST_SHARED = 12


def of(votes: Votes, found: OpinionMap) -> dict[str, Any]:
    """Return what the page of the map needs; empty where there are too few voices to hide each in a group."""
    grouped = [name for name in votes.participants if name in found.groups]
    groups = [group for group, size in found.sizes.items() if size >= LEAST]
    if not groups:
        return {"voices": len(votes.participants), "grouped": len(grouped), "groups": [], "common": [], "dividing": []}
    rows = [at for at, name in enumerate(votes.participants) if found.groups.get(name) in groups]
    labels = np.array([found.groups[votes.participants[at]] for at in rows])
    where = np.array([found.places[votes.participants[at]] for at in rows])
    paper, scale, shift = _on_paper(where)
    matrix = votes.matrix[rows]
    shares = {statement: [_share(matrix[labels == group, at], 1) for group in groups] for at, statement in enumerate(votes.statements)}
    against = {statement: [_share(matrix[labels == group, at], -1) for group in groups] for at, statement in enumerate(votes.statements)}
    several = max(1, -(-len(rows) // MOST_POINTS))
    told = []
    for group in groups:
        mine = paper[labels == group]
        middle, spread = mine.mean(axis=0), np.maximum(mine.std(axis=0) * 1.9, 20.0)
        told.append({
            "size": int((labels == group).sum()), "x": round(float(middle[0]), 1), "y": round(float(middle[1]), 1), "rx": round(float(spread[0]), 1),
            "ry": round(float(spread[1]), 1), "points": _points(mine, several),
            "typical": [{"number": int(one.statement), "direction": one.direction, "share": round(one.share * 100)} for one in found.typical.get(group, ())],
        })  # fmt: skip
    return {
        "voices": len(votes.participants), "grouped": len(grouped), "each": several, "groups": told,
        "scale": scale, "shift": shift,
        "common": [
            {"number": int(one.statement), "direction": one.direction, "shares": (shares if one.direction > 0 else against)[one.statement]}
            for one in found.common[:MOST_SHARED]
        ],
        "dividing": [{"number": int(statement), "direction": 1, "shares": shares[statement]} for statement in found.dividing if len(groups) > 1],
    }  # fmt: skip


def _share(column: "np.ndarray[tuple[int], np.dtype[np.float64]]", value: int) -> int:
    """Return how many per cent of those who spoke to a statement said so."""
    seen = int(np.isfinite(column).sum())
    return round(100 * int((column == value).sum()) / seen) if seen else 0


def _on_paper(where: Any) -> tuple[Any, list[float], list[float]]:
    """Return places on the paper, and by what a place is multiplied and moved: one reader's own place is put there too."""
    low, high = where.min(axis=0), where.max(axis=0)
    size = np.array([WIDE - 2 * EDGE, HIGH - 2 * EDGE])
    scale = size / np.maximum(high - low, 1e-9)
    shift = EDGE - low * scale
    return where * scale + shift, [float(one) for one in scale], [float(one) for one in shift]


def _points(places: Any, several: int) -> list[list[float]]:
    """Return points of a group, each for `several` people who lie side by side."""
    order = np.lexsort((places[:, 1], np.round(places[:, 0] / 12)))
    ranked = places[order]
    return [[round(float(x), 1), round(float(y), 1)] for x, y in (ranked[at : at + several].mean(axis=0) for at in range(0, len(ranked), several))]


def own_place(picture: dict[str, Any], x: float | None, y: float | None) -> tuple[float, float] | None:
    """Return where a reader lies on the paper, kept inside its edges."""
    if x is None or y is None or not picture.get("scale"):
        return None
    (sx, sy), (dx, dy) = picture["scale"], picture["shift"]
    return round(min(max(x * sx + dx, 12.0), WIDE - 12), 1), round(min(max(y * sy + dy, 12.0), HIGH - 12), 1)
