"""Policies with their readings, what is asked before them, and what of all that may answer a question."""

from gongzhi.service_line.policies.models.consultations import Answer, Consultation, Opinion, Section
from gongzhi.service_line.policies.models.passages import Passage, PassageWord
from gongzhi.service_line.policies.models.policies import (
    TOPIC_WORDS,
    Clause,
    Link,
    Paper,
    Policy,
    Question,
    Replacement,
    Subscription,
    Topic,
)

__all__ = [
    "TOPIC_WORDS", "Answer", "Clause", "Consultation", "Link", "Opinion", "Paper", "Passage", "PassageWord", "Policy", "Question", "Replacement", "Section",
    "Subscription", "Topic",
]  # fmt: skip
