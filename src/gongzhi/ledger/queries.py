"""Questions to the ledger."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.towns import current_town
from gongzhi.ledger import content, given, keys, note, tree, words
from gongzhi.ledger.models import Checkpoint, Entry, Leaf
from gongzhi.ledger.sealing import leaf_of, private_text, reader, tile
from gongzhi.ledger.tiles import WIDTH, NoSuchTile


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as pages show it. `index` and `hash` are None and "" until it is sealed."""

    entry: Entry
    index: int | None
    hash: str

    @property
    def words(self) -> Any:
        return words.kind_words(self.entry.kind)

    @property
    def by_words(self) -> Any:
        return words.by_words(self.entry.actor_sort)

    @property
    def at(self) -> datetime:
        return self.entry.at

    @property
    def is_sealed(self) -> bool:
        return self.index is not None

    @property
    def short(self) -> str:
        """Return the first twelve digits of the hash in groups of four."""
        return " ".join(self.hash[i : i + 4] for i in range(0, 12, 4))


def _views(entries: Sequence[Entry]) -> list[EntryView]:
    leaves = {leaf.entry_id: leaf for leaf in Leaf.objects.filter(town_id=current_town(), entry_id__in=[entry.pk for entry in entries])}
    return [
        EntryView(entry, leaf.index if leaf else None, bytes(leaf.hash).hex() if leaf else "")
        for entry in entries for leaf in [leaves.get(entry.pk)]
    ]  # fmt: skip


def entries_for(*, seen_by: Actor, subject: str) -> list[EntryView]:
    """Return the entries about a subject (label.model:id) that this reader may see, oldest first."""
    return _views(list(Entry.objects.visible_to(seen_by).filter(town_id=current_town(), subject=subject).order_by("pk")[:500]))


def latest(*, seen_by: Actor, most: int = 30, kind: str = "", before: int | None = None, by_people: bool = False) -> list[EntryView]:
    """Return the newest public entries, or those before an entry id; with `by_people`, only what no clock, device or program did.

    Batches of readings come every few seconds; they are shown where they are asked for by their kind.

    Whoever asks: public entries only.
    """
    found = Entry.objects.filter(town_id=current_town(), is_public=True)
    found = found.filter(kind=kind) if kind else found.exclude(kind="ReadingsTaken")
    if by_people:
        found = found.exclude(actor_sort__in=words.MACHINES)
    if before is not None:
        found = found.filter(pk__lt=before)
    return _views(list(found.order_by("-pk")[:most]))


def kinds(*, seen_by: Actor) -> list[tuple[str, Any]]:
    """Return the kinds of entries that have words, with them, in order. Whoever asks: words of the product."""
    return sorted(((kind, told) for kind, told in words.WORDS.items() if kind not in words.PRIVATE), key=lambda pair: str(pair[1]))


def checkpoint(*, seen_by: Actor, size: int | None = None) -> Checkpoint | None:
    """Return the newest signed head, or the one of a size. Whoever asks: heads are public."""
    found = Checkpoint.objects.filter(town_id=current_town())
    return (found.filter(size=size) if size is not None else found).order_by("-size").first()


def checkpoints(*, seen_by: Actor, most: int = 20) -> list[Checkpoint]:
    """Return the newest signed heads. Whoever asks: heads are public."""
    return list(Checkpoint.objects.filter(town_id=current_town()).order_by("-size")[:most])


def entry_at(*, seen_by: Actor, index: int) -> EntryView:
    """Return the entry at a leaf, if this reader may see it; raise Entry.DoesNotExist."""
    leaf = Leaf.objects.filter(town_id=current_town(), index=index).first()
    if leaf is None:
        raise Entry.DoesNotExist
    entry = Entry.objects.visible_to(seen_by).get(pk=leaf.entry_id, town_id=current_town())
    return EntryView(entry, index, bytes(leaf.hash).hex())


def public_form(*, seen_by: Actor, entry: Entry) -> dict[str, Any]:
    """Return what everybody may read of a public entry, as it is hashed. Whoever asks: what everybody may read."""
    return content.public_form(
        at=entry.at, kind=entry.kind, subject=entry.subject, actor=entry.actor, actor_sort=entry.actor_sort, content=entry.content, salt=bytes(entry.salt)
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands in the tree under a signed head. `leaf` is the exact text that is hashed."""

    index: int
    leaf: str
    hashes: tuple[str, ...]
    checkpoint: Checkpoint

    def bundle(self) -> dict[str, Any]:
        """Return the proof as it is given away, to be checked anywhere."""
        return {"leaf": self.leaf, "index": self.index, "hashes": list(self.hashes), "checkpoint": self.checkpoint.details()}


def proof_for(*, seen_by: Actor, index: int, size: int | None = None) -> Proof | None:
    """Return the proof of a leaf under the newest head (or the one of `size`); None when it is not under it.

    Whoever holds a private entry's salt can be shown what is behind its leaf; the leaf itself tells nothing.
    """
    head = checkpoint(seen_by=seen_by, size=size)
    leaf = Leaf.objects.filter(town_id=current_town(), index=index).first()
    if head is None or leaf is None or index >= head.size:
        return None
    entry = Entry.objects.get(pk=leaf.entry_id, town_id=current_town())
    path = tree.inclusion_proof(reader(current_town(), head.size), index, head.size)
    return Proof(index, leaf_of(entry).decode(), tuple(step.hex() for step in path), head)


def proofs_for_subject(*, seen_by: Actor, subject: str) -> dict[str, Any]:
    """Return what a reader's own device needs to check all sealed entries about a subject: leaves, paths, one head."""
    views = entries_for(seen_by=seen_by, subject=subject)
    head = checkpoint(seen_by=seen_by)
    told: list[dict[str, Any]] = []
    if head is not None:
        node = reader(current_town(), head.size)
        for view in views:
            if view.index is not None and view.index < head.size:
                path = tree.inclusion_proof(node, view.index, head.size)
                told.append({"index": view.index, "leaf": leaf_of(view.entry).decode(), "hashes": [step.hex() for step in path]})
    return {"subject": subject, "entries": len(views), "checkpoint": head.details() if head else None, "proofs": told}


def consistency(*, seen_by: Actor, old: int, size: int | None = None) -> dict[str, Any] | None:
    """Return the proof that the log of `old` entries is the beginning of the present one; None for impossible sizes."""
    head = checkpoint(seen_by=seen_by, size=size)
    if head is None or not 0 < old <= head.size:
        return None
    path = tree.consistency_proof(reader(current_town(), head.size), old, head.size)
    before = checkpoint(seen_by=seen_by, size=old)
    return {
        "old": old, "old_root": before.root_hex if before else None, "size": head.size, "root": head.root_hex, "hashes": [step.hex() for step in path],
        "checkpoint": head.details(),
    }  # fmt: skip


def subject_of_number(*, seen_by: Actor, digits: str) -> str | None:
    """Return the subject of the newest public entry whose case number has these digits (202601847); None when none has."""
    found = Entry.objects.visible_to(seen_by).filter(town_id=current_town(), is_public=True).extra(
        where=[r"content->>'number' IS NOT NULL AND regexp_replace(content->>'number', '\D', '', 'g') = %s"], params=[digits]
    )  # fmt: skip
    return found.order_by("-pk").values_list("subject", flat=True).first()


def opening(*, seen_by: Actor, index: int) -> dict[str, Any]:
    """Return the proof of a private entry with what is behind it: its text and its salt.

    For those who may see it and for whoever did what it tells of; raise Entry.DoesNotExist for everybody else.
    """
    leaf = Leaf.objects.filter(town_id=current_town(), index=index).first()
    if leaf is None:
        raise Entry.DoesNotExist
    entry = Entry.objects.get(pk=leaf.entry_id, town_id=current_town(), is_public=False)
    own = seen_by.is_signed_in and entry.actor == seen_by.ref
    if not own and not Entry.objects.visible_to(seen_by).filter(pk=entry.pk).exists():
        raise Entry.DoesNotExist
    proof = proof_for(seen_by=seen_by, index=index)
    if proof is None:
        raise Entry.DoesNotExist
    return proof.bundle() | {"opening": {"salt": bytes(entry.salt).hex(), "entry": private_text(entry).decode()}}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a proof that somebody brought."""

    head: note.Checkpoint
    entries: tuple[given.GivenEntry, ...]
    strays: tuple[int, ...]  # indices of entries that the head does not cover
    is_signed: bool  # by a key of this town
    is_ahead: bool  # the head covers more than the log has: this log is not the one, or was cut short
    is_beginning: bool  # the present log begins with what the head covers

    @property
    def is_whole(self) -> bool:
        return self.is_signed and self.is_beginning and not self.strays

    @property
    def texts(self) -> list[tuple[int, str]]:
        """Return (index, text) of the first entries, to be shown."""
        return [(entry.index, entry.leaf) for entry in self.entries[:20]]


def judge(*, seen_by: Actor, brought: given.Given) -> Judgement:
    """Return what a proof shows: under whose head its entries stand, and whether the present log still begins so."""
    town_id, head = current_town(), brought.head
    known = keys.trusted(town_id) or list(Checkpoint.objects.filter(town_id=town_id).order_by("-size").values_list("vkey", flat=True)[:1])
    present = checkpoint(seen_by=seen_by)
    is_ahead = present is None or head.size > present.size
    return Judgement(
        head=head, entries=brought.entries, strays=tuple(entry.index for entry in brought.entries if not entry.leads_to(head)),
        is_signed=any(_holds(brought.signed_note, vkey) for vkey in known), is_ahead=is_ahead,
        is_beginning=not is_ahead and tree.root(reader(town_id, head.size), head.size) == head.root,
    )  # fmt: skip


def judge_own(*, seen_by: Actor, proof: Proof) -> Judgement:
    """Return what a proof of this log shows, by the way on which every proof is checked that somebody brings."""
    return judge(seen_by=seen_by, brought=given.read(json.dumps(proof.bundle(), default=str)))


def _holds(text: str, vkey: str) -> bool:
    try:
        note.verify(text, vkey)
    except note.BadNote:
        return False
    return True


def tile_bytes(*, seen_by: Actor, level: int, number: int, width: int | None) -> bytes:
    """Return a tile, complete or of a width, as tlog-tiles has it; raise NoSuchTile where the tree does not reach."""
    head = checkpoint(seen_by=seen_by)
    if head is None or not 0 <= level <= 63:
        raise NoSuchTile(level)
    row = tile(current_town(), level, number, head.size)
    wanted = WIDTH if width is None else width
    if len(row) < wanted:
        raise NoSuchTile(number)
    return b"".join(row[:wanted])


def bundle_entries(*, seen_by: Actor, number: int, width: int | None) -> list[bytes]:
    """Return the leaf texts of an entry bundle; raise NoSuchTile where the tree does not reach."""
    wanted = WIDTH if width is None else width
    head = checkpoint(seen_by=seen_by)
    begin = number * WIDTH
    if head is None or begin + wanted > head.size:
        raise NoSuchTile(number)
    ids = list(Leaf.objects.filter(town_id=current_town(), index__gte=begin, index__lt=begin + wanted).order_by("index").values_list("entry_id", flat=True))
    entries = Entry.objects.in_bulk(ids)
    if len(entries) < wanted:
        raise NoSuchTile(number)  # `ledger verify` names what was deleted
    return [leaf_of(entries[entry_id]) for entry_id in ids]
