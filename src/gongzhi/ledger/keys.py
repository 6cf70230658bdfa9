"""What is kept apart from the database: a town's signing key, its verifier keys, and the last head it signed.

Whoever can change every row of the database can neither sign a head nor make the town sign a log that does not begin
with what it signed before. In the folder of the keys (GONGZHI_LEDGER_KEYS), for the town with number N:

    N.ed25519   the private key, hex
    N.vkeys     every verifier key the town ever had, one a line, the present one last
    N.head      the last signed note
"""

import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from gongzhi.ledger import note


class KeyUnusable(RuntimeError):
    """A key or head beside the database that cannot be read, or a name that cannot stand in a checkpoint."""


def origin(town_id: int) -> str:
    """Return the name that a town's log begins with: a key, once made, keeps its own (`signer`)."""
    name = f"{settings.LEDGER_ORIGIN}/{town_id}"
    if "+" in name or any(letter.isspace() for letter in name):
        raise KeyUnusable(f"GONGZHI_LEDGER_ORIGIN must have neither spaces nor +: {settings.LEDGER_ORIGIN!r}")
    return name


def _file(town_id: int, kind: str) -> Path:
    return Path(settings.LEDGER_KEYS) / f"{town_id}.{kind}"


def _put(file: Path, text: str, *, anew: bool) -> bool:
    """Write a file whole or not at all, readable by its owner only; return False when it is there and may not be replaced."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        if anew:
            Path(name).replace(file)
            return True
        try:
            file.hardlink_to(name)
        except FileExistsError:
            return False
        return True
    finally:
        Path(name).unlink(missing_ok=True)


def _private(town_id: int) -> Ed25519PrivateKey | None:
    file = _file(town_id, "ed25519")
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text(encoding="utf-8").strip()))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise KeyUnusable(f"The signing key {file} cannot be read: {error}") from error


def trusted(town_id: int) -> list[str]:
    """Return the verifier keys by which the town's heads may be signed, the present one last; none when no key is here."""
    file = _file(town_id, "vkeys")
    if file.exists():
        return file.read_text(encoding="utf-8").split()
    key = _private(town_id)
    return [note.verifier_key(origin(town_id), key.public_key().public_bytes_raw())] if key else []


def signer(town_id: int) -> tuple[str, Ed25519PrivateKey]:
    """Return the name and the key that sign for a town; the key is made the first time."""
    key = _private(town_id)
    if key is None:
        known, made = trusted(town_id), Ed25519PrivateKey.generate()
        name = note.read_verifier_key(known[-1])[0] if known else origin(town_id)
        vkey = note.verifier_key(name, made.public_key().public_bytes_raw())
        _put(_file(town_id, "vkeys"), "\n".join([*known, vkey]) + "\n", anew=True)
        _put(_file(town_id, "ed25519"), made.private_bytes_raw().hex(), anew=False)
        key = _private(town_id)
        assert key is not None
    public = key.public_key().public_bytes_raw()
    for vkey in reversed(trusted(town_id)):
        name, told = note.read_verifier_key(vkey)
        if told == public:
            return name, key
    raise KeyUnusable(f"{_file(town_id, 'vkeys')} does not name the key that signs for town {town_id}.")


def last_signed(town_id: int) -> note.Checkpoint | None:
    """Return the last head that was signed here, as kept beside the key; None before the first."""
    try:
        text = _file(town_id, "head").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    for vkey in reversed(trusted(town_id)):
        try:
            return note.verify(text, vkey)
        except note.BadNote:
            continue
    raise KeyUnusable(f"{_file(town_id, 'head')} is not a head that this town signed.")


def keep_head(town_id: int, text: str) -> None:
    """Keep the newest signed note beside the key."""
    _put(_file(town_id, "head"), text, anew=True)


def begin_anew(town_id: int) -> Path | None:
    """Set the key and the last head aside, so that the next head is signed by a new key; return where they went.

    Verifiers that hold the old key then refuse the new heads, as they should: the log no longer begins with the old one.
    """
    moving = [file for file in (_file(town_id, "ed25519"), _file(town_id, "head")) if file.exists()]
    if not moving:
        return None
    if not _file(town_id, "vkeys").exists():
        _put(_file(town_id, "vkeys"), "\n".join(trusted(town_id)) + "\n", anew=True)
    number = 1
    while (aside := Path(settings.LEDGER_KEYS) / f"{town_id}.former-{number}").exists():
        number += 1
    aside.mkdir(mode=0o700)
    for file in moving:
        file.rename(aside / file.name)
    return aside
