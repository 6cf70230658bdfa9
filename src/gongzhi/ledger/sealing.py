"""Puts what has committed into the tree, in order, and signs its head.

Only entries of transactions below the oldest running one are taken, in the order of their transactions: a slow
transaction can therefore never land behind a seal. One sealer works for a town at a time.
"""

import os
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from gongzhi.ledger import content, note, tree
from gongzhi.ledger.models import Checkpoint, Entry, Leaf, Tile
from gongzhi.ledger.tiles import WIDTH

BATCH = 5000


def origin(town_id: int) -> str:
    """Return the name of a town's log, which stands in its checkpoints and never changes."""
    return f"{settings.LEDGER_ORIGIN}/{town_id}"


@lru_cache(maxsize=256)
def signing_key(town_id: int, folder: str) -> Ed25519PrivateKey:
    """Return the town's signing key; made once, readable by its owner only, kept apart from the database."""
    file = Path(folder) / f"{town_id}.ed25519"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text().strip()))
    key = Ed25519PrivateKey.generate()
    with os.fdopen(descriptor, "w") as opened:
        opened.write(key.private_bytes_raw().hex())
        opened.flush()
        os.fsync(opened.fileno())
    return key


def leaf_of(entry: Entry) -> bytes:
    """Return the bytes that stand in the tree for an entry."""
    return content.leaf_data(
        at=entry.at, kind=entry.kind, subject=entry.subject, actor=entry.actor, actor_sort=entry.actor_sort, content=entry.content,
        salt=bytes(entry.salt), is_public=entry.is_public,
    )  # fmt: skip


def seal(town_id: int, at: datetime, *, most: int = BATCH) -> Checkpoint | None:
    """Seal what has committed in this town (the present one); return the new checkpoint, or None when nothing has.

    Called again at once as long as it answers with a checkpoint of a full batch.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('gongzhi.ledger.seal', %s))", [town_id])
            if not cursor.fetchone()[0]:
                return None
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            oldest = cursor.fetchone()[0]
        last = Leaf.objects.filter(town_id=town_id).order_by("-index").first()
        size = last.index + 1 if last else 0
        waiting = Entry.objects.filter(town_id=town_id, txid__lt=oldest)
        if last is not None:
            txid = Entry.objects.values_list("txid", flat=True).get(pk=last.entry_id)
            waiting = waiting.extra(where=["(txid, id) > (%s, %s)"], params=[txid, last.entry_id])  # a row comparison, so that the index is walked
        fresh = list(waiting.order_by("txid", "id")[:most])
        if not fresh:
            return None
        hashes = [tree.leaf_hash(leaf_of(entry)) for entry in fresh]
        Leaf.objects.bulk_create(
            Leaf(town_id=town_id, index=size + place, entry_id=entry.pk, hash=hashed) for place, (entry, hashed) in enumerate(zip(fresh, hashes, strict=True))
        )
        size += len(fresh)
        _complete_tiles(town_id, size)
        head = note.Checkpoint(origin(town_id), size, tree.root(reader(town_id, size), size))
        key = signing_key(town_id, str(settings.LEDGER_KEYS))
        return Checkpoint.objects.create(
            town_id=town_id, size=size, root=head.root, at=at, note=note.sign(head, head.origin, key),
            vkey=note.verifier_key(head.origin, key.public_key().public_bytes_raw()),
        )  # fmt: skip


def _complete_tiles(town_id: int, size: int) -> None:
    """Keep each tile that has become complete, level by level."""
    level, count = 0, size
    while count >= WIDTH:
        have = Tile.objects.filter(town_id=town_id, level=level).count()
        full = count // WIDTH
        for number in range(have, full):
            row = _lower(town_id, level, number * WIDTH, (number + 1) * WIDTH)
            Tile.objects.create(town_id=town_id, level=level, number=number, data=b"".join(row), root=tree.fold(row))
        level, count = level + 1, full


def _lower(town_id: int, level: int, begin: int, end: int) -> list[bytes]:
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
    return _lower(town_id, level, number * WIDTH, number * WIDTH + filled)


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
