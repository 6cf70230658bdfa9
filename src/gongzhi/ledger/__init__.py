"""The ledger 台账: every fact of every act, sealed so that anyone can check that nothing was altered.

An act's facts are written in its own transaction (`subscribers.py`, a plain insert). A task then seals what has
committed, in order, into one Merkle tree a town (`sealing.py`, RFC 9162 hashing) and signs its head.

tree.py      Merkle tree arithmetic: leaves, nodes, inclusion and consistency proofs. Pure
note.py      signed notes and checkpoints (C2SP signed-note, tlog-checkpoint). Pure
tiles.py     names of tiles (C2SP tlog-tiles). Pure
content.py   what of an entry is hashed and shown: the canonical form. Pure
keys.py      the signing key and the last signed head, kept apart from the database
sealing.py   puts committed entries into the tree; not an @operation, for it would record facts about sealing for ever
checking.py  recomputes everything and names what was changed behind the application's back

It holds no foreign keys, for it outlives people and modules, and no personal text, so that erasure never touches it.
"""
