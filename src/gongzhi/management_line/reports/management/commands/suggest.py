"""Train and measure what texts are about: `suggest train CSV`, `suggest score CSV`, `suggest ask TEXT`."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import sheets
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.reports import operations, queries, suggestion

MOST_TEXTS = 200_000  # of one file: learning looks at all of them together
MOST_CHARACTERS = 100_000_000
TITLES = ("title", "subject", "标题", "主题", "留言主题", "事项标题")
TEXTS = ("text", "description", "body", "content", "正文", "内容", "详情", "留言详情", "事项内容")
LABELS = ("label", "category", "class", "分类", "类别", "标签", "一级标签", "一级分类")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give how steps are told; they show as a bar on a terminal's error output, never in what is printed."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(TextColumn(what), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(), console=console, transient=False) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, every: bar.update(task, completed=done, total=every)


class Command(BaseCommand):
    help = "train the suggestion of categories on a CSV of texts and labels, or score a CSV (prints JSON)"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        train = verbs.add_parser("train", help="learn from a CSV, or with --town alone from the town's own closed reports")
        train.add_argument("csv", nargs="?", type=Path, help="CSV in UTF-8 or GB18030 with a header")
        self._columns(train)
        train.add_argument("--out", type=Path, help="file of the model (default: var/models/suggestion.skops, or the town's own)")
        train.add_argument("--town", default="", help="code of the town whose suggestions this is to be")
        train.add_argument("--folds", type=int, default=5, help="folds of the cross-validation (5)")
        score = verbs.add_parser("score", help="let a trained model label a CSV and compare")
        score.add_argument("csv", type=Path)
        self._columns(score)
        score.add_argument("--model", type=Path, help="file of the model (default: var/models/suggestion.skops)")
        score.add_argument("--town", default="", help="use this town's own model")
        ask = verbs.add_parser("ask", help="what a text is about, in a town")
        ask.add_argument("text")
        ask.add_argument("--town", required=True)

    @staticmethod
    def _columns(parser: Any) -> None:
        parser.add_argument("--text", action="extend", nargs="+", default=[], metavar="COLUMN",
                            help="column(s) of the text; of several the first is the title (found by their names where not given)")  # fmt: skip
        parser.add_argument("--label", default="", metavar="COLUMN", help="column of the label")

    def handle(self, *_args: Any, **given: Any) -> None:
        answer = getattr(self, f"_{given['verb']}")(given)
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))

    def _train(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["csv"] is None:
            return self._train_on_town(given)
        titles, texts, labels = read(given["csv"], given["text"], given["label"])
        try:
            with progress("Learning") as step:
                model = suggestion.train(titles, texts, labels, folds=given["folds"], step=step)
        except suggestion.TooFewTexts as error:
            raise CommandError(str(error)) from error
        path = given["out"] or _file(given["town"])
        model.scores |= {"trained_at": timezone.now().isoformat(timespec="seconds"), "source": given["csv"].name, "source_sha256": digest(given["csv"])}
        suggestion.save(model, path)
        return {"model": str(path)} | model.scores

    def _train_on_town(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["town"]:
            raise CommandError("name a CSV, or a town to learn from its own closed reports (--town CODE)")
        with in_town(_town(given["town"]).pk):
            try:
                scores = operations.train_suggestions(by=system("suggest"), at=timezone.now())
            except Refused as refused:
                raise CommandError(str(refused)) from refused
            return {"model": str(queries.model_file(seen_by=ANYONE))} | scores

    def _score(self, given: dict[str, Any]) -> dict[str, Any]:
        titles, texts, labels = read(given["csv"], given["text"], given["label"])
        path = given["model"] or _file(given["town"])
        try:
            model = suggestion.load(path)
        except FileNotFoundError as error:
            raise CommandError(f"{path}: there is no model yet; train one first (suggest train CSV)") from error
        except suggestion.BadModel as error:
            raise CommandError(str(error)) from error
        unknown = sorted(set(labels) - set(model.classes))
        answer = suggestion.measure(labels, [model.label(title, text) for title, text in zip(titles, texts, strict=True)])
        if model.scores.get("source_sha256") == digest(given["csv"]):
            self.stderr.write(
                "The model was trained on this very file, so these figures say little. "
                f"On texts it had not seen its macro-F1 was {model.scores['macro_f1']} (cross-validation)."
            )
            answer |= {"trained_on_this_file": True, "cross_validated_macro_f1": model.scores["macro_f1"]}
        return {"model": str(path)} | answer | ({"labels_the_model_does_not_know": unknown} if unknown else {})

    def _ask(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        with in_town(_town(given["town"]).pk):
            found = queries.suggest(seen_by=ANYONE, text=given["text"], at=timezone.now())
            return [
                {"code": one.category.code, "name": one.category.name, "confidence": one.confidence, "because": list(one.because)} for one in found
            ]


def _town(code: str) -> Any:
    found = territory.towns(seen_by=ANYONE).filter(code=code).first()
    if found is None:
        raise CommandError(f"there is no town with the code {code}")
    return found


def _file(town: str) -> Path:
    return Path(settings.VAR) / "models" / f"{town or 'suggestion'}.skops"


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, by which a model knows again what it was trained on."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def read(path: Path, text_columns: list[str], label_column: str) -> tuple[list[str], list[str], list[str]]:
    """Return titles, texts and labels of a CSV; rows without a text or a label are left out. Raises CommandError."""
    try:
        return _columns_of(path, sheets.table(path, most=MOST_CHARACTERS, most_rows=MOST_TEXTS), text_columns, label_column)
    except sheets.BadFile as error:
        raise CommandError(f"{path}: {error}") from error


def _columns_of(path: Path, found: Iterator[tuple[int, list[str]]], text_columns: list[str], label_column: str) -> tuple[list[str], list[str], list[str]]:
    _line, header = next(found, (0, []))
    columns = [name for given in text_columns for name in (given.split(",") if given not in header else [given])]
    columns = columns or [name for names in (TITLES, TEXTS) for name in [next((n for n in names if n in header), "")] if name]
    label = label_column or next((name for name in LABELS if name in header), "")
    for name in (*columns, label):
        if name not in header:
            raise CommandError(f"{path.name} has no column {name or 'for the label; name it with --label'}; it has: {', '.join(header)}")
    if not columns:
        raise CommandError(f"{path.name}: name the column(s) of the text with --text; it has: {', '.join(header)}")
    titles, texts, labels = [], [], []
    for _line, cells in found:
        row = dict(zip(header, cells, strict=False))
        parts = [(row.get(name) or "").strip() for name in columns]
        value = (row.get(label) or "").strip()
        if value and any(parts):
            titles.append(parts[0])
            texts.append("\n".join(part for part in parts[1:] if part))
            labels.append(value)
    if not labels:
        raise CommandError(f"{path.name} has no row with a text and a label")
    return titles, texts, labels
