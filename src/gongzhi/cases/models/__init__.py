"""Tables of the closed loop, by meaning: what may be asked (catalogue), the case, its clocks, its people."""

from gongzhi.cases.models.case import ACT_WORDS, STATE_WORDS, Case, CaseCounter, CaseQuerySet, Step, StepAttachment
from gongzhi.cases.models.catalogue import AmendmentProposal, Category, Procedure, Responsibility
from gongzhi.cases.models.clocks import Clock, Stop
from gongzhi.cases.models.parties import CoHandling, FollowUp, Party, Rating, SavedView

__all__ = [
    "ACT_WORDS",
    "STATE_WORDS",
    "AmendmentProposal",
    "Case",
    "CaseCounter",
    "CaseQuerySet",
    "Category",
    "Clock",
    "CoHandling",
    "FollowUp",
    "Party",
    "Procedure",
    "Rating",
    "Responsibility",
    "SavedView",
    "Step",
    "StepAttachment",
    "Stop",
]
