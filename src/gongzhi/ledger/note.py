"""Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint). Pure.

    <origin>
    <size>
    <base64 root>

    — <name> <base64(key id ‖ Ed25519 signature)>
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"


class BadNote(ValueError):
    """A note that cannot be read, or whose signature does not hold."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: how many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes by which a verifier finds the key of a signature."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """Return the key in the form that verifiers take: name+hash+base64."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def read_verifier_key(text: str) -> tuple[str, bytes]:
    """Return (name, public key) of a verifier key; raise BadNote."""
    try:
        name, digest, encoded = text.split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise BadNote("the verifier key cannot be read") from error
    if raw[:1] != ED25519 or len(raw) != 33 or key_id(name, raw[1:]).hex() != digest:
        raise BadNote("the verifier key does not hold together")
    return name, raw[1:]


def sign(checkpoint: Checkpoint, name: str, key: Ed25519PrivateKey) -> str:
    """Return the signed note of a checkpoint."""
    public = key.public_key().public_bytes_raw()
    signature = base64.b64encode(key_id(name, public) + key.sign(checkpoint.text.encode())).decode()
    return f"{checkpoint.text}\n— {name} {signature}\n"


def verify(note: str, vkey: str) -> Checkpoint:
    """Return the checkpoint of a note whose signature by this key holds; raise BadNote."""
    return read(opened(note, vkey))


def opened(note: str, vkey: str) -> str:
    """Return the text of a note whose signature by this key holds; raise BadNote."""
    name, public = read_verifier_key(vkey)
    text, gap, signatures = note.rpartition("\n\n")
    if not gap:
        raise BadNote("the note has no signature")
    text += "\n"
    wanted = key_id(name, public)
    for line in signatures.splitlines():
        mark, _space, rest = line.partition(" ")
        signer, _space, encoded = rest.partition(" ")
        if mark != "—" or signer != name:
            continue
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise BadNote("a signature cannot be read") from error
        if raw[:4] != wanted:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
        except InvalidSignature as error:
            raise BadNote("the signature does not hold") from error
        return text
    raise BadNote("the note is not signed by this key")


def read(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text states; raise BadNote."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise BadNote("the checkpoint cannot be read")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError as error:
        raise BadNote("the checkpoint's root cannot be read") from error
    if len(root) != 32:
        raise BadNote("the checkpoint's root is not a SHA-256")
    return Checkpoint(lines[0], int(lines[1]), root)
