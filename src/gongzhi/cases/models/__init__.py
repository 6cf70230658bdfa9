"""Tables of the closed loop, by meaning: what may be asked (catalogue), the case, its clocks, its people."""

from gongzhi.cases.models.case import ACT_WORDS, KIND_ACT_WORDS, STATE_WORDS, Case, CaseCounter, CaseQuerySet, Step, StepAttachment
from gongzhi.cases.models.catalogue import AmendmentProposal, Category, Procedure, Responsibility
from gongzhi.cases.models.clocks import Clock, Stop
from gongzhi.cases.models.parties import ROLE_WORDS, FollowUp, Party, Rating, SavedView
from gongzhi.cases.models.tasks import ASK_WORDS, VERDICT_WORDS, Task

__all__ = [
    "ACT_WORDS",
    "ASK_WORDS",
    "KIND_ACT_WORDS",
    "ROLE_WORDS",
    "STATE_WORDS",
    "VERDICT_WORDS",
    "AmendmentProposal",
    "Case",
    "CaseCounter",
    "CaseQuerySet",
    "Category",
    "Clock",
    "FollowUp",
    "Party",
    "Procedure",
    "Rating",
    "Responsibility",
    "SavedView",
    "Step",
    "StepAttachment",
    "Stop",
    "Task",
]
