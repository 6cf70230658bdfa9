"""The engine's acts, by meaning.

opening.py    open one or several, import
intake.py     follow, merge, refer, reclassify, place
importing.py  many cases of another system at once
handling.py   assign, accept, return, settle, answer, note, urge
time.py       suspend, resume, extend; the clock's own marks
closing.py    verify, close, reopen, reject, withdraw
deciding.py   named results of a kind, acts of a kind
joining.py    tasks: asked for, answered, returned, given on, stopped
parties.py    who has a part in a case
rating.py     rate, follow up
catalogue.py  categories, responsibility list, procedures, amendments, saved views
"""

from gongzhi.cases.need import Need, PartyNeed
from gongzhi.cases.operations._steps import ChangedMeanwhile, decided_on, who_was_first
from gongzhi.cases.operations.catalogue import (
    BadDefinition,
    TitleTaken,
    UnknownKindOfCase,
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
from gongzhi.cases.operations.deciding import NoSuchResult, decide_case, take_step
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
    follow_case,
    merge_case,
    place_case,
    raise_severity,
    reclassify_case,
    refer_case,
    show_raiser,
)
from gongzhi.cases.operations.joining import answer_join, give_task_on, join_case, resume_task, return_task, stop_task
from gongzhi.cases.operations.masking import mask_texts
from gongzhi.cases.operations.opening import BadPlace, NeedsDossier, UnknownCategory, import_case, open_case, open_cases
from gongzhi.cases.operations.parties import add_party, end_party
from gongzhi.cases.operations.rating import follow_up_rating, rate_case
from gongzhi.cases.operations.time import extend_case, mark_overdue, move_to_procedure, resume_case, suspend_case

__all__ = [
    "BadDefinition",
    "BadPlace",
    "ChangedMeanwhile",
    "KnownCase",
    "MustSettle",
    "Need",
    "NeedsDossier",
    "NoSuchResult",
    "PartyNeed",
    "ReturnsExhausted",
    "TitleTaken",
    "UnknownCategory",
    "UnknownKindOfCase",
    "VerifiedByHandler",
    "WaitsForUnits",
    "accept_case",
    "add_party",
    "adopt_procedure",
    "answer_case",
    "answer_join",
    "assign_case",
    "change_view",
    "close_case",
    "decide_amendment",
    "decide_case",
    "decided_on",
    "define_category",
    "define_responsibility",
    "drop_view",
    "end_party",
    "end_responsibility",
    "extend_case",
    "follow_case",
    "follow_up_rating",
    "give_task_on",
    "import_case",
    "import_cases",
    "join_case",
    "mark_overdue",
    "mask_texts",
    "merge_case",
    "move_to_procedure",
    "note_case",
    "open_case",
    "open_cases",
    "place_case",
    "raise_severity",
    "rate_case",
    "reclassify_case",
    "refer_case",
    "reject_case",
    "reopen_case",
    "resume_case",
    "resume_task",
    "return_case",
    "return_task",
    "save_view",
    "settle_case",
    "show_raiser",
    "stop_task",
    "suspend_case",
    "take_back_case",
    "take_step",
    "urge_case",
    "verify_case",
    "who_was_first",
    "withdraw_case",
]
