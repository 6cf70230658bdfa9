"""The ledger for programs."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from gongzhi.kernel.actors import ANYONE
from gongzhi.ledger import queries

router = Router(tags=["ledger"])


class HeadOut(Schema):
    """The signed head of the log."""

    size: int
    root: str
    at: datetime
    note: str
    vkey: str


class EntryOut(Schema):
    """A public entry."""

    index: int | None
    hash: str
    at: datetime
    kind: str
    subject: str
    by: str
    content: dict[str, Any]


class ProofOut(Schema):
    """A proof that an entry stands under a signed head."""

    leaf: str
    index: int
    hashes: list[str]
    checkpoint: HeadOut


@router.get("/ledger/head", response=HeadOut, summary="The newest signed head")
def head(request: HttpRequest) -> Any:
    """Give the newest signed head; as a signed note it is at /ledger/checkpoint."""
    found = queries.checkpoint(seen_by=ANYONE)
    if found is None:
        raise Http404
    return found.details()


def _told(view: queries.EntryView) -> dict[str, Any]:
    entry = view.entry
    return {
        "index": view.index, "hash": view.hash, "at": entry.at, "kind": entry.kind, "subject": entry.subject, "by": entry.actor_sort,
        "content": entry.content,
    }  # fmt: skip


@router.get("/ledger/entries", response=list[EntryOut], summary="Public entries, of one subject or the newest")
def entries(request: HttpRequest, subject: str = Query("", max_length=80), kind: str = Query("", max_length=60), most: int = Query(50, ge=1, le=200)) -> Any:
    """List public entries: all of a subject (label.model:id) in order, else the newest, of one kind if it is named."""
    found = queries.entries_for(seen_by=ANYONE, subject=subject) if subject else queries.latest(seen_by=ANYONE, most=most, kind=kind)
    return [_told(view) for view in found]


@router.get("/ledger/entries/{int:index}/proof", response=ProofOut, summary="The proof of an entry")
def proof(request: HttpRequest, index: int) -> Any:
    """Prove that an entry stands in the log."""
    found = queries.proof_for(seen_by=ANYONE, index=index) if index < 2**62 else None
    if found is None:
        raise Http404
    return found.bundle()
