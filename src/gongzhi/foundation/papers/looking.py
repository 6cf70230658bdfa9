"""What a file is that somebody brings, found without opening it as a document: a stranger's file is never handed to a parser of PDF.

A PDF signature names the bytes that it covers (ISO 32000-2, 12.8.1: ByteRange), and holds a CMS message with the digest of
them and the certificate that signed. Both are found by their form.
"""

import hashlib
import re
from dataclasses import dataclass, field

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

MOST = 20_000_000  # bytes
MOST_SIGNATURES = 20
_RANGE = re.compile(rb"/ByteRange\s*\[\s*([0-9]{1,9})\s+([0-9]{1,9})\s+([0-9]{1,9})\s+([0-9]{1,9})\s*\]")


@dataclass(frozen=True, slots=True)
class Found:
    """One signature of a file: where what it covers ends, whether that is unchanged, who signed (DER)."""

    end: int
    is_unchanged: bool
    signer: bytes


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is by its bytes."""

    sha256: str
    is_pdf: bool
    size: int
    signatures: list[Found] = field(default_factory=list)


def look(content: bytes) -> Look:
    """Say what a file is: its digest, whether it is a PDF at all, and its signatures."""
    found = []
    for match in list(_RANGE.finditer(content))[:MOST_SIGNATURES]:
        start, first, second, last = (int(part) for part in match.groups())
        end = second + last
        if start == 0 and 0 < first < second <= end <= len(content):
            found.append(_signature(content, first, second, end))
    return Look(hashlib.sha256(content).hexdigest(), content[:1024].lstrip().startswith(b"%PDF-"), len(content), found)


def _signature(content: bytes, first: int, second: int, end: int) -> Found:
    written = content[first:second].strip().strip(b"<>")
    try:
        message = cms.ContentInfo.load(bytes.fromhex(written.decode("ascii")))["content"]
        signer = message["signer_infos"][0]
        attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
        digest = hashlib.sha256(content[:first] + content[second:end]).digest()
        serial = signer["sid"].chosen["serial_number"].native
        certificate = next(one.chosen for one in message["certificates"] if one.chosen.serial_number == serial).dump()
        public = x509.load_der_x509_certificate(certificate).public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return Found(end, False, certificate)
        try:
            public.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return Found(end, False, certificate)
        return Found(end, attributes["message_digest"].native == digest, certificate)
    except (ValueError, KeyError, TypeError, IndexError, StopIteration, AttributeError):
        return Found(end, False, b"")


def begins_with(content: bytes, end: int) -> str:
    """Return the digest of the file up to a place: what it was before something was appended."""
    return hashlib.sha256(content[:end]).hexdigest()
