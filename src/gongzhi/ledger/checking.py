"""Recomputes the whole log of a town from its rows and names what was changed behind the application's back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection

from gongzhi.ledger import keys, note, tree
from gongzhi.ledger.models import Checkpoint, Entry, Leaf, Tile
from gongzhi.ledger.sealing import last_place, leaf_of, lower_hashes
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
    has_keys: bool = True  # whether signatures were checked with keys from outside the database
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.findings


STEP = 5000
UNSEALED = "NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.town_id = ledger_entry.town_id AND l.entry_id = ledger_entry.id)"


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


@dataclass(slots=True)
class _Keys:
    """By which keys heads are verified: those kept beside the database; only without them those the rows name."""

    trusted: list[str]

    def verify(self, head: Checkpoint) -> note.Checkpoint:
        trouble = note.BadNote("no key is here to verify the signature with")
        for vkey in reversed(self.trusted or [head.vkey]):
            try:
                return note.verify(head.note, vkey)
            except note.BadNote as error:
                trouble = error
        raise trouble


def check(town_id: int, vkeys: Sequence[str] = (), kept: note.Checkpoint | None = None) -> Report:
    """Return the report of a town's log (the present one); everything is computed again from the rows.

    `vkeys` are verifier keys that somebody outside vouches for, `kept` a head that somebody kept: the log must begin
    with it, as it must with the last head that this town signed.
    """
    known = _Keys([*vkeys] or keys.trusted(town_id))
    report = Report(town_id, note.read_verifier_key(known.trusted[-1])[0] if known.trusted else keys.origin(town_id), has_keys=bool(known.trusted))
    add = report.findings.append
    heads = {row.size: row for row in Checkpoint.objects.filter(town_id=town_id).order_by("size")}
    report.checkpoints = len(heads)
    owed = _owed(report, town_id, kept)
    frontier = tree.Frontier()
    order, moved, good = (0, 0), list[Finding](), 0
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
                moved.append(Finding("moved", f"entry {entry.pk}", f"the entry at leaf {leaf.index} stands behind a later one"))
            order = (entry.txid, entry.pk)
        frontier.append(computed or bytes(leaf.hash))
        for told, where in owed.get(frontier.size, ()):
            if told.root != frontier.root():
                add(Finding("root", where, f"the first {told.size} entries are not those under this head"))
        head = heads.get(frontier.size)
        if head is not None:
            if _check_head(report, known, head, frontier.root(), good):
                good = head.size
            else:
                report.findings.extend(moved)
            moved = []
    report.sealed = frontier.size
    report.root = frontier.root().hex()
    if heads and max(heads) > frontier.size:
        add(Finding("missing", f"leaf {frontier.size}", f"{max(heads)} entries were sealed, {frontier.size} are there"))
    for size in sorted(owed):
        for _told, where in owed[size] if size > frontier.size else ():
            add(Finding("missing", where, f"{size} entries stood under this head, {frontier.size} are there"))
    if frontier.size not in heads and frontier.size:
        add(Finding("missing", f"checkpoint {frontier.size}", f"{frontier.size} entries are sealed, and no head is there over them"))
    _check_tiles(report, town_id)
    _check_added(report, town_id)
    return report


def _owed(report: Report, town_id: int, kept: note.Checkpoint | None) -> dict[int, list[tuple[note.Checkpoint, str]]]:
    """Return the heads from outside the database that the log must begin with, by size."""
    owed: dict[int, list[tuple[note.Checkpoint, str]]] = {}
    try:
        signed = keys.last_signed(town_id)
    except keys.KeyUnusable as error:
        report.findings.append(Finding("signature", "head beside key", str(error)))
        signed = None
    for told, where in ((signed, "head beside key"), (kept, "head kept outside")):
        if told is not None and told.size:
            owed.setdefault(told.size, []).append((told, where))
    return owed


def _check_head(report: Report, known: _Keys, head: Checkpoint, root: bytes, good: int) -> bool:
    """Check a signed head against the root that the rows lead to; return whether the root is the one that was signed."""
    is_root = bytes(head.root) == root
    if not is_root:
        report.findings.append(
            Finding("root", f"checkpoint {head.size}", f"the root over the first {head.size} entries is another than was signed (whole up to {good})")
        )
    try:
        told = known.verify(head)
    except note.BadNote as error:
        report.findings.append(Finding("signature", f"checkpoint {head.size}", str(error)))
        return is_root
    if (told.origin, told.size, told.root) != (report.origin, head.size, bytes(head.root)):
        report.findings.append(Finding("signature", f"checkpoint {head.size}", "the signed note says something else than its row"))
    return is_root


def _check_tiles(report: Report, town_id: int) -> None:
    for row in Tile.objects.filter(town_id=town_id).order_by("level", "number").iterator(chunk_size=100):
        lower = lower_hashes(town_id, row.level, row.number * WIDTH, (row.number + 1) * WIDTH)
        if len(lower) != WIDTH or b"".join(lower) != bytes(row.data) or tree.fold(lower) != bytes(row.root):
            report.findings.append(Finding("tile", f"tile {row.level}/{row.number}", "the tile is not made of what lies below it"))


def _check_added(report: Report, town_id: int) -> None:
    """Find entries that stand before the last sealed one and are in no leaf: somebody put them there later."""
    last = last_place(town_id) or (0, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, kind, subject FROM ledger_entry WHERE town_id = %s AND {UNSEALED} AND (txid, id) <= (%s, %s) ORDER BY id LIMIT 50",
            [town_id, *last],
        )
        for entry_id, kind, subject in cursor.fetchall():
            report.findings.append(Finding("added", f"entry {entry_id}", f"{kind} about {subject} was put in after it should have been sealed"))
        cursor.execute(f"SELECT count(*) FROM ledger_entry WHERE town_id = %s AND {UNSEALED} AND (txid, id) > (%s, %s)", [town_id, *last])
        report.waiting = cursor.fetchone()[0]
