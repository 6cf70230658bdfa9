"""The record 一本账: what every register has in common.

Statements (a value is told by a source, on a legal basis, on somebody's word, by a hand, at a moment; none is ever overwritten), looks at
sealed values, files that are taken over row by row with an account of every row, and who may see which part of a register.

Facts out: ValuesTold, RegisterLooked, RegisterFileBrought, RegisterRowsTaken, RegisterFileEnded. Facts in: none.
Not here: the people and firms themselves (residents, firms), and why somebody else may see a field (grants: `grants.py` is their door).
"""
