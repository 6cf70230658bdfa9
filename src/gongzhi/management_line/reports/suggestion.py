"""What a text is about: keywords of categories from the first day, a linear model once there is something to learn from.

Pure: no database, no request. A model is TF-IDF of character n-grams (and words) under a ridge classifier; what is kept
are numbers and strings, so a file of it is loaded without running anything. Reading a text takes well under a millisecond
and needs NumPy alone; scikit-learn is loaded to train, and skops to open a file.
"""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from gongzhi.cases.words import jieba

SEED = 20261123
MOST_FEATURES = 60_000  # of one view; keeps a model of a hundred categories under 75 MB
FORMAT = 1
_SPACES = re.compile(r"\s\s+")
_WORD = re.compile(r"[0-9A-Za-z]+|[㐀-鿿]+")


class BadModel(ValueError):
    """A model file that is not one of ours, or asks for code to be run."""


class TooFewTexts(ValueError):
    """There is too little to learn from; the message says what is missing."""


# ---- keywords -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Known:
    """A category as far as suggesting needs it: `keywords` are separated by spaces."""

    code: str
    name: str
    keywords: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category that a text may belong to, with a confidence in 0…1 and what it rests on."""

    code: str
    confidence: float
    because: tuple[str, ...] = ()  # words of the text that spoke for it


@lru_cache(maxsize=1)
def _themes() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Return the shipped themes: names by which a town's category is recognised, and what residents say of it."""
    raw = yaml.safe_load(Path(__file__).with_name("themes.yaml").read_text(encoding="utf-8"))
    return tuple((tuple(theme["names"].split()), tuple(theme["said"].split())) for theme in raw)


@lru_cache(maxsize=4000)
def _words_of(known: Known) -> dict[str, float]:
    """Return the words that speak for a category, each with its weight."""
    words: dict[str, float] = {}
    said = f"{known.name} {known.keywords}"
    for names, hints in _themes():
        if any(name in said for name in names):
            for hint in hints:
                words[hint.lower()] = 0.6
    for word in known.keywords.replace("、", " ").replace("，", " ").replace(",", " ").split():
        words[word.lower()] = 1.0
    for part in _WORD.findall(known.name):
        words[part.lower()] = 1.2
        for piece in jieba().cut(part):
            if len(piece) > 1:
                words.setdefault(piece.lower(), 0.5)
    for part in known.name_en.lower().split():
        if len(part) > 3:
            words.setdefault(part, 0.5)
    return words


class Vocabulary:
    """The categories of a town with all words that speak for them, found by their first letter."""

    __slots__ = ("by_letter", "codes", "named", "shared")

    def __init__(self, categories: Iterable[Known]) -> None:
        self.codes: set[str] = set()
        self.named: dict[str, str] = {}
        speaks_for: dict[str, list[tuple[str, float]]] = {}
        for known in categories:
            self.codes.add(known.code)
            self.named[known.name] = known.code
            for word, weight in _words_of(known).items():
                speaks_for.setdefault(word, []).append((known.code, weight))
        self.shared = {word: 1 + 0.5 * (len(codes) - 1) for word, codes in speaks_for.items()}  # a word that many categories share counts less
        self.by_letter: dict[str, list[tuple[str, list[tuple[str, float]]]]] = {}
        for word, codes in speaks_for.items():
            self.by_letter.setdefault(word[0], []).append((word, codes))

    def held_in(self, plain: str) -> dict[str, dict[str, float]]:
        """Return for each category the words of it that stand in a text in small letters, with their weights."""
        held: dict[str, dict[str, float]] = {}
        for letter in self.by_letter.keys() & set(plain):
            for word, speaks_for in self.by_letter[letter]:
                if word in plain:
                    for code, weight in speaks_for:
                        held.setdefault(code, {})[word] = weight
        return held


@lru_cache(maxsize=200)
def _vocabulary(categories: tuple[Known, ...]) -> Vocabulary:
    return Vocabulary(categories)


def _telling(words: Iterable[str]) -> list[str]:
    """Return the words, longest first, without those inside a longer one: 井盖 within 雨水井盖 says nothing new."""
    telling: list[str] = []
    for word in sorted(words, key=lambda word: (-len(word), word)):
        if not any(word in other for other in telling):
            telling.append(word)
    return telling


def by_keywords(text: str, categories: "Iterable[Known] | Vocabulary") -> list[Suggestion]:
    """Return the categories whose words stand in the text, best first."""
    known = categories if isinstance(categories, Vocabulary) else _vocabulary(tuple(categories))
    suggestions = []
    for code, found in known.held_in(text.lower()).items():
        telling = _telling(found)
        points = sum(found[word] * min(len(word), 4) / known.shared[word] for word in telling)
        suggestions.append(Suggestion(code, round(1 - math.exp(-points / 3.2), 4), tuple(telling)))
    return sorted(suggestions, key=lambda one: (-one.confidence, one.code))


# ---- the model ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a text: which part, cut how, from n to m together."""

    part: str  # title | whole
    unit: str  # char | word
    least: int
    most: int
    least_texts: int


VIEWS = (View("title", "char", 1, 3, 1), View("whole", "char", 1, 4, 2), View("whole", "word", 1, 2, 2))


def _part(view: View, title: str, text: str) -> str:
    return title if view.part == "title" else f"{title} {text}" if text else title


def _units(view: View, content: str) -> Sequence[str]:
    """Return the characters or words of a content, as training and reading both see them."""
    content = content.lower()
    if view.unit == "char":
        return _SPACES.sub(" ", content)
    return [word for word in jieba().cut(content) if word.strip()]


def grams(view: View, content: str) -> list[str]:
    """Return the n-grams of a content; words of a gram are joined by one space."""
    units = _units(view, content)
    joint = "" if view.unit == "char" else " "
    if view.unit == "char":
        return [units[i : i + n] for n in range(view.least, min(view.most, len(units)) + 1) for i in range(len(units) - n + 1)]  # type: ignore[misc]
    return [joint.join(units[i : i + n]) for n in range(view.least, min(view.most, len(units)) + 1) for i in range(len(units) - n + 1)]


@dataclass(slots=True)
class Model:
    """A trained model. `scores` are what cross-validation measured, kept beside it."""

    classes: list[str]
    vocabularies: list[dict[str, int]]  # one a view: gram → row
    idf: list[Any]
    coefficients: Any  # rows of all views × classes, float32
    intercept: Any
    sharpness: float  # decision values × this → softmax: calibrated on texts the model had not seen
    scores: dict[str, Any] = field(default_factory=dict)

    def decide(self, title: str, text: str = "") -> Any:
        """Return the decision value of each class."""
        total = np.array(self.intercept, dtype=np.float64)
        start = 0
        for view, vocabulary, idf in zip(VIEWS, self.vocabularies, self.idf, strict=True):
            counted: defaultdict[int, int] = defaultdict(int)
            for gram in grams(view, _part(view, title, text)):
                row = vocabulary.get(gram)
                if row is not None:
                    counted[row] += 1
            if counted:
                rows = np.fromiter(counted, dtype=np.int64, count=len(counted))
                values = (1 + np.log(np.fromiter(counted.values(), dtype=np.float64, count=len(counted)))) * idf[rows]
                total += (values / np.sqrt(values @ values)) @ self.coefficients[rows + start]
            start += len(idf)
        return total

    def probabilities(self, title: str, text: str = "") -> list[tuple[str, float]]:
        """Return (class, probability) for each class, most likely first."""
        likely = _softmax(self.decide(title, text)[None, :] * self.sharpness)[0]
        return [(self.classes[i], float(likely[i])) for i in np.argsort(-likely, kind="stable")]

    def label(self, title: str, text: str = "") -> str:
        """Return the most likely class."""
        return self.classes[int(np.argmax(self.decide(title, text)))]


def _softmax(values: Any) -> Any:
    shifted = np.exp(values - values.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


class Counted:
    """All texts of a training cut into grams once, whatever folds are learned from; what is learned comes from the rows named only.

    A view's weights are those of TF-IDF with sublinear counts, smoothed and each text of length 1 (as scikit-learn's TfidfVectorizer has them).
    """

    def __init__(self, titles: Sequence[str], texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self.counts, self.names = [], []
        for view in VIEWS:
            contents = [_part(view, title, text) for title, text in zip(titles, texts, strict=True)]
            counter = CountVectorizer(analyzer=lambda content, view=view: grams(view, content), dtype=np.float64)
            self.counts.append(counter.fit_transform(contents))
            self.names.append(counter.get_feature_names_out())

    def learn(self, rows: Any) -> "list[tuple[Any, Any]]":
        """Return (columns, idf) of each view as these rows have them: common enough, and of those the commonest."""
        learned = []
        for view, counts in zip(VIEWS, self.counts, strict=True):
            seen = counts[rows]
            texts = np.asarray((seen > 0).sum(axis=0)).ravel()
            columns = np.flatnonzero(texts >= max(1, view.least_texts if len(rows) >= 50 else 1))
            if len(columns) > MOST_FEATURES:
                often = np.asarray(seen.sum(axis=0)).ravel()[columns]
                columns = np.sort(columns[np.argsort(-often, kind="stable")[:MOST_FEATURES]])
            learned.append((columns, np.log((1 + len(rows)) / (1 + texts[columns])) + 1))
        return learned

    def weigh(self, rows: Any, learned: "list[tuple[Any, Any]]") -> Any:
        """Return the rows as vectors over the grams that were learned."""
        from scipy.sparse import diags, hstack
        from sklearn.preprocessing import normalize

        blocks = []
        for counts, (columns, idf) in zip(self.counts, learned, strict=True):
            block = counts[rows][:, columns]
            block.data = 1 + np.log(block.data)
            blocks.append(normalize(block @ diags(idf), copy=False))
        return hstack(blocks).tocsr()


ALPHA = 1.0
MOST_IN_KERNEL = 4_000  # texts; beyond, the matrix of all pairs would take more memory than iterating takes time


def _ridge(vectors: Any, labels: Any, classes: Sequence[str]) -> tuple[Any, Any]:
    """Return (coefficients, intercept) of ridge regression on ±1 for each class, classes weighted alike, with few texts solved exactly.

    With fewer texts than grams the solution lies in the span of the texts: one system of equations over pairs of texts serves all classes
    (kernel ridge), where the iterating solver walks over all grams for each class. Both minimise the same sum.
    """
    answers = np.where(np.asarray(labels)[:, None] == np.asarray(classes)[None, :], 1.0, -1.0)
    if vectors.shape[0] > MOST_IN_KERNEL:
        from sklearn.linear_model import RidgeClassifier

        classifier = RidgeClassifier(alpha=ALPHA, class_weight="balanced", solver="sparse_cg", random_state=SEED).fit(vectors, labels)
        coefficients, intercept = classifier.coef_.T, classifier.intercept_
        return (coefficients, intercept) if len(classes) > 2 else (np.column_stack([-coefficients, coefficients]), np.array([-intercept[0], intercept[0]]))
    from scipy.linalg import solve

    counts = Counter(labels)
    weights = np.array([len(labels) / (len(classes) * counts[name]) for name in labels])
    share = weights / weights.sum()
    centre = np.asarray(vectors.T @ share).ravel()
    middle = share @ answers
    along = np.asarray(vectors @ centre).ravel()
    pairs = (vectors @ vectors.T).toarray() - along[:, None] - along[None, :] + centre @ centre
    root = np.sqrt(weights)
    system = root[:, None] * pairs * root[None, :]
    system[np.diag_indices_from(system)] += ALPHA
    duals = root[:, None] * solve(system, root[:, None] * (answers - middle), assume_a="pos")
    coefficients = np.asarray(vectors.T @ duals) - centre[:, None] * duals.sum(axis=0)
    return coefficients, middle - centre @ coefficients


def measure(expected: Sequence[str], given: Sequence[str]) -> dict[str, Any]:
    """Return accuracy, macro F1 (over the classes that occur in `expected`) and precision, recall, F1, n of each class."""
    classes = sorted(set(expected))
    per_class = {}
    for name in classes:
        hit = sum(1 for e, g in zip(expected, given, strict=True) if e == g == name)
        said, there = sum(1 for g in given if g == name), sum(1 for e in expected if e == name)
        precision, recall = hit / said if said else 0.0, hit / there
        f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
        per_class[name] = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4), "n": there}
    right = sum(1 for e, g in zip(expected, given, strict=True) if e == g)
    return {
        "n": len(expected), "accuracy": round(right / len(expected), 4) if expected else None,
        "macro_f1": round(sum(row["f1"] for row in per_class.values()) / len(classes), 4) if classes else None, "per_class": per_class,
    }  # fmt: skip


def train(
    titles: Sequence[str], texts: Sequence[str], labels: Sequence[str], *, folds: int = 5, step: "Callable[[int, int], None]" = lambda done, all_: None
) -> Model:
    """Return a model of these texts with scores of a stratified cross-validation: every text judged by a model that had
    not seen it, its n-grams and weights included. `step` hears how many of all steps are done. Raises TooFewTexts.
    """
    counts = Counter(labels)
    if len(counts) < 2:
        raise TooFewTexts("at least two labels are needed")
    rare = [name for name, n in counts.items() if n < 2]
    if rare:
        raise TooFewTexts(f"at least two texts of each label are needed; only one of: {', '.join(sorted(rare)[:5])}")
    from sklearn.model_selection import StratifiedKFold

    folds = max(2, min(folds, min(counts.values())))
    expected = np.array(labels)
    classes = sorted(counts)
    decisions = np.zeros((len(labels), len(classes)))
    steps = folds + 2
    step(0, steps)
    counted = Counted(titles, texts)
    step(1, steps)
    for number, (seen, unseen) in enumerate(StratifiedKFold(folds, shuffle=True, random_state=SEED).split(expected, expected), 2):
        learned = counted.learn(seen)
        coefficients, intercept = _ridge(counted.weigh(seen, learned), [labels[i] for i in seen], classes)
        decisions[unseen] = counted.weigh(unseen, learned) @ coefficients + intercept
        step(number, steps)
    scores = measure(list(labels), [classes[i] for i in decisions.argmax(axis=1)])
    index = np.array([classes.index(name) for name in labels])
    sharpness, loss = _calibrate(decisions, index)
    scores |= {"folds": folds, "seed": SEED, "log_loss": round(loss, 4), "method": "stratified cross-validation, out of fold"}
    everything = np.arange(len(labels))
    learned = counted.learn(everything)
    coefficients, intercept = _ridge(counted.weigh(everything, learned), labels, classes)
    step(steps, steps)
    return Model(
        classes=classes,
        vocabularies=[{str(gram): row for row, gram in enumerate(names[columns])} for names, (columns, _idf) in zip(counted.names, learned, strict=True)],
        idf=[idf.astype(np.float32) for _columns, idf in learned],
        coefficients=coefficients.astype(np.float32), intercept=np.asarray(intercept, dtype=np.float64), sharpness=sharpness, scores=scores,
    )  # fmt: skip


def _calibrate(decisions: Any, index: Any) -> tuple[float, float]:
    """Return the factor under which the softmax of unseen texts' decisions has the least log loss, and that loss."""
    best = (1.0, math.inf)
    for factor in np.geomspace(0.5, 10, 60):
        likely = _softmax(decisions * factor)[np.arange(len(index)), index]
        loss = float(-np.log(np.clip(likely, 1e-12, 1)).mean())
        if loss < best[1]:
            best = (float(factor), loss)
    return best


# ---- files ----------------------------------------------------------------------------------------------------------
def save(model: Model, path: Path) -> None:
    """Write the model, and its measured scores beside it as JSON."""
    import skops.io

    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "format": FORMAT, "classes": np.array(model.classes), "intercept": model.intercept, "coefficients": model.coefficients,
        "sharpness": float(model.sharpness), "scores": json.dumps(model.scores, ensure_ascii=False),
    }  # fmt: skip
    for n, (vocabulary, idf) in enumerate(zip(model.vocabularies, model.idf, strict=True)):
        kept[f"grams{n}"] = np.array(sorted(vocabulary, key=vocabulary.__getitem__) or [""])
        kept[f"idf{n}"] = idf
    fresh = path.with_suffix(".new")
    skops.io.dump(kept, fresh)
    fresh.replace(path)  # a reader finds the old file or the new one, never half of one
    path.with_suffix(".json").write_text(json.dumps(model.scores, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Model:
    """Return the model of a file; raise BadModel when it holds anything but plain data, FileNotFoundError without one."""
    import skops.io

    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        foreign = skops.io.get_untrusted_types(file=path)
        if foreign:
            raise BadModel(f"{path.name} holds types that are not plain data: {', '.join(foreign)}")
        kept = skops.io.load(path, trusted=[])
        if kept["format"] != FORMAT:
            raise BadModel(f"{path.name} was written in another format ({kept['format']}); train it anew")
        return Model(
            classes=[str(name) for name in kept["classes"]],
            vocabularies=[{str(gram): row for row, gram in enumerate(kept[f"grams{n}"].tolist())} for n in range(len(VIEWS))],
            idf=[kept[f"idf{n}"] for n in range(len(VIEWS))], coefficients=kept["coefficients"], intercept=kept["intercept"],
            sharpness=float(kept["sharpness"]), scores=json.loads(kept["scores"]),
        )  # fmt: skip
    except BadModel:
        raise
    except Exception as error:
        raise BadModel(f"{path.name} cannot be read as a model: {error}") from error


_loaded: dict[Path, tuple[float, Model | None]] = {}


def present(path: Path) -> Model | None:
    """Return the model of a file if there is one, read once per process and again when the file is replaced."""
    try:
        changed = path.stat().st_mtime
    except OSError:
        return None
    kept = _loaded.get(path)
    if kept is None or kept[0] != changed:
        try:
            kept = (changed, load(path))
        except BadModel:
            kept = (changed, None)
        _loaded[path] = kept
    return kept[1]


# ---- both together --------------------------------------------------------------------------------------------------
def suggest(text: str, categories: "Sequence[Known] | Vocabulary", *, model: Model | None = None, most: int = 3, least: float = 0.2) -> list[Suggestion]:
    """Return the likeliest categories of a text, best first; none below `least`.

    Keywords and model each leave a doubt; the doubts multiply, so that both together are surer than either alone.
    """
    if not text.strip():
        return []
    known = categories if isinstance(categories, Vocabulary) else _vocabulary(tuple(categories))
    doubt: dict[str, float] = {}
    because: dict[str, tuple[str, ...]] = {}
    for one in by_keywords(text, known):
        doubt[one.code], because[one.code] = 1 - one.confidence, one.because
    if model is not None:
        title, _end, rest = text.strip().partition("\n")
        for name, likely in model.probabilities(title, rest)[:10]:
            code = name if name in known.codes else known.named.get(name)
            if code is not None:
                doubt[code] = doubt.get(code, 1.0) * (1 - 0.9 * likely)
    found = [Suggestion(code, round(1 - left, 4), because.get(code, ())) for code, left in doubt.items()]
    return sorted((one for one in found if one.confidence >= least), key=lambda one: (-one.confidence, one.code))[:most]
