"""Nothing is said in one language only: every sentence of the product has its Chinese."""

import ast
import importlib
import re
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

import gongzhi

SRC = Path(gongzhi.__file__).parent
CALLS = {
    "_": 0, "gettext": 0, "gettext_lazy": 0, "gettext_noop": 0, "_now": 0, "ngettext": 0, "ngettext_lazy": 0, "pgettext": 1, "pgettext_lazy": 1, "npgettext": 1,
}  # fmt: skip
STRING = r"""u?(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""


def _of_code(text):
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            given = [part.value if isinstance(part, ast.Constant) else None for part in node.args]
            if name in CALLS and len(given) > CALLS[name] and isinstance(given[CALLS[name]], str):
                yield (given[0] if CALLS[name] else None), given[CALLS[name]]
        if isinstance(node, ast.FunctionDef) and node.name.startswith("may_"):
            first = (ast.get_docstring(node) or "").strip().splitlines()
            if first and node.args.args and node.args.args[0].arg == "actor":
                yield None, first[0]  # the refusal that the reader sees


def _of_template(text):
    for name, given in re.findall(rf"(?:^|[^a-z])(_|gettext|pgettext|ngettext|npgettext)\(((?:{STRING}\s*,?\s*)+)", templatize(text)):
        words = [ast.literal_eval(part.lstrip("u")) for part in re.findall(STRING, given)]
        yield (words[0] if CALLS[name] else None), words[CALLS[name]]


def _said():
    for file in [*SRC.rglob("*.py"), *SRC.rglob("*.html"), *SRC.rglob("templates/**/*.js")]:
        if {"tests", "migrations", "static"} & set(file.parts):
            continue
        text = file.read_text(encoding="utf-8")
        for context, message in _of_code(text) if file.suffix == ".py" else _of_template(text):
            if re.search(r"[A-Za-z]{2}", message):
                yield file, context, message


def _known():
    found = {}
    for file in SRC.glob("**/locale/zh_Hans/LC_MESSAGES/django.po"):
        for entry in polib.pofile(str(file)):
            found[(entry.msgctxt, entry.msgid)] = entry.msgstr or next(iter(entry.msgstr_plural.values()), "")
    return found


def _places(text):
    return set(re.findall(r"%%?\(\w+\)[sd]", text))


def test_every_sentence_has_its_chinese():
    known = _known()
    missing = sorted({f"{file.relative_to(SRC)}: {message}" for file, context, message in _said() if not known.get((context, message))})
    assert not missing, "\n".join(missing)


def test_translations_keep_their_places():
    for file in SRC.glob("**/locale/zh_Hans/LC_MESSAGES/django.po"):
        for entry in polib.pofile(str(file)):
            chinese = entry.msgstr or next(iter(entry.msgstr_plural.values()), "")
            assert _places(chinese) in (_places(entry.msgid), _places(entry.msgid_plural)), f"{file.parts[-5]}: {entry.msgid}"


@pytest.mark.parametrize("file", sorted(SRC.glob("**/locale/zh_Hans/LC_MESSAGES/django.po")), ids=lambda file: file.parts[-5])
def test_a_message_stands_once_in_its_file(file):
    entries = [(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(file))]
    assert len(entries) == len(set(entries))


def test_every_fact_has_words_for_the_public_ledger():
    """Entries of the ledger are read by residents: none is shown by the name of a class, in either language."""
    from gongzhi.kernel.facts import Fact
    from gongzhi.ledger.words import PRIVATE, WORDS

    for file in sorted(SRC.rglob("facts.py")):
        importlib.import_module(".".join(file.relative_to(SRC.parent).with_suffix("").parts))
    kinds = {name: kind for name, kind in Fact.kinds.items() if kind.__module__.startswith("gongzhi.") and ".tests." not in kind.__module__}
    base = {parent.__name__ for kind in kinds.values() for parent in kind.__mro__[1:]}
    assert sorted(set(kinds) - base - set(WORDS)) == []
    assert sorted(set(WORDS) - set(kinds)) == []
    assert sorted(name for name in kinds if name not in base and kinds[name].public is False and name not in PRIVATE) == []


def _entries():
    for file in sorted(SRC.glob("**/locale/zh_Hans/LC_MESSAGES/django.po")):
        for entry in polib.pofile(str(file)):
            yield file.parts[-5], entry


def _chinese():
    for module, entry in _entries():
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if entry.msgid and text:
                yield module, entry.msgid, text


# What is not said → what is said instead. One name for one thing; nothing that sounds translated.
NOT_SAID = {
    r"督办": "催办",
    r"时钟标记|由时钟|小镇的程序": "系统自动",
    r"该它": "待办理",
    r"账本|核对记录": "公开台账",
    r"忘掉": "从本机移除",
    r"重开": "重办、申请重办",
    r"对的单位": "负责单位",
    r"对[你您]开放": "您无权查看",
    r"可以办什么": "事项分类",
    r"№": "第 n 笔",
    r"[0-9s}]×": "n 次",
    r"没有被改过": "查有无改动、没有改动",
    r"大白话": "通俗说明",
    r"投递": "发送",
    r"共 %\(\w+\)s 行$": "共 n 条",
    r"工作时(?!间|段|限)": "工作小时",
    r"跟进码": "查询码",
    r"大头针": "图钉",
    r"责任清单": "权责清单",
    r"你(?!单位|们)|您单位": "您；你单位",
    r"\./gongzhi (?!demo)|\.md\b|GONGZHI_[A-Z]": "由运维人员…",
}
HAN = r"[\u3400-\u9fff]"
# Between Chinese characters, or after one at the end, stands the full-width sign; thousands, ratios and addresses are in digits and letters.
HALF_WIDTH = re.compile(rf"{HAN}\s*[,;:!?]|[,;!?]\s*{HAN}|{HAN}\.(?:\s|$|{HAN})|{HAN}\([^)]*\)|\([^()]*{HAN}[^()]*\)|{HAN}\"|\"{HAN}|\.\.\.")


def test_chinese_has_full_width_punctuation():
    found = [f"{module}: {text}" for module, _msgid, text in _chinese() if HALF_WIDTH.search(re.sub(r"%%?\(\w+\)[sd]", "○", text))]
    assert not found, "\n".join(found)


def test_chinese_calls_one_thing_by_one_name():
    found = [
        f"{module}: {text} (say: {instead})"
        for module, _msgid, text in _chinese() for pattern, instead in NOT_SAID.items() if re.search(pattern, text)
    ]  # fmt: skip
    assert not found, "\n".join(found)


def test_pages_name_no_files_and_commands():
    """Who reads a page has a browser, not the server. (The page of an installation without a town speaks to whoever installs it.)"""
    spoken = re.compile(r"\./gongzhi (?!demo)|\.md\b|GONGZHI_[A-Z]")
    found = {f"{file.relative_to(SRC)}: {message}" for file, _context, message in _said() if _is_of_a_page(file) and spoken.search(message)}
    assert not found, "\n".join(sorted(found))


def _is_of_a_page(file):
    return file.suffix == ".html" or file.stem == "forms" or bool({"forms", "views"} & set(file.parts))


def test_one_message_has_one_chinese_whichever_module_says_it():
    """All modules share one catalogue: of two translations of a message one wins, on the pages of both."""
    told = {}
    for module, entry in _entries():
        chinese = entry.msgstr or next(iter(entry.msgstr_plural.values()), "")
        told.setdefault((entry.msgctxt, entry.msgid), {}).setdefault(chinese, []).append(module)
    twice = {key: words for key, words in told.items() if len(words) > 1}
    assert not twice, "\n".join(f"{key}: {words}" for key, words in sorted(twice.items(), key=str))
