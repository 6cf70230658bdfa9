"""Checks proofs of a gongzhi ledger without gongzhi: python3 verify_proof.py PROOF.json [VKEY]

Takes what /ledger/entries/N/proof.json (or opening.json) or /ledger/subjects/.../proofs.json gave. Only the standard library; with the
package `cryptography` installed the signature of the head is checked too. VKEY is the town's verifier key, best had
from somebody else than the town.
"""

import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf, index, size, hashes):
    """RFC 9162, 2.1.3.2."""
    number, last, found = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for sibling in hashes:
        if last == 0:
            raise ValueError("the proof is too long")
        if number & 1 or number == last:
            found = node(sibling, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node(found, sibling)
        number, last = number >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return found


def signature_holds(note, vkey):
    """True or False; None when the package `cryptography` is not there."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    name, _digest, key = vkey.strip().split("+", 2)
    text, _gap, lines = note.rpartition("\n\n")
    for line in lines.splitlines():
        _mark, signer, encoded = line.split(" ", 2)
        if signer == name:
            try:
                Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:]).verify(base64.b64decode(encoded)[4:], (text + "\n").encode())
            except InvalidSignature:
                return False
            return True
    return False


def main(arguments):
    told = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    head = told["checkpoint"]
    origin, size, root = head["note"].split("\n")[:3]
    proofs = told.get("proofs") or [told]
    if int(size) != head["size"] or base64.b64decode(root).hex() != head["root"]:
        print("WRONG: the signed note says something else than the head")
        return 1
    for proof in proofs:
        hashes = [bytes.fromhex(step) for step in proof["hashes"]]
        if root_of(proof["leaf"].encode(), proof["index"], int(size), hashes) != base64.b64decode(root):
            print(f"WRONG: entry {proof['index']} does not stand in the log of {origin} with {size} entries")
            return 1
        print(f"entry {proof['index']} stands in the log: {proof['leaf'][:120]}")
    if "opening" in told:  # of a private entry: its leaf holds only a keyed hash of its text
        opened = told["opening"]
        sealed = hmac.new(bytes.fromhex(opened["salt"]), b"entry:" + opened["entry"].encode(), hashlib.sha256).hexdigest()
        if json.loads(told["leaf"]) != {"private": sealed}:
            print("WRONG: the text is not what stands behind the entry")
            return 1
        print(f"behind it is: {opened['entry'][:120]}")
    holds = signature_holds(head["note"], arguments[1] if len(arguments) > 1 else head["vkey"])
    print({True: "the signature of the head holds", False: "WRONG: the signature of the head does not hold",
           None: "the signature was not checked: pip install cryptography"}[holds])  # fmt: skip
    return 1 if holds is False else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(sys.argv[1:]))
