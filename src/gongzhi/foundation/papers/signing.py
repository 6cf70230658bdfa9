"""Signing a file with PAdES (ETSI EN 319 142-1, level B-B), and judging a signed file. Pure, by pyHanko.

Only files that we wrote are opened here: whatever somebody brings is looked at by `looking.py` first, which parses nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import pem as asn1_pem
from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "Town"


def signer(*, private: str, certificate: bytes, root: bytes) -> signers.SimpleSigner:
    """Return what signs with a key (PEM), naming its certificate and root (DER)."""
    _kind, _headers, der = asn1_pem.unarmor(private.encode())
    known = SimpleCertificateStore()
    known.register(x509.Certificate.load(root))
    return signers.SimpleSigner(signing_cert=x509.Certificate.load(certificate), signing_key=asn1_keys.PrivateKeyInfo.load(der), cert_registry=known)


def sign(content: bytes, *, private: str, certificate: bytes, root: bytes, name: str, reason: str) -> bytes:
    """Return the file with the town's signature over the whole of it; readers are told that nothing may be changed after."""
    about = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES,
        name=name, reason=reason,
    )  # fmt: skip
    by = signer(private=private, certificate=certificate, root=root)
    signed: BytesIO = signers.PdfSigner(about, signer=by).sign_pdf(IncrementalPdfFileWriter(BytesIO(content)))
    return signed.getvalue()


@dataclass(frozen=True, slots=True)
class Judged:
    """What holds of a signed file: each must, for the file to pass."""

    signatures: int
    is_ours: bool = False
    is_unchanged: bool = False
    covers_all: bool = False

    @property
    def passes(self) -> bool:
        return self.signatures == 1 and self.is_ours and self.is_unchanged and self.covers_all


def judge(content: bytes, *, root: bytes, at: datetime) -> Judged:
    """Say of a signed file whether it has one signature, under our root, over the whole file, unchanged. `at`: when it was signed.

    `bottom_line` alone is not enough: it stays true where bytes are appended.
    """
    try:
        found = list(PdfFileReader(BytesIO(content)).embedded_signatures)
        if len(found) != 1:
            return Judged(len(found))
        trusted = ValidationContext(trust_roots=[x509.Certificate.load(root)], moment=at, allow_fetching=False)
        status = validate_pdf_signature(found[0], signer_validation_context=trusted)
        return Judged(
            1, is_ours=status.trusted, is_unchanged=status.bottom_line and status.intact and status.valid,
            covers_all=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        )  # fmt: skip
    except (PdfError, SignatureValidationError, ValueError):
        return Judged(0)


def digest(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate, by which it is named."""
    return hashlib.sha256(certificate).hexdigest()
