"""Energy, water and emissions per 10,000 yuan of output, and which firms count as high 三高. Pure; exact decimals.

Over several returns the sums are divided, never the quotients averaged: a month of little output must not weigh as much as one of full work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A return as the arithmetic needs it: output in 10,000 yuan, energy in tce, water in m³, emissions in kg by factor."""

    title: str
    output: Decimal
    energy: Decimal
    water: Decimal
    emissions: Mapping[str, Decimal] = field(default_factory=dict)

    def amount(self, measure: str) -> Decimal:
        """Return what is divided by the output."""
        return {"energy": self.energy, "water": self.water}.get(measure) if measure in ("energy", "water") else self.emissions.get(measure, ZERO)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intensity:
    """One measure of a firm: its amount, its output, the quotient (None without output), and what the threshold says."""

    measure: str
    amount: Decimal
    output: Decimal
    value: Decimal | None
    limit: Decimal | None = None
    basis: str = ""

    @property
    def is_high(self) -> bool:
        return self.value is not None and self.limit is not None and self.value > self.limit

    @property
    def times(self) -> Decimal | None:
        """Return the quotient over the threshold."""
        return self.value / self.limit if self.value is not None and self.limit else None


def intensity(measure: str, reported: Iterable[Reported], *, limit: Decimal | None = None, basis: str = "") -> Intensity:
    """Return a firm's intensity in one measure over the returns handed in."""
    returns = list(reported)
    amount = sum((one.amount(measure) for one in returns), ZERO)
    output = sum((one.output for one in returns), ZERO)
    return Intensity(measure=measure, amount=amount, output=output, value=amount / output if output > 0 else None, limit=limit, basis=basis)
