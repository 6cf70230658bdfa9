"""Messages to topics: words weighed by tf-idf, average linkage by cosine, heat. Pure, no database.

Vectors: words of two characters and more (rjieba); those of more than 15 % of the messages of a window say nothing and are left out.
Title words count three times. Average linkage joins as long as the mean cosine distance is at most CUT = 0.85; that value comes from
trials with thresholds from .80 to .90 that all gave nearly the same (parts as tried: .78 to .81), so that it is not tuned on one file.
The distance matrix grows with the square of the messages, so a window holds at most 3,000, taken in the order of time; topics
of neighbouring windows are joined where their mean vectors are as near as two messages of one topic have to be.

Heat of a topic: messages, each weighed by 1 + ln(1 + supporters), per day of its span, a span of less than a week counting as a week:
    heat = Σ (1 + ln(1 + supporters)) / max(span in days, 7)
so that fifty complaints of one week are hotter than fifty of a year, and one that many support counts more than one alone.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gongzhi.cases import words as cutter

CUT = 0.85
WINDOW = 3000
COMMON = 0.15
LEAST = 3  # messages that make a topic
_PLACE = re.compile(
    r"[A-Z]\d*(?:市|区|县)|[\u4e00-\u9fffA-Za-z0-9]{2,8}?(?:街道|社区|小区|花园|公园|广场|大道|路|街|村|镇|学校|小学|中学|医院|车站|地铁站|市场|工业园|园区)"
)
_STOP = frozenset({
    "我们", "他们", "你们", "现在", "没有", "问题", "希望", "领导", "尊敬", "您好", "你好", "一个", "可以", "这个", "这样", "还是", "已经", "怎么",
    "什么", "因为", "所以", "但是", "如果", "就是", "不能", "解决", "反映", "情况", "有关", "部门", "进行", "严重", "请问", "关于", "投诉", "咨询",
    "建议", "要求", "以及", "导致", "目前", "相关", "至今", "多次", "无法", "影响", "生活", "居民", "业主", "市民",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote. `supporters`: how many others agreed; `place`: where, if it is known."""

    id: str
    title: str
    text: str
    at: datetime | None = None
    supporters: int = 0
    place: str = ""


@dataclass(slots=True)
class Topic:
    """Messages that are about one matter."""

    number: int
    ids: list[str] = field(default_factory=list)
    title: str = ""
    words: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    heat: float = 0.0


def words_of(message: Message) -> Counter[str]:
    """Return the words of a message with how often each counts: those of its title three times."""
    found: Counter[str] = Counter()
    for text, weight in ((message.title, 3), (message.text, 1)):
        for word in cutter.cut(text).split():
            if len(word) > 1 and word not in _STOP and not word.isdigit():
                found[word.lower()] += weight
    return found


def _vectors(counted: Sequence[Counter[str]]) -> Any:
    """Return the rows of tf-idf, each of length one; a message without a telling word is a row of nothing."""
    import numpy as np
    from scipy.sparse import csr_matrix

    spread = Counter(word for found in counted for word in found)
    most = max(10, COMMON * len(counted))  # of few messages each word tells
    known = {word: n for n, word in enumerate(sorted(word for word, count in spread.items() if count <= most))}
    rows, columns, values = [], [], []
    for row, found in enumerate(counted):
        for word, times in found.items():
            if word in known:
                rows.append(row)
                columns.append(known[word])
                values.append((1 + math.log(times)) * (1 + math.log((1 + len(counted)) / (1 + spread[word]))))
    matrix = csr_matrix((values, (rows, columns)), shape=(len(counted), max(1, len(known))))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    return csr_matrix(matrix.multiply((1 / lengths)[:, None]))


def _grouped(counted: Sequence[Counter[str]]) -> list[int]:
    """Return the number of the group of each message of one window."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(counted) < 2:
        return [1] * len(counted)
    vectors = _vectors(counted)
    distances = np.clip(1 - (vectors @ vectors.T).toarray(), 0, 1)
    np.fill_diagonal(distances, 0)
    return [int(one) for one in fcluster(linkage(squareform(distances, checks=False), "average"), CUT, "distance")]


def find(messages: Sequence[Message], *, least: int = LEAST) -> list[Topic]:
    """Return the topics of messages, the hottest first; a matter with fewer than `least` messages is none."""
    ordered = sorted(messages, key=lambda one: (one.at is None, one.at.timestamp() if one.at else 0.0, one.id))
    counted = {one.id: words_of(one) for one in ordered}
    groups: list[list[Message]] = []
    for begin in range(0, len(ordered), WINDOW):
        window = ordered[begin : begin + WINDOW]
        made: dict[int, list[Message]] = {}
        for message, number in zip(window, _grouped([counted[one.id] for one in window]), strict=True):
            made.setdefault(number, []).append(message)
        groups += made.values()
    if len(ordered) > WINDOW:
        groups = _joined([group for group in groups if len(group) > 1], counted)
    found = [_topic(group, counted, len(ordered)) for group in groups if len(group) >= least]
    found.sort(key=lambda one: (-one.heat, -len(one.ids), one.ids[0]))
    for number, topic in enumerate(found, start=1):
        topic.number = number
    return found


def _joined(groups: list[list[Message]], counted: dict[str, Counter[str]]) -> list[list[Message]]:
    """Return groups of neighbouring windows joined where their sums of words are near."""
    sums = [sum((counted[one.id] for one in group), Counter[str]()) for group in groups[:WINDOW]]
    made: dict[int, list[Message]] = {}
    for group, number in zip(groups[:WINDOW], _grouped(sums), strict=True):
        made.setdefault(number, []).extend(group)
    return [*made.values(), *groups[WINDOW:]]


def _topic(group: list[Message], counted: dict[str, Counter[str]], count: int) -> Topic:
    spread = Counter(word for one in group for word in counted[one.id])
    everywhere = Counter(word for found in counted.values() for word in found)
    telling = {word: times * math.log((1 + count) / (1 + everywhere[word])) for word, times in spread.items() if times > 1} or spread
    best = [word for word, _weight in sorted(telling.items(), key=lambda pair: (-pair[1], pair[0]))[:8]]
    places = Counter(place for one in group for place in {*([one.place] if one.place else []), *_PLACE.findall(one.title)})
    moments = [one.at for one in group if one.at is not None]
    first, last = (min(moments), max(moments)) if moments else (None, None)
    span = max(7.0, (last - first).total_seconds() / 86_400) if first and last else 7.0
    wanted = set(best[:5])
    named = max(group, key=lambda one: (len(wanted & set(counted[one.id])), -len(one.title), one.id))
    return Topic(
        number=0, ids=[one.id for one in group], title=named.title, words=best, places=[place for place, _n in places.most_common(4)], first=first, last=last,
        heat=round(sum(1 + math.log(1 + max(0, one.supporters)) for one in group) / span, 4),
    )  # fmt: skip
