"""Whether what stands on a page is in the reader's language.

The rule, in both directions: nothing on a page is one of the product's own sentences in the other language. The sentences are known from the
translations; what towns write (names, cases, places) is not among them. On Chinese pages four Latin words in a row are a sentence too, unless they
are code or marked as English.
"""

import ast
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

import polib

import gongzhi

SRC = Path(gongzhi.__file__).parent
HAN = re.compile(r"[\u4e00-\u9fff]")
_PLACE = re.compile(r"%%?\(\w+\)[sd]|%[sd]|\{\w*\}|%%")
_SENTENCE = re.compile(r"(?:\b[A-Za-z][a-z']+,? ){3,}[A-Za-z][a-z']+\b")

# (text, language of its nearest lang) of all that is shown or read aloud
READ = """() => {
  const found = [], skip = "script, style, template, noscript, code, pre, kbd, samp, textarea, svg style";
  const tell = (text, node) => {
    const words = (text || "").replace(/\\s+/g, " ").trim();
    if (words && !node.closest(skip)) found.push([words, node.closest("[lang]")?.lang || ""]);
  };
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) tell(walker.currentNode.data, walker.currentNode.parentElement);
  for (const node of document.querySelectorAll("[aria-label], [title], [placeholder], [alt], [content]"))
    for (const name of ["aria-label", "title", "placeholder", "alt"]) tell(node.getAttribute(name), node);
  return found;
}"""


def _pattern(message: str) -> str:
    return r".+?".join(re.escape(" ".join(part.split())) if part.strip() else part and " " for part in _PLACE.split(message)).strip()


@cache
def _entries() -> tuple[tuple[str, str], ...]:
    found = []
    for file in SRC.glob("**/locale/zh_Hans/LC_MESSAGES/django.po"):
        for entry in polib.pofile(str(file)):
            for chinese in [entry.msgstr, *entry.msgstr_plural.values()]:
                if chinese and chinese != entry.msgid:
                    found.append((entry.msgid, chinese))
                    if entry.msgid_plural:
                        found.append((entry.msgid_plural, chinese))
    return tuple(found)


def _compiled(messages: list[str]) -> tuple[frozenset[str], "re.Pattern[str]"]:
    plain = frozenset(" ".join(one.split()) for one in messages if not _PLACE.search(one))
    filled = sorted({_pattern(one) for one in messages if _PLACE.search(one)})
    return plain, re.compile("|".join(f"(?:{one})" for one in filled) or r"(?!)")


@cache
def _english() -> tuple[frozenset[str], "re.Pattern[str]"]:
    return _compiled([english for english, _chinese in _entries() if len(re.findall(r"[A-Za-z]{2,}", _PLACE.sub("", english))) >= 2])


@cache
def _chinese() -> tuple[frozenset[str], "re.Pattern[str]"]:
    return _compiled([chinese for _english, chinese in _entries() if len(HAN.findall(_PLACE.sub("", chinese))) >= 2])


@cache
def _data() -> frozenset[str]:
    """Return the Chinese texts that the demo towns are made of."""
    found = set()
    for file in [*(SRC / "config" / "demo").rglob("*.py"), *SRC.rglob("demo.py"), *SRC.rglob("facts.py"), *SRC.rglob("models.py"), *SRC.rglob("models/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
                found.add(" ".join(node.value.split()))
    for file in SRC.rglob("*.yaml"):
        found.update(line.split(":", 1)[-1].strip(" \"'-") for line in file.read_text(encoding="utf-8").splitlines() if HAN.search(line))
    return frozenset(found)


def strangers(texts: list[list[str]], language: str, kept: Collection[str] = ()) -> list[str]:
    """Return the texts of a page in `zh` or `en` that are the product's words in the other language; `kept` is what people wrote."""
    found = []
    for text, lang in texts:
        if lang and not lang.lower().startswith(language):
            continue
        if language == "zh":
            plain, filled = _english()
            if (not HAN.search(text) and (text in plain or filled.fullmatch(text))) or _SENTENCE.search(text):
                found.append(text)
        elif HAN.search(text) and text not in _data() and text not in kept:
            plain, filled = _chinese()
            if text in plain or filled.fullmatch(text):
                found.append(text)
    return list(dict.fromkeys(found))
