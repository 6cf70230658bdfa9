"""Acts of openness besides those of the engine, by matter."""

from gongzhi.service_line.openness.operations.columns import define_column, publish_entry, tell_entry
from gongzhi.service_line.openness.operations.enquiries import KeyTooShort, KeyUsed, NobodyToAsk, NothingAsked, ask, publish_answer
from gongzhi.service_line.openness.operations.requests import BadReceipt, NeedsName, NothingWanted, note_receipt, request_information

__all__ = [
    "BadReceipt", "KeyTooShort", "KeyUsed", "NeedsName", "NobodyToAsk", "NothingAsked", "NothingWanted", "ask", "define_column", "note_receipt",
    "publish_answer", "publish_entry", "request_information", "tell_entry",
]  # fmt: skip
