"""Opinion groups by the Polis method: who votes alike, what is typical of each group, what nearly all share. Pure; NumPy only.

Source: C. Small and others, "Polis: Scaling deliberation by mapping high dimensional opinion spaces" (Recerca 26, 2021), and the published description
of its mathematics. In order:

1. Votes are a matrix with gaps: agree 1, disagree -1, pass 0. A gap becomes the mean of its statement; statements that moderation left out count zero.
2. The two main directions of the matrix (principal components) are the map. Who voted little lies near the middle only because of the gaps; so each
   is moved out by the root of (statements over values of their own; a statement that was left out has its value zero for everybody).
3. Those with at least seven votes (or all, where there are fewer statements) are grouped: first into up to a hundred base clusters by k-means, then the
   base clusters, weighted by their members, into two to five groups. The number of groups is the one with the best silhouette; a conversation that goes
   on changes it only when the same other number wins four times running (`Smoother`).
   k-means finds the nearest hollow, not the deepest: it begins from a split along the main direction, and another beginning takes its place only where
   it fits by a hundredth better, so that the map does not jump between two that are equally good.
4. A statement is typical of a group where its members agree (or disagree) with it more surely than others do: two one-sided tests at 90 %.
   Common ground is what more than half of everybody, and of every group, share.

The same votes always give the same map: beginnings are chosen by rule, never by chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

LEAST_VOTES = 7
BASE_CLUSTERS = 100
MOST_GROUPS = 5
SURE = 1.2815515655446004  # the 90th percentile of the normal distribution, one-sided
MOST_TYPICAL = 5
PATIENCE = 4


@dataclass(frozen=True, kw_only=True)
class Votes:
    """Who voted what: rows are participants, columns are statements, a gap is NaN."""

    participants: tuple[str, ...]
    statements: tuple[str, ...]
    matrix: Floats
    left_out: frozenset[str] = frozenset()  # statements that moderation took out


@dataclass(frozen=True, kw_only=True)
class Typical:
    """A statement that speaks for a group."""

    statement: str
    direction: int  # 1: the group agrees with it, -1: it disagrees
    votes: int  # of the group in this direction
    seen: int  # of the group on this statement
    share: float
    surer_than_others: float  # how many times the share of the others


@dataclass(frozen=True, kw_only=True)
class Common:
    """A statement that all groups share."""

    statement: str
    direction: int
    share: float
    votes: int
    seen: int
    least: float  # the share in the group that shares it least


@dataclass(frozen=True, kw_only=True)
class OpinionMap:
    """The outcome."""

    groups: Mapping[str, int]
    places: Mapping[str, tuple[float, float]]
    statement_places: Mapping[str, tuple[float, float]]
    typical: Mapping[int, tuple[Typical, ...]]
    common: tuple[Common, ...]
    dividing: tuple[str, ...]
    explained: tuple[float, float]
    silhouettes: Mapping[int, float]
    count: int
    sizes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Smoother:
    """How many groups a running conversation shows, and which other number has won how often running."""

    shown: int = 0
    rival: int = 0
    wins: int = 0

    def after(self, best: int) -> "Smoother":
        """Return what is shown when another count says `best`."""
        if not self.shown or best == self.shown:
            return Smoother(shown=self.shown or best)
        wins = self.wins + 1 if best == self.rival else 1
        return Smoother(shown=best) if wins >= PATIENCE else Smoother(shown=self.shown, rival=best, wins=wins)


def filled(votes: Votes) -> Floats:
    """Return the matrix without gaps: each is the mean of its statement; what moderation left out is zero."""
    matrix = votes.matrix.copy()
    for at, statement in enumerate(votes.statements):
        if statement in votes.left_out:
            matrix[:, at] = 0.0
    seen = np.isfinite(matrix)
    count = seen.sum(axis=0)
    means = np.divide(np.where(seen, matrix, 0.0).sum(axis=0), count, out=np.zeros(matrix.shape[1]), where=count > 0)
    return np.where(seen, matrix, means)


def components(matrix: Floats) -> tuple[Floats, Floats, tuple[float, float]]:
    """Return the means, the two main directions (rows), and how much of the whole spread each explains."""
    means = matrix.mean(axis=0) if len(matrix) else np.zeros(matrix.shape[1])
    centred = matrix - means
    rows, columns = centred.shape
    if columns <= rows:
        values, vectors = np.linalg.eigh(centred.T @ centred)
        order = np.argsort(values)[::-1][:2]
        directions, spread = vectors[:, order].T, values[order]
        whole = float(values.clip(min=0).sum())
    else:
        values, vectors = np.linalg.eigh(centred @ centred.T)
        order = np.argsort(values)[::-1][:2]
        spread = values[order].clip(min=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            directions = np.nan_to_num((centred.T @ vectors[:, order] / np.sqrt(spread)).T)
        whole = float(values.clip(min=0).sum())
    if len(directions) < 2:
        directions = np.vstack([directions, np.zeros((2 - len(directions), columns))])
        spread = np.append(spread, np.zeros(2 - len(spread)))
    for row in directions:  # a direction has no sign of its own: the largest part is positive
        if row[np.argmax(np.abs(row))] < 0:
            row *= -1
    shares = tuple(float(max(value, 0.0)) / whole if whole else 0.0 for value in spread)
    return means, directions, (shares[0], shares[1])


def places(votes: Votes, matrix: Floats, means: Floats, directions: Floats) -> Floats:
    """Return where each participant lies: moved out by the root of statements over values of their own."""
    known = np.isfinite(votes.matrix)
    known[:, [at for at, statement in enumerate(votes.statements) if statement in votes.left_out]] = True
    factor = np.sqrt(matrix.shape[1] / np.maximum(1, known.sum(axis=1)))
    return (matrix - means) @ directions.T * factor[:, None]


def distances(points: Floats, centres: Floats) -> Floats:
    """Return squared distances of points to centres."""
    return np.maximum((points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)[None, :], 0.0)


def k_means(points: Floats, weights: Floats, start: Floats, rounds: int = 100) -> tuple[Labels, Floats]:
    """Return labels and centres of weighted k-means from these first centres; a centre that nobody is near stays where it is."""
    centres = start.copy()
    labels = np.full(len(points), -1, dtype=np.int64)
    for _round in range(rounds):
        fresh = distances(points, centres).argmin(axis=1)
        if np.array_equal(fresh, labels):
            break
        labels = fresh
        mass = np.bincount(labels, weights=weights, minlength=len(centres))
        sums = np.stack([np.bincount(labels, weights=weights * points[:, axis], minlength=len(centres)) for axis in range(points.shape[1])], axis=1)
        occupied = mass > 0
        centres[occupied] = sums[occupied] / mass[occupied, None]
    return labels, centres


def silhouette(points: Floats, labels: Labels, weights: Floats) -> float:
    """Return the mean silhouette: how much nearer each is to its own group than to the next, from -1 to 1."""
    apart = np.sqrt(distances(points, points))
    kinds = np.unique(labels)
    if len(kinds) < 2:
        return -1.0
    member = (labels[:, None] == kinds[None, :]).astype(float)
    mass = member.sum(axis=0)
    sums = apart @ member
    own = np.searchsorted(kinds, labels)
    rows = np.arange(len(points))
    inner = sums[rows, own] / np.maximum(mass[own] - 1, 1)
    means = sums / mass
    means[rows, own] = np.inf
    outer = means.min(axis=1)
    top = np.maximum(inner, outer)
    score = np.divide(outer - inner, top, out=np.zeros(len(points)), where=top > 0)
    score[mass[own] == 1] = 0.0
    return float((score * weights).sum() / weights.sum())


def _beginnings(points: Floats, weights: Floats, count: int) -> list[Floats]:
    """Return where k-means may begin: splits along both directions into equal parts, the farthest apart, the first of the list."""
    found = []
    for axis in (0, 1):
        order = np.argsort(points[:, axis], kind="stable")
        reached = np.cumsum(weights[order]) / weights.sum()
        picked = [order[min(len(order) - 1, int(np.searchsorted(reached, (part + 0.5) / count)))] for part in range(count)]
        found.append(points[picked])
    middle = np.average(points, axis=0, weights=weights)
    far = [int(distances(points, middle[None, :])[:, 0].argmax())]
    while len(far) < count:
        far.append(int(distances(points, points[far]).min(axis=1).argmax()))
    return [*found, points[far], points[:count]]


BETTER = 0.99  # another beginning must leave less than this part of the first one's spread


def groups_of(points: Floats, weights: Floats, count: int) -> Labels:
    """Return labels of so many groups."""
    kept: tuple[float, Labels] | None = None
    for start in _beginnings(points, weights, count):
        if len(np.unique(start, axis=0)) < count:
            continue
        labels, centres = k_means(points, weights, start)
        spread = float((distances(points, centres).min(axis=1) * weights).sum())
        if len(np.unique(labels)) == count and (kept is None or spread < kept[0] * BETTER):
            kept = (spread, labels)
    return kept[1] if kept is not None else np.zeros(len(points), dtype=np.int64)


def base_clusters(points: Floats) -> tuple[Floats, Floats, Labels]:
    """Return centres, members and labels of the base clusters, begun at the first distinct places."""
    _values, first = np.unique(points, axis=0, return_index=True)
    start = points[np.sort(first)[:BASE_CLUSTERS]]
    labels, centres = k_means(points, np.ones(len(points)), start)
    members = np.bincount(labels, minlength=len(centres)).astype(np.float64)
    occupied = members > 0
    renumbered = (np.cumsum(occupied) - 1)[labels]
    return centres[occupied], members[occupied], renumbered


def clusterable(votes: Votes) -> NDArray[np.int64]:
    """Return the rows that are grouped: seven votes (all, of fewer statements); of a small conversation the fifteen with most votes."""
    kept = [at for at, statement in enumerate(votes.statements) if statement not in votes.left_out]
    own = np.isfinite(votes.matrix[:, kept]).sum(axis=1) if kept else np.zeros(len(votes.participants), dtype=np.int64)
    enough = np.isfinite(votes.matrix).sum(axis=1) >= min(LEAST_VOTES, max(1, len(kept)))
    if enough.sum() < 15:
        ranked = np.argsort(-own, kind="stable")[:15]
        enough[ranked[own[ranked] > 0]] = True
    return np.flatnonzero(enough)


def draw(votes: Votes, *, count: int | None = None) -> OpinionMap:
    """Return the opinion map of these votes; `count` asks for so many groups (a running conversation's smoothed number)."""
    rows = clusterable(votes)
    if len(rows) == 0 or not votes.statements:
        return OpinionMap(groups={}, places={}, statement_places={}, typical={}, common=(), dividing=(), explained=(0.0, 0.0), silhouettes={}, count=0)
    matrix = filled(votes)
    means, directions, explained = components(matrix)
    where = places(votes, matrix, means, directions)
    points = where[rows]
    centres, members, base = base_clusters(points)
    silhouettes: dict[int, float] = {}
    found: dict[int, Labels] = {1: np.zeros(len(centres), dtype=np.int64)}
    for number in range(2, min(MOST_GROUPS, 2 + len(rows) // 12) + 1):
        if len(centres) < number or len(rows) < 4:
            break
        labels = groups_of(centres, members, number)
        if len(np.unique(labels)) == number:
            found[number] = labels
            silhouettes[number] = _fit(points, centres, members, base, labels)
    best = max(silhouettes, key=lambda number: (round(silhouettes[number], 6), -number)) if silhouettes else 1
    shown = count if count in found else best
    labels = found[shown][base]
    order = np.argsort(-np.bincount(labels, minlength=shown), kind="stable")  # the largest group is the first
    rank = np.empty(shown, dtype=np.int64)
    rank[order] = np.arange(shown)
    labels = rank[labels]
    names = [votes.participants[row] for row in rows]
    typical, common, dividing = statistics(votes, rows, labels, shown)
    spread = np.sqrt(max(1, matrix.shape[1]))
    return OpinionMap(
        groups=dict(zip(names, labels.tolist(), strict=True)),
        places={name: (float(x), float(y)) for name, (x, y) in zip(votes.participants, where, strict=True)},
        statement_places={name: (float(x * spread), float(y * spread)) for name, (x, y) in zip(votes.statements, directions.T, strict=True)},
        typical=typical, common=common, dividing=dividing, explained=explained, silhouettes=silhouettes, count=shown,
        sizes={group: int((labels == group).sum()) for group in range(shown)},
    )  # fmt: skip


MOST_EXACT = 2_000


def _fit(points: Floats, centres: Floats, members: Floats, base: Labels, labels: Labels) -> float:
    """Return the silhouette of groups: of every participant, or of the base clusters by their members where that would be millions of distances."""
    if len(points) <= MOST_EXACT:
        return silhouette(points, labels[base], np.ones(len(points)))
    return silhouette(centres, labels, members)


def one_share(hits: Floats, seen: Floats) -> Floats:
    """Return how surely more than half do so: the z-score of a share, with one added to both counts."""
    share = (hits + 1) / (seen + 1)
    return 2 * np.sqrt(seen + 1) * (share - 0.5)


def two_shares(hits: Floats, seen: Floats, other_hits: Floats, other_seen: Floats) -> Floats:
    """Return how surely more of these than of the others do so: the z-score of two shares, with one added to all counts."""
    one, two = (hits + 1) / (seen + 1), (other_hits + 1) / (other_seen + 1)
    both = (hits + other_hits + 2) / (seen + other_seen + 2)
    under = np.sqrt(np.maximum(both * (1 - both), 0) * (1 / (seen + 1) + 1 / (other_seen + 1)))
    return np.divide(one - two, under, out=np.zeros_like(one), where=under > 0)


def _smoothed(hits: Floats, seen: Floats) -> Floats:
    return (hits + 1) / (seen + 2)


def statistics(votes: Votes, rows: NDArray[np.int64], labels: Labels, count: int) -> tuple[dict[int, tuple[Typical, ...]], tuple[Common, ...], tuple[str, ...]]:
    """Return what is typical of each group, what all groups share, and which statements divide them most (by the spread of the groups' agreement)."""
    left_out = np.array([statement in votes.left_out for statement in votes.statements])
    matrix = votes.matrix[rows]
    agrees = np.stack([(matrix[labels == group] == 1).sum(axis=0) for group in range(count)]).astype(np.float64)
    against = np.stack([(matrix[labels == group] == -1).sum(axis=0) for group in range(count)]).astype(np.float64)
    seen = np.stack([np.isfinite(matrix[labels == group]).sum(axis=0) for group in range(count)]).astype(np.float64)
    typical: dict[int, tuple[Typical, ...]] = {}
    for group in range(count):
        found = []
        for direction, hits in ((1, agrees), (-1, against)):
            others, other_seen = hits.sum(axis=0) - hits[group], seen.sum(axis=0) - seen[group]
            sure = one_share(hits[group], seen[group])
            surer = two_shares(hits[group], seen[group], others, other_seen)
            share = _smoothed(hits[group], seen[group])
            times = share / _smoothed(others, other_seen)
            for at in np.flatnonzero(~left_out & (seen[group] > 0)):
                if sure[at] > SURE and surer[at] > SURE:
                    weight = float(times[at] * surer[at] * share[at] * sure[at])
                    found.append((weight, Typical(
                        statement=votes.statements[at], direction=direction, votes=int(hits[group, at]), seen=int(seen[group, at]),
                        share=float(hits[group, at] / seen[group, at]), surer_than_others=float(times[at]),
                    )))  # fmt: skip
        found.sort(key=lambda one: (-one[0], one[1].statement))
        typical[group] = tuple(one for _weight, one in found[:MOST_TYPICAL])
    common = []
    for direction, hits in ((1, agrees), (-1, against)):
        each = _smoothed(hits, seen)
        least, together = each.min(axis=0), each.prod(axis=0)
        everybody, all_seen = hits.sum(axis=0), seen.sum(axis=0)
        sure = one_share(everybody, all_seen)
        for at in np.flatnonzero(~left_out & (all_seen > 0)):
            if sure[at] > SURE and least[at] > 0.5:
                common.append((float(together[at]), Common(
                    statement=votes.statements[at], direction=direction, share=float(everybody[at] / all_seen[at]), votes=int(everybody[at]),
                    seen=int(all_seen[at]), least=float(least[at]),
                )))  # fmt: skip
    common.sort(key=lambda one: (-one[0], one[1].statement))
    apart = np.ptp(_smoothed(agrees, seen), axis=0) if count > 1 else np.zeros(len(votes.statements))
    ranked = [at for at in np.argsort(-apart, kind="stable") if not left_out[at] and apart[at] > 0][:MOST_TYPICAL]
    return typical, tuple(one for _weight, one in common), tuple(votes.statements[at] for at in ranked)


def rand_index(one: Sequence[int], other: Sequence[int]) -> float:
    """Return how well two groupings of the same people agree: 1 the same, about 0 as by chance (the adjusted Rand index of Hubert and Arabie)."""
    kinds, first = np.unique(np.asarray(one), return_inverse=True)
    others, second = np.unique(np.asarray(other), return_inverse=True)
    table = np.zeros((len(kinds), len(others)))
    np.add.at(table, (first, second), 1)

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    whole = len(first) * (len(first) - 1) / 2
    expected = rows * columns / whole if whole else 0.0
    top = (rows + columns) / 2
    return 1.0 if top == expected else (both - expected) / (top - expected)
