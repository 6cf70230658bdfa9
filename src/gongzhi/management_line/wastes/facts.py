"""What the ledgers of waste and soil leave in the public ledger."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class WasteRegistered(Fact):
    organ_id: int
    code: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class WasteBooked(Fact):
    waste_id: int
    kind_of_booking: str
    amount: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class BookingStruck(Fact):
    waste_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class StockCounted(Fact):
    waste_id: int
    difference: str
    flagged: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PlotRegistered(Fact):
    code: str
    use: str


@dataclass(frozen=True, kw_only=True)
class SampleTaken(Fact):
    plot_id: int
    taken_on: date
    items: int
