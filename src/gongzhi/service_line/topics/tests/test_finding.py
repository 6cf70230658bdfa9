"""Topics out of messages: what belongs together, what does not, and how hot it is."""

import csv
import json
import math
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from gongzhi.service_line.topics import finding
from gongzhi.service_line.topics.finding import Message

REAL = Path(__file__).resolve().parents[6] / "shared" / "data" / "petitions/hot_messages_shared.csv"
BEGIN = datetime(2026, 11, 1, 8)
NOISE = [
    ("滨河苑小区门前搅拌站噪音扰民", "搅拌站每晚施工，噪音粉尘很大，滨河苑睡不着"), ("滨河苑附近搅拌站夜间噪音", "搅拌站凌晨还在生产，噪音污染"),
    ("请查处滨河苑旁搅拌站污染", "搅拌站粉尘噪音，孩子咳嗽"), ("滨河苑搅拌站什么时候搬走", "搅拌站离居民楼太近，噪音粉尘"),
]  # fmt: skip
BUS = [
    ("8 路公交车班次太少", "8 路公交早高峰要等四十分钟，班次太少"), ("建议增加 8 路公交班次", "公交等车太久，班次太少上学迟到"),
    ("8 路公交车等候时间长", "公交班次少，等候四十分钟"),
]
ALONE = [("图书馆开放时间", "图书馆周末几点开门"), ("流浪猫绝育", "流浪猫太多")]


def messages(extra_days=1):
    return [Message(id=str(n), title=title, text=text, at=BEGIN + n * timedelta(days=extra_days)) for n, (title, text) in enumerate([*NOISE, *BUS, *ALONE])]


class TestFinding:
    def test_puts_together_what_is_about_one_matter_and_leaves_the_rest(self):
        found = finding.find(messages())
        assert [sorted(one.ids) for one in found] == [["0", "1", "2", "3"], ["4", "5", "6"]]
        assert "搅拌站" in found[0].words
        assert "公交" in "".join(found[1].words)
        assert (found[0].first, found[0].last) == (BEGIN, BEGIN + timedelta(days=3))

    def test_makes_a_topic_of_as_many_as_asked_and_no_fewer(self):
        assert [len(one.ids) for one in finding.find(messages(), least=4)] == [4]
        assert finding.find(messages(), least=5) == []
        assert finding.find([]) == []
        assert finding.find(messages()[:1]) == []

    def test_heat_is_the_weighed_messages_a_day_of_a_week_at_least(self):
        assert finding.find(messages())[0].heat == round(4 / 7, 4)
        slow = finding.find(messages(extra_days=10))
        assert next(one for one in slow if "0" in one.ids).heat == round(4 / 30, 4)
        liked = [Message(id=one.id, title=one.title, text=one.text, at=one.at, supporters=9) for one in messages()]
        assert finding.find(liked)[0].heat == round(4 * (1 + math.log(10)) / 7, 4)

    def test_is_the_same_in_whichever_order_messages_come(self):
        one, other = finding.find(messages()), finding.find(messages()[::-1])
        assert [sorted(topic.ids) for topic in one] == [sorted(topic.ids) for topic in other]

    def test_takes_messages_without_words_or_time(self):
        assert finding.find([Message(id=str(n), title="", text="。。。") for n in range(5)]) == []
        odd = [*messages(), Message(id="x", title="", text=""), Message(id="y", title="！！", text="?")]
        assert sorted(finding.find(odd)[0].ids) == ["0", "1", "2", "3"]

    def test_of_more_than_a_window_are_joined_across_it(self, monkeypatch):
        monkeypatch.setattr(finding, "WINDOW", 6)
        later = [Message(id=f"b{n}", title=title, text=text, at=BEGIN + timedelta(days=40 + n)) for n, (title, text) in enumerate(NOISE)]
        found = finding.find([*messages(), *later])
        assert any({"0", "b0"} <= set(one.ids) for one in found)


def write(path, rows, head=("id", "标题", "正文", "时间", "点赞")):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


class TestCommand:
    def given(self, tmp_path):
        rows = [(one.id, one.title, one.text, one.at.strftime("%Y/%m/%d %H:%M:%S"), "2") for one in messages()]
        write(tmp_path / "in.csv", rows)
        return {"title": "标题", "text": "正文", "time": "时间", "id": "id", "supporters": "点赞", "out": tmp_path / "out.csv", "least": 3}

    def test_writes_rows_and_beside_them_the_topics(self, tmp_path, capsys):
        call_command("topics", tmp_path / "in.csv", **self.given(tmp_path))
        rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))
        assert [row["topic"] for row in rows] == ["1"] * 4 + ["2"] * 3 + ["", ""]
        told = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        assert told["topics"][0]["messages"] == 4
        assert "ln(1 + supporters)" in told["heat"]
        assert json.loads(capsys.readouterr().out)["in_topics"] == 7

    @pytest.mark.parametrize(
        ("change", "said"),
        [({"title": "没有"}, "no column 没有"), ({"csv": "absent.csv"}, "cannot be read")],
    )
    def test_names_what_it_cannot_use(self, tmp_path, change, said):
        given = self.given(tmp_path) | change
        with pytest.raises(CommandError, match=said):
            call_command("topics", tmp_path / given.pop("csv", "in.csv"), **given)

    @pytest.mark.parametrize(("row", "said"), [(("0", "a", "b", "2026/1/1", "0"), "stands twice"), (("", "a", "b", "2026/1/1", "0"), "is empty"),
                                               (("z", "a", "b", "昨天", "0"), "not a time")])  # fmt: skip
    def test_names_the_line_at_fault(self, tmp_path, row, said):
        given = self.given(tmp_path)
        with (tmp_path / "in.csv").open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(row)
        with pytest.raises(CommandError, match=f"line 11.*{said}"):
            call_command("topics", tmp_path / "in.csv", **given)
