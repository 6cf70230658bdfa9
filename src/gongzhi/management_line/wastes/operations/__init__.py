"""Acts on ledgers.

ledgers.py  a waste's ledger: bookings, strikes, counts
ground.py   soil plots and samples
"""

from gongzhi.management_line.wastes.operations.ground import NoSuchUse, NotASample, register_plot, take_sample
from gongzhi.management_line.wastes.operations.ledgers import (
    BadWasteCode,
    BeforeTheCount,
    DoesNotBalance,
    ManifestMissing,
    ManifestTaken,
    NoSuchBooking,
    NotAnAmount,
    NotInStock,
    NotYet,
    OutOfTheLedger,
    StruckAlready,
    book_waste,
    count_stock,
    open_ledger,
    strike_booking,
)

__all__ = [
    "BadWasteCode",
    "BeforeTheCount",
    "DoesNotBalance",
    "ManifestMissing",
    "ManifestTaken",
    "NoSuchBooking",
    "NoSuchUse",
    "NotASample",
    "NotAnAmount",
    "NotInStock",
    "NotYet",
    "OutOfTheLedger",
    "StruckAlready",
    "book_waste",
    "count_stock",
    "open_ledger",
    "register_plot",
    "strike_booking",
    "take_sample",
]
