"""What attachments leave in the ledger."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class AttachmentAdded(Fact):
    sha256: str
    size: int
    content_type: str


@dataclass(frozen=True, kw_only=True)
class AttachmentsClosed(Fact):
    attachment_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AttachmentRemade(Fact):
    """The files of a photo were made anew of its pixels; `before` is the digest that the ledger knew."""

    before: str
    sha256: str
    size: int
