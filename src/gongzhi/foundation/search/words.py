"""Which words stand in a text: words as rjieba cuts them, pairs of neighbouring Chinese characters, and single ones. Pure.

Pairs find what is cut otherwise in the question than in the text (预售证 in 商品房预售许可); a word of two characters that is also
a pair counts once. A single character counts half in a question. Texts are folded: full-width letters narrowed, capitals lowered.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

import rjieba

_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[a-z0-9]+(?:[.\-/][a-z0-9]+)*")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
SINGLE = 0.5  # of a single character in a question, beside 1 of a pair or a word
_OF_PEOPLE = re.compile("[0-9]{9}")  # numbers of telephones and papers: nobody is looked for by these
LONGEST = 24  # characters of a word; longer ones are cut
# what people write around what they look for: said of everything, so it finds nothing
IDLE = frozenset({
    "的", "了", "吗", "呢", "吧", "啊", "呀", "我", "我们", "我想", "我要", "想", "要", "需要", "怎么", "怎样",
    "怎么办", "怎么样", "如何", "什么", "哪里", "哪儿", "在哪", "请问", "一下", "一个", "一家", "可以", "能", "能不能", "可不可以", "是否",
    "有", "没有", "在", "是", "去", "到", "和", "与", "及", "或", "给", "把", "被", "让", "对", "这",
    "那", "个", "家", "办理", "手续", "申请", "流程", "材料",
})  # fmt: skip


def folded(text: str) -> str:
    """Return a text with full-width letters narrowed and capitals lowered."""
    return unicodedata.normalize("NFKC", text).lower()


@lru_cache(maxsize=4096)
def _cut(run: str) -> tuple[str, ...]:
    return tuple(rjieba.cut_for_search(run))


def words(text: str) -> Counter[str]:
    """Return how often each word and pair stands in a text."""
    found: Counter[str] = Counter()
    for run in _RUN.findall(folded(text)):
        if not _CHINESE.match(run):
            if not _OF_PEOPLE.search(run):
                found[run[:LONGEST]] += 1
            continue
        cut = Counter(word for word in _cut(run) if len(word) > 1)
        pairs = Counter(run[place : place + 2] for place in range(len(run) - 1))
        for word in cut.keys() | pairs.keys():
            found[word[:LONGEST]] += max(cut[word], pairs[word])
        found.update(run)
    return found


def asked(text: str) -> dict[str, float]:
    """Return the weighted words of a question, without what people write around it; all of them where nothing else is left."""
    found = words(text)
    idle = {letter for word in found if word in IDLE for letter in word}
    told = {word: count for word, count in found.items() if word not in IDLE and word not in idle} or found
    return {word: count * (SINGLE if len(word) == 1 and _CHINESE.match(word) else 1.0) for word, count in told.items()}


def matter(text: str) -> int:
    """Return how many characters of a question are its matter: those of words that people do not write around everything."""
    return sum(len(word) for run in _RUN.findall(folded(text)) for word in rjieba.cut(run) if word not in IDLE)
