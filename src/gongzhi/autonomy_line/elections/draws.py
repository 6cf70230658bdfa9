"""A lot by a seed that was fixed before the count, as the rules of a tabulator file ask for: the generator that Java documents (java.util.Random). Pure.

Anybody who knows the seed draws the same again; that is its whole point. It is no secret and decides nothing but ties.
"""

from collections.abc import Sequence

MULTIPLIER, ADDEND, MASK = 0x5DEECE66D, 0xB, (1 << 48) - 1


class Draw:
    """Draws that follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ MULTIPLIER) & MASK

    def _bits(self, count: int) -> int:
        self._state = (self._state * MULTIPLIER + ADDEND) & MASK
        return self._state >> (48 - count)

    def place(self, size: int) -> int:
        """Return one of so many places: a share of one (53 bits) times the size, cut down."""
        share = (self._bits(26) << 27) + self._bits(27)
        return share * size >> 53

    def below(self, bound: int) -> int:
        """Return a whole number below the bound, each as likely."""
        if bound & (bound - 1) == 0:
            return bound * self._bits(31) >> 31
        while True:
            bits = self._bits(31)
            number = bits % bound
            if bits - number + (bound - 1) < 1 << 31:
                return number

    def shuffled(self, names: Sequence[str]) -> list[str]:
        """Return the names in a drawn order."""
        drawn = list(names)
        for size in range(len(drawn), 1, -1):
            other = self.below(size)
            drawn[size - 1], drawn[other] = drawn[other], drawn[size - 1]
        return drawn
