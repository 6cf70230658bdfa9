"""The model and the keywords, without a database."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.cases import codes
from gongzhi.management_line.reports import suggestion
from gongzhi.management_line.reports.suggestion import Known

PETITIONS = Path(__file__).resolve().parents[6] / "shared" / "data" / "petitions/train.csv"
KNOWN = (
    Known("A", "路灯不亮", "路灯 照明"), Known("B", "垃圾满溢", "垃圾 垃圾桶"), Known("C", "河道污染", "河道 排污"), Known("D", "井盖破损", "井盖"),
)  # fmt: skip
TEXTS = [
    ("路灯坏了", "桂花巷路灯不亮"), ("路灯闪", "晚上路灯一直闪"), ("没有灯", "这条路路灯不亮，很黑"), ("灯不亮", "小区门口路灯灭了"),
    ("路灯灭了", "三盏路灯不亮"), ("垃圾满了", "垃圾桶满了没人收"), ("垃圾臭", "垃圾堆放发臭"), ("垃圾没清", "菜场垃圾没人清运"),
    ("乱倒垃圾", "有人乱倒垃圾"), ("垃圾桶少", "垃圾桶太少，垃圾满地"),
]  # fmt: skip
LABELS = ["lamp"] * 5 + ["bin"] * 5


def trained():
    return suggestion.train([t for t, _d in TEXTS], [d for _t, d in TEXTS], LABELS)


class TestByKeywords:
    @pytest.mark.parametrize(
        ("text", "code"),
        [("桂花巷的灯不亮，黑灯瞎火", "A"), ("垃圾桶满了没人收", "B"), ("河里全是死鱼，有人排污", "C"), ("下水道的井盖塌了", "D")],
    )
    def test_finds_what_residents_mean(self, text, code):
        assert suggestion.by_keywords(text, KNOWN)[0].code == code

    def test_is_sure_in_proportion(self):
        little, much = (suggestion.by_keywords(text, KNOWN)[0].confidence for text in ("垃圾", "垃圾桶满了，垃圾没人收，臭"))
        assert 0 < little < much < 1

    @given(st.text(max_size=200))
    def test_takes_any_text(self, text):
        assert all(0 <= one.confidence <= 1 for one in suggestion.suggest(text, KNOWN))


class TestModel:
    def test_learns_and_measures_on_texts_it_had_not_seen(self):
        model = trained()
        assert model.label("路灯不亮", "晚上很黑") == "lamp"
        assert model.label("垃圾没人收") == "bin"
        assert model.scores["n"] == 10
        assert model.scores["folds"] == 5
        assert abs(sum(p for _c, p in model.probabilities("路灯")) - 1) < 1e-9

    def test_reads_the_same_from_its_file(self, tmp_path):
        model = trained()
        suggestion.save(model, tmp_path / "m.skops")
        again = suggestion.load(tmp_path / "m.skops")
        assert dict(again.probabilities("路灯不亮", "黑")) == pytest.approx(dict(model.probabilities("路灯不亮", "黑")))
        assert json.loads((tmp_path / "m.json").read_text(encoding="utf-8")) == model.scores

    def test_solves_what_the_iterating_classifier_comes_near(self, monkeypatch):
        counted = suggestion.Counted([t for t, _d in TEXTS], [d for _t, d in TEXTS])
        everything = np.arange(len(LABELS))
        vectors = counted.weigh(everything, counted.learn(everything))
        exact = suggestion._ridge(vectors, LABELS, sorted(set(LABELS)))
        monkeypatch.setattr(suggestion, "MOST_IN_KERNEL", 0)
        iterated = suggestion._ridge(vectors, LABELS, sorted(set(LABELS)))
        assert vectors @ exact[0] + exact[1] == pytest.approx(vectors @ iterated[0] + iterated[1], abs=1e-3)

    def test_refuses_a_file_that_is_no_model(self, tmp_path):
        (tmp_path / "m.skops").write_bytes(b"not a model")
        with pytest.raises(suggestion.BadModel):
            suggestion.load(tmp_path / "m.skops")
        assert suggestion.present(tmp_path / "m.skops") is None

    def test_refuses_too_little(self):
        with pytest.raises(suggestion.TooFewTexts):
            suggestion.train(["a"], ["b"], ["only"])
        with pytest.raises(suggestion.TooFewTexts):
            suggestion.train(["a", "b", "c"], ["", "", ""], ["x", "x", "y"])

    def test_strengthens_the_keywords(self):
        known = (Known("lamp", "照明"), Known("bin", "环卫"))
        alone = suggestion.suggest("垃圾桶满了", known)
        together = suggestion.suggest("垃圾桶满了", known, model=trained())
        assert together[0].code == "bin"
        assert together[0].confidence > max((one.confidence for one in alone), default=0)


class TestMeasure:
    def test_counts_as_the_definition_says(self):
        scores = suggestion.measure(["a", "a", "b", "b"], ["a", "b", "b", "b"])
        assert scores["accuracy"] == 0.75
        assert scores["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-4)


class TestCommand:
    def write(self, path, encoding="utf-8"):
        with path.open("w", encoding=encoding, newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["题目", "正文", "类"])
            rows.writerows([t, d, label] for (t, d), label in zip(TEXTS, LABELS, strict=True))
        return path

    def test_trains_and_scores_by_columns(self, tmp_path, capsys):
        path = self.write(tmp_path / "texts.csv", "gb18030")
        call_command("suggest", "train", str(path), "--text", "题目", "正文", "--label", "类", "--out", str(tmp_path / "m.skops"))
        assert {"accuracy", "macro_f1", "per_class"} <= set(json.loads(capsys.readouterr().out))
        call_command("suggest", "score", str(path), "--text", "题目,正文", "--label", "类", "--model", str(tmp_path / "m.skops"))
        scored = capsys.readouterr()
        told = json.loads(scored.out)
        assert told["accuracy"] == 1.0
        assert told["trained_on_this_file"] is True
        assert "say little" in scored.err
        other = tmp_path / "other.csv"
        other.write_bytes(path.read_bytes() + "路灯,不亮,z\r\n".encode("gb18030"))
        call_command("suggest", "score", str(other), "--text", "题目,正文", "--label", "类", "--model", str(tmp_path / "m.skops"))
        assert "trained_on_this_file" not in json.loads(capsys.readouterr().out)

    def test_names_the_columns_there_are(self, tmp_path):
        with pytest.raises(CommandError, match="题目, 正文, 类"):
            call_command("suggest", "train", str(self.write(tmp_path / "texts.csv")), "--text", "nothing", "--label", "类")

    @pytest.mark.skipif(not PETITIONS.is_file(), reason="the petitions of the competition are not on this machine")
    def test_reaches_macro_f1_of_080_on_the_petitions(self, tmp_path, capsys):
        call_command("suggest", "train", str(PETITIONS), "--out", str(tmp_path / "m.skops"))
        assert json.loads(capsys.readouterr().out)["macro_f1"] >= 0.80


class TestCodes:
    @given(st.binary(min_size=64, max_size=64))
    def test_are_read_back_however_they_are_typed(self, stream):
        code = codes.written(stream)
        assert len(code) == 19
        assert codes.plain(code.lower().replace("-", " ")) == code.replace("-", "")

    @pytest.mark.parametrize("typed", ["", "K7QF", "0000-0000-0000-0000", "K7QF-9M2X-4HTB-WZ83-K"])
    def test_are_not_read_from_what_is_none(self, typed):
        assert codes.plain(typed) == ""
        assert codes.digest(typed) is None
