"""Questions about enquiries, requests and the statutory list, by what they are about."""

from gongzhi.service_line.openness.queries.columns import Standing, column_for, columns, due_on, entries, entry_for, standing
from gongzhi.service_line.openness.queries.enquiries import (
    Turn,
    answered,
    case_of,
    enquiry_dossier,
    enquiry_of,
    organs_asked,
    thread,
)
from gongzhi.service_line.openness.queries.requests import Year, request_dossier, request_of, year

__all__ = [
    "Standing", "Turn", "Year", "answered", "case_of", "column_for", "columns", "due_on", "enquiry_dossier", "enquiry_of", "entries",
    "entry_for", "organs_asked", "request_dossier", "request_of", "standing", "thread", "year",
]  # fmt: skip
