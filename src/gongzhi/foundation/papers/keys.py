"""Keys and certificates by which a town signs papers: its own root, and keys under it. P-256 with SHA-256, as PAdES readers know it. Pure."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT_LASTS = timedelta(days=30 * 365)
KEY_LASTS = timedelta(days=5 * 365)
BEFORE = timedelta(days=1)  # a certificate holds from a day before it is made: clocks of readers differ


@dataclass(frozen=True, slots=True)
class Made:
    """A key with its certificate: PEM (unsealed) and DER."""

    private: str
    certificate: bytes
    valid_until: datetime


def _name(town: str, what: str) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, town[:64]),
        x509.NameAttribute(NameOID.COMMON_NAME, f"{town} {what}"[:64]),
    ])  # fmt: skip


def _made(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Made:
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    return Made(private, certificate.public_bytes(serialization.Encoding.DER), certificate.not_valid_after_utc)


def _begun(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime, lasts: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
        .serial_number(int.from_bytes(secrets.token_bytes(19), "big") | 1).not_valid_before(at - BEFORE).not_valid_after(at + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )  # fmt: skip


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs, content_commitment=signs, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=not signs, crl_sign=not signs, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def make_root(town: str, at: datetime) -> Made:
    """Return a new root of a town; it signs nothing but the town's own keys."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(town, "文书根证书")
    begun = _begun(name, name, key, at, ROOT_LASTS)
    begun = begun.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(_usage(signs=False), critical=True)
    return _made(key, begun.sign(key, hashes.SHA256()))


def make_key(town: str, at: datetime, root_private: str, root_certificate: bytes) -> Made:
    """Return a new key by which a town signs papers, certified by its root; it never outlives the root."""
    signer = serialization.load_pem_private_key(root_private.encode(), password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    root = x509.load_der_x509_certificate(root_certificate)
    key = ec.generate_private_key(ec.SECP256R1())
    lasts = min(KEY_LASTS, root.not_valid_after_utc - at)
    begun = _begun(_name(town, "文书签名"), root.subject, key, at, lasts)
    begun = begun.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).add_extension(_usage(signs=True), critical=True)
    begun = begun.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    return _made(key, begun.sign(signer, hashes.SHA256()))


def pem(certificate: bytes) -> str:
    """Return a certificate in the form that programs of others read."""
    return x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM).decode()
