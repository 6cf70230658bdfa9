"""民意, voice: what residents think, in groups and in common. No tables yet.

`opinionmap.py` finds groups of people who vote alike on short statements, what is typical of each and what all share (the Polis method, NumPy only);
`export.py` reads a folder as Polis exports it. `./gongzhi opinions FOLDER` prints the map of such a folder.
"""
