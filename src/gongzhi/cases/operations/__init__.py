"""The engine's acts, by meaning.

intake.py     open, follow, merge, refer, reclassify, import
importing.py  many cases of another system at once
handling.py   assign, accept, return, settle, answer, note, urge
time.py       suspend, resume, extend; the clock's own marks
closing.py    verify, close, reopen, reject, withdraw
joining.py    ask a unit to join (or order a firm), its answer
rating.py     rate, follow up
catalogue.py  categories, responsibility list, procedures, amendments, saved views
"""

from gongzhi.cases.operations._steps import ChangedMeanwhile, decided_on, who_was_first
from gongzhi.cases.operations.catalogue import (
    BadDefinition,
    TitleTaken,
    adopt_procedure,
    change_view,
    decide_amendment,
    define_category,
    define_responsibility,
    drop_view,
    end_responsibility,
    save_view,
)
from gongzhi.cases.operations.closing import (
    VerifiedByHandler,
    WaitsForUnits,
    close_case,
    reject_case,
    reopen_case,
    verify_case,
    withdraw_case,
)
from gongzhi.cases.operations.handling import (
    MustSettle,
    ReturnsExhausted,
    accept_case,
    answer_case,
    assign_case,
    note_case,
    return_case,
    settle_case,
    take_back_case,
    urge_case,
)
from gongzhi.cases.operations.importing import KnownCase, import_cases
from gongzhi.cases.operations.intake import (
    BadPlace,
    UnknownCategory,
    follow_case,
    import_case,
    merge_case,
    open_case,
    place_case,
    raise_severity,
    reclassify_case,
    refer_case,
    show_raiser,
)
from gongzhi.cases.operations.joining import answer_join, join_case
from gongzhi.cases.operations.rating import follow_up_rating, rate_case
from gongzhi.cases.operations.time import extend_case, mark_overdue, move_to_procedure, resume_case, suspend_case

__all__ = [
    "BadDefinition",
    "BadPlace",
    "ChangedMeanwhile",
    "KnownCase",
    "MustSettle",
    "ReturnsExhausted",
    "TitleTaken",
    "UnknownCategory",
    "VerifiedByHandler",
    "WaitsForUnits",
    "accept_case",
    "adopt_procedure",
    "answer_case",
    "answer_join",
    "assign_case",
    "change_view",
    "close_case",
    "decide_amendment",
    "decided_on",
    "define_category",
    "define_responsibility",
    "drop_view",
    "end_responsibility",
    "extend_case",
    "follow_case",
    "follow_up_rating",
    "import_case",
    "import_cases",
    "join_case",
    "mark_overdue",
    "merge_case",
    "move_to_procedure",
    "note_case",
    "open_case",
    "place_case",
    "raise_severity",
    "rate_case",
    "reclassify_case",
    "refer_case",
    "reject_case",
    "reopen_case",
    "resume_case",
    "return_case",
    "save_view",
    "settle_case",
    "show_raiser",
    "suspend_case",
    "take_back_case",
    "urge_case",
    "verify_case",
    "who_was_first",
    "withdraw_case",
]
