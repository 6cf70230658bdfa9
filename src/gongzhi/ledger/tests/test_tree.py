"""The tree against a naive one, against real vectors, and against another implementation."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.ledger import tree

VECTORS = Path(__file__).parents[5] / "shared" / "data" / "merkle" / "ct_proofs.jsonl"


def naive(leaves: list[bytes]) -> bytes:
    """Return MTH by its definition."""
    if not leaves:
        return tree.EMPTY
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node_hash(naive(leaves[:k]), naive(leaves[k:]))


def reader(leaves: list[bytes]):
    return lambda height, index: naive(leaves[index << height : (index + 1) << height])


LEAVES = st.integers(1, 70).map(lambda n: [tree.leaf_hash(str(i).encode()) for i in range(n)])


class TestTree:
    @given(LEAVES, st.data())
    def test_proves_every_leaf_and_no_other(self, leaves, data):
        size = len(leaves)
        root = tree.root(reader(leaves), size)
        assert root == naive(leaves)
        index = data.draw(st.integers(0, size - 1))
        proof = tree.inclusion_proof(reader(leaves), index, size)
        assert tree.root_of_inclusion(leaves[index], index, size, proof) == root
        assert tree.root_of_inclusion(tree.leaf_hash(b"other"), index, size, proof) != root
        for place in range(len(proof)):
            bent = [*proof[:place], bytes(32), *proof[place + 1 :]]
            assert tree.root_of_inclusion(leaves[index], index, size, bent) != root

    @given(LEAVES, st.data())
    def test_proves_that_the_old_is_the_beginning_of_the_new(self, leaves, data):
        size = len(leaves)
        old = data.draw(st.integers(1, size))
        proof = tree.consistency_proof(reader(leaves), old, size)
        old_root, root = naive(leaves[:old]), naive(leaves)
        assert tree.is_consistent(old, size, old_root, root, proof)
        if old < size:
            changed = naive([tree.leaf_hash(b"changed"), *leaves[1:old]])
            assert not tree.is_consistent(old, size, changed, root, proof)

    @given(LEAVES)
    def test_shows_nothing_from_an_empty_tree(self, leaves):
        size, root = len(leaves), naive(leaves)
        for claimed in (tree.EMPTY, root, bytes(32)):
            assert not tree.is_consistent(0, size, claimed, root, [])
            assert not tree.is_consistent(0, size, claimed, root, [root])
        with pytest.raises(ValueError, match="no proof"):
            tree.consistency_proof(reader(leaves), 0, size)
        assert tree.is_consistent(0, 0, tree.EMPTY, tree.EMPTY, [])
        assert not tree.is_consistent(0, 0, root, root, [])
        for old, new in ((-1, size), (-1, -1), (size + 1, size)):
            assert not tree.is_consistent(old, new, root, root, [])
        assert not tree.is_consistent(size, size, root[:-1], root[:-1], [])

    @given(LEAVES)
    def test_grows_leaf_by_leaf_to_the_same_root(self, leaves):
        frontier = tree.Frontier()
        for count, leaf in enumerate(leaves, start=1):
            frontier.append(leaf)
            assert frontier.root() == naive(leaves[:count])

    @given(LEAVES, st.data())
    def test_agrees_with_another_implementation(self, leaves, data):
        from pymerkle import InmemoryTree, verify_consistency

        other = InmemoryTree(algorithm="sha256")
        for number in range(len(leaves)):
            other.append_entry(str(number).encode())
        size = len(leaves)
        root = tree.root(reader(leaves), size)
        assert other.get_state(size) == root
        index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
        theirs = other.prove_inclusion(index + 1, size)  # its entries are counted from 1
        assert theirs.path[1:] == tree.inclusion_proof(reader(leaves), index, size)
        assert other.get_state(old) == naive(leaves[:old])
        grown = other.prove_consistency(old, size)
        verify_consistency(naive(leaves[:old]), root, grown)


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors of Certificate Transparency logs are not on this machine")
class TestRealVectors:
    def test_judges_every_vector_as_it_should_be(self):
        seen = 0
        for line in VECTORS.read_text().splitlines():
            row = json.loads(line)
            proof = [base64.b64decode(step) for step in row.get("proof") or []]
            if "/subtree" in row["path"]:
                continue  # proofs of subtrees are another draft; nothing here makes or takes them
            if "/consistency/" in row["path"]:
                roots = [base64.b64decode(row[name] or "") for name in ("root1", "root2")]
                holds = tree.is_consistent(row["size1"], row["size2"], *roots, proof) and row["size1"] <= row["size2"]
            else:
                try:
                    found = tree.root_of_inclusion(base64.b64decode(row["leafHash"]), row["leafIdx"], row["treeSize"], proof)
                    holds = found == base64.b64decode(row["root"])
                except ValueError:
                    holds = False
            assert holds is not row["wantErr"], row["path"]
            seen += 1
        assert seen > 50
