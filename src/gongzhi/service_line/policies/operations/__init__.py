"""Acts on policies and consultations, by matter.

releasing.py      prepare, link, release, repeal, expire
reading.py        the reading beside the letter, questions on it
telling.py        subscriptions
passages.py       what may answer a question
consulting.py     a draft, opinions on it, answers, the result
"""

from gongzhi.service_line.policies.operations.consulting import (
    NoReason,
    NoSections,
    NotOpen,
    OpinionsWait,
    StillOpen,
    answer_opinions,
    give_opinion,
    open_consultation,
    publish_result,
)
from gongzhi.service_line.policies.operations.passages import keep_passage
from gongzhi.service_line.policies.operations.reading import NothingRead, answer_question, find_useful, publish_reading
from gongzhi.service_line.policies.operations.releasing import (
    AlreadyEnded,
    AlreadyReleased,
    Backwards,
    BadCode,
    CodeTaken,
    NoReasonToEnd,
    NoText,
    NoTitle,
    NumberTaken,
    ResultLacks,
    add_paper,
    expire_policies,
    link_policy,
    prepare_policy,
    release_policy,
    repeal_policy,
    unlink_policy,
)
from gongzhi.service_line.policies.operations.telling import subscribe, unsubscribe

__all__ = [
    "AlreadyEnded", "AlreadyReleased", "Backwards", "BadCode", "CodeTaken", "NoReason", "NoReasonToEnd", "NoSections", "NoText", "NoTitle", "NotOpen",
    "NothingRead", "NumberTaken", "OpinionsWait", "ResultLacks", "StillOpen", "add_paper", "answer_opinions", "answer_question", "expire_policies",
    "find_useful", "give_opinion", "keep_passage", "link_policy", "open_consultation", "prepare_policy", "publish_reading", "publish_result",
    "release_policy", "repeal_policy", "subscribe", "unlink_policy", "unsubscribe",
]  # fmt: skip
