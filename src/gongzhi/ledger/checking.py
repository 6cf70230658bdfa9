"""Recomputes the whole log of a town from its rows and names what was changed behind the application's back."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection

from gongzhi.ledger import note, tree
from gongzhi.ledger.models import Checkpoint, Entry, Leaf, Tile
from gongzhi.ledger.sealing import _lower, leaf_of, origin
from gongzhi.ledger.tiles import WIDTH


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree."""

    what: str  # changed, missing, added, moved, root, signature, tile
    where: str
    words: str


@dataclass(slots=True)
class Report:
    """What was looked at and what was found."""

    town_id: int
    origin: str
    sealed: int = 0
    waiting: int = 0
    checkpoints: int = 0
    root: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.findings


STEP = 5000


def _leaves(town_id: int) -> Iterator[tuple[Leaf, Entry | None]]:
    begin = 0
    while True:
        rows = list(Leaf.objects.filter(town_id=town_id, index__gte=begin).order_by("index")[:STEP])
        if not rows:
            return
        entries = Entry.objects.filter(town_id=town_id).in_bulk([row.entry_id for row in rows])
        for row in rows:
            yield row, entries.get(row.entry_id)
        begin = rows[-1].index + 1


def check(town_id: int) -> Report:
    """Return the report of a town's log (the present one); everything is computed again from the rows."""
    report = Report(town_id, origin(town_id))
    add = report.findings.append
    heads = {row.size: row for row in Checkpoint.objects.filter(town_id=town_id).order_by("size")}
    report.checkpoints = len(heads)
    frontier = tree.Frontier()
    order: tuple[int, int] = (0, 0)
    for leaf, entry in _leaves(town_id):
        if leaf.index != frontier.size:
            add(Finding("missing", f"leaf {frontier.size}", f"leaves {frontier.size} to {leaf.index - 1} are gone"))
            break
        computed = tree.leaf_hash(leaf_of(entry)) if entry is not None else None
        if entry is None:
            add(Finding("missing", f"entry {leaf.entry_id}", f"the entry at leaf {leaf.index} was deleted"))
        elif computed != bytes(leaf.hash):
            add(Finding("changed", f"entry {entry.pk}", f"{entry.kind} about {entry.subject} at leaf {leaf.index} is not what was sealed"))
        else:
            if (entry.txid, entry.pk) <= order:
                add(Finding("moved", f"entry {entry.pk}", f"the entry at leaf {leaf.index} stands before the one sealed ahead of it"))
            order = (entry.txid, entry.pk)
        frontier.append(computed or bytes(leaf.hash))
        head = heads.get(frontier.size)
        if head is not None:
            _check_head(report, head, frontier.root())
    report.sealed = frontier.size
    report.root = frontier.root().hex()
    if heads and max(heads) > frontier.size:
        add(Finding("missing", f"leaf {frontier.size}", f"{max(heads)} entries were sealed, {frontier.size} are there"))
    _check_tiles(report, town_id)
    _check_added(report, town_id, order)
    return report


def _check_head(report: Report, head: Checkpoint, root: bytes) -> None:
    if bytes(head.root) != root:
        report.findings.append(Finding("root", f"checkpoint {head.size}", f"the root over the first {head.size} entries is another than the one that was signed"))
    try:
        told = note.verify(head.note, head.vkey)
    except note.BadNote as error:
        report.findings.append(Finding("signature", f"checkpoint {head.size}", str(error)))
        return
    if (told.origin, told.size, told.root) != (report.origin, head.size, bytes(head.root)):
        report.findings.append(Finding("signature", f"checkpoint {head.size}", "the signed note says something else than its row"))


def _check_tiles(report: Report, town_id: int) -> None:
    for row in Tile.objects.filter(town_id=town_id).order_by("level", "number").iterator(chunk_size=100):
        lower = _lower(town_id, row.level, row.number * WIDTH, (row.number + 1) * WIDTH)
        if len(lower) != WIDTH or b"".join(lower) != bytes(row.data) or tree.fold(lower) != bytes(row.root):
            report.findings.append(Finding("tile", f"tile {row.level}/{row.number}", "the tile is not made of what lies below it"))


def _check_added(report: Report, town_id: int, last: tuple[int, int]) -> None:
    """Find entries that stand before the last sealed one and are in no leaf: somebody put them there later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.kind, e.subject FROM ledger_entry e LEFT JOIN ledger_leaf l ON l.town_id = e.town_id AND l.entry_id = e.id"
            " WHERE e.town_id = %s AND l.id IS NULL AND (e.txid, e.id) <= (%s, %s) ORDER BY e.id LIMIT 50",
            [town_id, *last],
        )
        for entry_id, kind, subject in cursor.fetchall():
            report.findings.append(Finding("added", f"entry {entry_id}", f"{kind} about {subject} was put in after it should have been sealed"))
        cursor.execute(
            "SELECT count(*) FROM ledger_entry e WHERE e.town_id = %s AND (e.txid, e.id) > (%s, %s)", [town_id, *last]
        )
        report.waiting = cursor.fetchone()[0]
