"""What is found by everyday words, by whom, and how the index follows."""

import csv
import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from gongzhi.foundation.search import indexing, measuring, operations, queries, ranking, registry, synonyms, words
from gongzhi.foundation.search.models import Posting, SearchText, Waiting
from gongzhi.kernel.actors import ANYONE, Actor, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town

SHARED = Path(os.environ.get("GONGZHI_SHARED_DATA") or "/work/shared/data")
EVERYDAY = Path(__file__).parent / "everyday.csv"


class TestWords:
    def test_a_text_has_its_words_its_pairs_and_its_characters(self):
        found = words.words("商品房预售许可 PM2.5")
        assert {"商品房", "预售", "售许", "许可", "pm2.5", "房"} <= set(found)

    def test_full_width_letters_are_narrow(self):
        assert set(words.words("ＫＴＶ")) == {"ktv"}

    @pytest.mark.parametrize("text", ["13812345678", "身份证 110101199003070011"])
    def test_numbers_of_people_are_no_words(self, text):
        assert not any(any(letter.isdigit() for letter in word) for word in words.words(text))

    def test_a_question_is_asked_by_its_matter(self):
        assert "怎么办理" not in words.asked("怎么办理身份证")
        assert words.matter("请问怎么办理身份证") == 3
        assert words.asked("怎么") == {"怎么": 1.0, "怎": 0.5, "么": 0.5}  # nothing else is left


class TestSynonyms:
    def test_what_people_say_stands_for_what_offices_call_it(self):
        assert synonyms.question("我想开一家饭馆")["经营"] == pytest.approx(synonyms.WEIGHT, abs=0.9)
        assert "食品" in synonyms.question("开饭馆")
        assert "食品" not in synonyms.question("开会")

    def test_a_phrase_counts_less_the_more_is_said_beside_it(self):
        short, long = synonyms.question("垃圾"), synonyms.question("开饭馆的老板每天晚上在楼下大声放音乐影响小区居民休息希望有关部门处理")
        assert short["垃圾"] > 1
        assert long["食品"] < 0.5

    def test_all_that_is_shipped_can_be_read(self):
        assert len(synonyms.shipped()) > 150

    @pytest.mark.parametrize(
        "entries", ["x", [{"say": ["a"]}], [{"say": [], "means": ["b"]}], [{"say": ["***"], "means": ["b"]}], [{"say": ["a" * 41], "means": ["b"]}], [1]]
    )
    def test_bad_entries_are_refused(self, entries):
        with pytest.raises(synonyms.BadSynonyms):
            synonyms.read(entries)


TEXTS = {1: "文昌路路灯不亮，晚上很黑", 2: "小区垃圾没人收，很臭", 3: "食品经营许可证办理指南", 4: "文昌路垃圾桶满溢", 5: "秘密的纠纷，垃圾"}
HIDDEN = {5}


@pytest.fixture
def things(town, monkeypatch):
    """Have five things found; one of them is for officers only."""

    def seen(actor):
        return _Numbers(set(TEXTS) - (set() if actor.kind == "system" else HIDDEN))

    monkeypatch.setattr(registry, "_kinds", {})
    monkeypatch.setattr(registry, "_by_fact", {})
    made = registry.register(registry.Searchable(
        kind="thing", title="Things", seen=seen, texts=lambda items: {item: TEXTS[item] for item in items if item in TEXTS},
        shown=lambda actor, items: [registry.Shown(item=item, title=TEXTS[item], url=f"/{item}/") for item in items],
        every=lambda after, most: [item for item in sorted(TEXTS) if item > after][:most],
    ))  # fmt: skip
    indexing.rebuild()
    return made


class _Numbers:
    """A question of one column that answers with these numbers."""

    def __init__(self, numbers):
        self.numbers = sorted(numbers)
        self.query = self

    def order_by(self):
        return self

    def sql_with_params(self):
        return "SELECT unnest(%s::bigint[])", (self.numbers,)


OFFICER = system("test")


class TestFind:
    def found(self, actor, text):
        return [one.item for section in queries.find(seen_by=actor, text=text) for one in section.found]

    def test_finds_by_words_the_best_first(self, things):
        assert self.found(ANYONE, "文昌路路灯")[0] == 1
        assert self.found(ANYONE, "想开饭馆")[0] == 3
        assert self.found(ANYONE, "zzzz") == []
        assert self.found(ANYONE, "") == []

    def test_what_one_may_not_see_gives_no_word_and_no_count(self, things):
        assert self.found(ANYONE, "秘密纠纷") == []
        assert 5 not in self.found(ANYONE, "垃圾")
        assert self.found(OFFICER, "秘密纠纷")[0] == 5

    def test_the_database_ranks_as_the_formula_says(self, things):
        order = sorted(TEXTS)
        memory = ranking.Memory([TEXTS[item] for item in order])
        for text in ("垃圾", "文昌路垃圾桶", "路灯不亮很黑", "开饭馆"):
            wanted = queries.question(seen_by=OFFICER, text=text)
            expected = [order[place] for place in memory.best(wanted, 10)]
            assert [item for item, _score in queries.ranked(seen_by=OFFICER, kind="thing", text=text)] == expected

    def test_a_town_finds_nothing_of_another(self, things, other_town):
        with in_town(other_town.pk):
            assert queries.ranked(seen_by=OFFICER, kind="thing", text="垃圾") == []
            assert not Posting.objects.exists()

    @pytest.mark.parametrize("text", ["%s %(town)s", "'; DROP TABLE x; --", "\\", "，。！", "a" * 500, "垃" * 500])
    def test_answers_whatever_is_typed(self, things, text):
        assert isinstance(queries.find(seen_by=ANYONE, text=text), list)


class TestIndex:
    def test_follows_what_waits_once_however_often_it_changed(self, things, monkeypatch):
        monkeypatch.setitem(TEXTS, 1, "路面有坑")
        indexing.put_aside([("thing", 1), ("thing", 1), ("gone-kind", 9)])
        assert Waiting.objects.count() == 2
        assert indexing.follow() == 2
        assert indexing.follow() == 0
        assert not Posting.objects.filter(item=1, word="路灯").exists()
        assert Posting.objects.filter(item=1, word="路面").exists()

    def test_what_is_there_no_more_is_found_no_more(self, things, monkeypatch):
        monkeypatch.delitem(TEXTS, 4)
        indexing.rebuild()
        assert not SearchText.objects.filter(item=4).exists()
        assert not Posting.objects.filter(item=4).exists()

    def test_catches_up_with_what_it_has_never_seen(self, things, monkeypatch):
        monkeypatch.setitem(TEXTS, 6, "新开的路")
        assert indexing.catch_up() == 1
        assert indexing.catch_up() == 0


class TestSetSynonyms:
    def test_a_towns_own_words_are_used_at_once_and_in_that_town_only(self, things, other_town, noon):
        keeper = Actor(kind="system", system="test")
        assert operations.set_synonyms(by=keeper, at=noon, entries=[{"say": ["黑灯瞎火"], "means": ["路灯"]}]) == 1
        assert queries.ranked(seen_by=OFFICER, kind="thing", text="黑灯瞎火")[0][0] == 1
        with in_town(other_town.pk):
            assert queries.own_synonyms(seen_by=OFFICER) == []

    def test_refuses_bad_entries_and_strangers(self, town, noon):
        with pytest.raises(operations.BadSynonyms, match="2"):
            operations.set_synonyms(by=OFFICER, at=noon, entries=[{"say": ["a"], "means": ["b"]}, {"say": ["a"]}])
        with pytest.raises(NotAllowed):
            operations.set_synonyms(by=ANYONE, at=noon, entries=[])


class TestApi:
    def test_finds_for_whoever_asks(self, things):
        answer = Client().get("/api/v1/search", {"q": "垃圾"}).json()
        assert {one["id"] for one in answer["found"]} == {2, 4}
        assert Client().get("/api/v1/search", {"q": ""}).status_code == 422


def measured(*arguments):
    out = StringIO()
    call_command("search", *arguments, stdout=out)
    return json.loads(out.getvalue())


class TestMeasures:
    def test_counts_what_is_found(self, tmp_path):
        (tmp_path / "items.csv").write_text("name\n食品经营许可\n路灯报修\n", encoding="utf-8")
        (tmp_path / "q.csv").write_text("query,expected\n开饭馆,食品\n灯不亮,路灯\n没有这个,无\n", encoding="utf-8")
        assert measured("items", str(tmp_path / "items.csv"), "--text", "name", "--queries", str(tmp_path / "q.csv")) == {
            "recall_1": 0.667, "recall_5": 0.667, "recall_10": 0.667,
        }  # fmt: skip

    @pytest.mark.parametrize(("arguments", "told"), [(("--text", "no"), "no column no"), (("--text", "name"), "regular expression")])
    def test_says_what_is_wrong_with_a_file(self, tmp_path, arguments, told):
        (tmp_path / "items.csv").write_text("name\nx\n", encoding="utf-8")
        (tmp_path / "q.csv").write_text("query,expected\nx,(\n", encoding="utf-8")
        with pytest.raises(CommandError, match=told):
            call_command("search", "items", str(tmp_path / "items.csv"), *arguments, "--queries", str(tmp_path / "q.csv"))

    def test_copied_passages_give_no_answer_away(self):
        kept = measuring.without_copies("您反映的“小区停车难”即景蓉华苑物业管理有问题已收悉，A00045581。", "A2区景蓉华苑物业管理有问题")
        assert kept == "您反映的即已收悉，。"


class TestOnRealFiles:
    @pytest.mark.skipif(not (SHARED / "service_items").exists(), reason="the shared service items are not here")
    @pytest.mark.parametrize("half", ["tuning", "held"])
    def test_everyday_words_find_real_service_items(self, half):
        with (SHARED / "service_items" / "items.csv").open(encoding="utf-8-sig") as file:
            texts = [row["name"] for row in csv.DictReader(file)]
        with EVERYDAY.open(encoding="utf-8") as file:
            asked = [(row["query"], row["expected"]) for row in csv.DictReader(file) if row["half"] == half]
        assert measuring.of_items(texts, asked)["recall_5"] >= 0.8

    @pytest.mark.skipif(not (SHARED / "petitions").exists(), reason="the shared petitions are not here")
    def test_titles_find_their_official_replies(self):
        found = measured("score", str(SHARED / "petitions" / "replies_shared.csv"), "--question", "留言主题", "--answer", "答复意见")
        assert (found["recall_1"] >= 0.52, found["recall_5"] >= 0.69, found["recall_10"] >= 0.74) == (True, True, True)
