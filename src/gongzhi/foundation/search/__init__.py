"""Search 搜索: one place where a reader finds whatever they may see, by everyday words.

Facts out: SearchRebuilt, TownSynonymsSet. Facts in: none of its own; modules say in `register` what of theirs is found, and by which facts it changes.
"""
