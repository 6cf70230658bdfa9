"""Puts what has committed into the tree, in order, and signs its head.

Only entries of transactions below the oldest running one are taken, in the order of their transactions: a slow
transaction can therefore never land behind a seal. One sealer works for a town at a time. Before it signs, it makes
sure that the tree begins with the one it signed last, of which it keeps a note outside the database (`keys.py`).

Sealing is no @operation: its fact would have to be sealed in turn, for ever.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from gongzhi.ledger import content, keys, note, tree
from gongzhi.ledger.models import Checkpoint, Entry, Leaf, Tile
from gongzhi.ledger.tiles import WIDTH

log = logging.getLogger(__name__)
BATCH = 5000


class LogBroken(RuntimeError):
    """The rows no longer lead to the head that was signed last; nothing more is signed until somebody has looked."""


def leaf_of(entry: Entry) -> bytes:
    """Return the bytes that stand in the tree for an entry."""
    return content.leaf_data(**_parts(entry), is_public=entry.is_public)


def private_text(entry: Entry) -> bytes:
    """Return what is behind the leaf of a private entry."""
    return content.private_text(**_parts(entry))


def _parts(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at, "kind": entry.kind, "subject": entry.subject, "actor": entry.actor, "actor_sort": entry.actor_sort, "content": entry.content,
        "salt": bytes(entry.salt),
    }  # fmt: skip


def seal(town_id: int, at: datetime, *, most: int = BATCH, thorough: bool = False) -> Checkpoint | None:
    """Seal what has committed in this town (the present one); return the new checkpoint, or None when nothing has.

    Called again at once as long as it answers with a checkpoint of a full batch. `thorough` looks for entries that
    stand before the last sealed one too, as after the database came back from a copy. Raise LogBroken, and seal
    nothing, when the tree does not begin with the one signed last.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('gongzhi.ledger.seal', %s))", [town_id])
            if not cursor.fetchone()[0]:
                return None
        size = _size(town_id)
        fresh = _waiting(town_id, most, thorough=thorough)
        if not fresh:
            return None
        _hold_to_what_was_signed(town_id, size)
        Leaf.objects.bulk_create(
            Leaf(town_id=town_id, index=size + place, entry_id=entry.pk, hash=tree.leaf_hash(leaf_of(entry))) for place, entry in enumerate(fresh)
        )
        size += len(fresh)
        _complete_tiles(town_id, size)
        name, key = keys.signer(town_id)
        head = note.Checkpoint(name, size, tree.root(reader(town_id, size), size))
        made = Checkpoint.objects.create(
            town_id=town_id, size=size, root=head.root, at=at, note=note.sign(head, name, key),
            vkey=note.verifier_key(name, key.public_key().public_bytes_raw()),
        )  # fmt: skip
        transaction.on_commit(lambda: keys.keep_head(town_id, made.note))
        return made


def _size(town_id: int) -> int:
    last = Leaf.objects.filter(town_id=town_id).order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def last_place(town_id: int) -> tuple[int, int] | None:
    """Return (transaction, id) of the entry sealed last that is still there; None when none is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.txid, e.id FROM ledger_leaf l JOIN ledger_entry e ON e.town_id = l.town_id AND e.id = l.entry_id"
            " WHERE l.town_id = %s ORDER BY l.index DESC LIMIT 1", [town_id],
        )  # fmt: skip
        found: tuple[int, int] | None = cursor.fetchone()
    return found


def _waiting(town_id: int, most: int, *, thorough: bool) -> list[Entry]:
    """Return entries to be sealed next, in order.

    A sealed transaction that lies ahead of every one that has begun shows that the database was restored into another
    server, whose count of transactions is lower: then every entry without a leaf is looked for, the restored ones first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s")
        oldest, next_one = cursor.fetchone()
    place = last_place(town_id)
    if thorough or (place is not None and place[0] >= next_one):
        if not thorough:
            log.warning("town %s: the ledger comes from another server; looking for every entry without a leaf", town_id)
        leaf = Leaf.objects.filter(town_id=OuterRef("town_id"), entry_id=OuterRef("pk"))
        unsealed = Entry.objects.filter(~Exists(leaf), town_id=town_id).order_by("txid", "id")
        restored = list(unsealed.filter(txid__gte=next_one)[:most])
        return restored + list(unsealed.filter(txid__lt=oldest)[: most - len(restored)])
    while True:
        ready: QuerySet[Entry] = Entry.objects.filter(town_id=town_id, txid__lt=oldest)
        if place is not None:
            ready = ready.extra(where=["(txid, id) > (%s, %s)"], params=list(place))  # a row comparison, so that the index is walked
        rows = list(ready.order_by("txid", "id")[:most])
        if not rows:
            return []
        sealed = set(Leaf.objects.filter(town_id=town_id, entry_id__in=[row.pk for row in rows]).values_list("entry_id", flat=True))
        if len(sealed) < len(rows):
            return [row for row in rows if row.pk not in sealed]
        place = (rows[-1].txid, rows[-1].pk)  # sealed before the database was restored


def _hold_to_what_was_signed(town_id: int, size: int) -> None:
    """Raise LogBroken unless the tree of `size` begins with the one that this town signed last."""
    signed = keys.last_signed(town_id)
    if signed is None:
        return
    if size == 0 and settings.DEMO:
        keys.begin_anew(town_id)  # a demo that was reset
        return
    if size < signed.size:
        raise LogBroken(
            f"Town {town_id}: a log of {signed.size} entries was signed, the database has {size}. Put back a newer copy of the database,"
            f" or give the log up and go on under a new key: ./gongzhi ledger begin-anew --town CODE"
        )
    if tree.root(reader(town_id, signed.size), signed.size) != signed.root:
        raise LogBroken(
            f"Town {town_id}: the first {signed.size} entries are not those that were signed. ./gongzhi ledger verify names what was changed."
        )


def _complete_tiles(town_id: int, size: int) -> None:
    """Keep each tile that has become complete, level by level."""
    level, count = 0, size
    while count >= WIDTH:
        last = Tile.objects.filter(town_id=town_id, level=level).order_by("-number").values_list("number", flat=True).first()
        have = 0 if last is None else last + 1
        full = count // WIDTH
        for number in range(have, full):
            row = lower_hashes(town_id, level, number * WIDTH, (number + 1) * WIDTH)
            Tile.objects.create(town_id=town_id, level=level, number=number, data=b"".join(row), root=tree.fold(row))
        level, count = level + 1, full


def lower_hashes(town_id: int, level: int, begin: int, end: int) -> list[bytes]:
    """Return the hashes [begin, end) of a level: leaves, or roots of complete tiles of the level below."""
    if level == 0:
        found: Any = Leaf.objects.filter(town_id=town_id, index__gte=begin, index__lt=end).order_by("index").values_list("hash", flat=True)
    else:
        found = Tile.objects.filter(town_id=town_id, level=level - 1, number__gte=begin, number__lt=end).order_by("number").values_list("root", flat=True)
    return [bytes(hashed) for hashed in found]


def tile(town_id: int, level: int, number: int, size: int) -> list[bytes]:
    """Return the hashes of a tile as far as a tree of `size` leaves fills it."""
    filled = min(max((size >> (8 * level)) - number * WIDTH, 0), WIDTH)
    if filled == WIDTH:
        kept = Tile.objects.filter(town_id=town_id, level=level, number=number).values_list("data", flat=True).first()
        if kept is not None:
            data = bytes(kept)
            return [data[i : i + 32] for i in range(0, len(data), 32)]
    return lower_hashes(town_id, level, number * WIDTH, number * WIDTH + filled)


def reader(town_id: int, size: int) -> Callable[[int, int], bytes]:
    """Return how a tree of `size` leaves is read: each tile once, nodes inside it by folding."""
    known: dict[tuple[int, int], list[bytes]] = {}

    def node(height: int, index: int) -> bytes:
        level, rest = divmod(height, 8)
        first = index << rest
        number, place = divmod(first, WIDTH)
        if (level, number) not in known:
            known[(level, number)] = tile(town_id, level, number, size)
        return tree.fold(known[(level, number)][place : place + (1 << rest)])

    return node
