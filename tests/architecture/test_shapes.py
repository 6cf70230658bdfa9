"""The one way to write an act and a question, watched by reading the code."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import gongzhi
from gongzhi.kernel import actors, operation

SRC = Path(gongzhi.__file__).parent


def _modules(name: str) -> list[str]:
    """Return every module called `operations` or `queries`, those of packages too, private ones left out."""
    found = []
    for module in pkgutil.walk_packages([str(SRC)], "gongzhi."):
        parts = module.name.split(".")
        if name in parts and "tests" not in parts and "migrations" not in parts:
            after = parts[parts.index(name) + 1 :]
            if not any(part.startswith("_") for part in after):
                found.append(module.name)
    return found


def _public_functions(module):
    return [
        (name, thing) for name, thing in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and inspect.unwrap(thing).__module__ == module.__name__
    ]  # fmt: skip


@pytest.mark.parametrize("name", _modules("operations"))
def test_every_public_function_of_operations_is_an_operation(name):
    functions = _public_functions(importlib.import_module(name))
    assert functions or name.endswith("operations"), f"{name} is empty"
    for function_name, function in functions:
        assert getattr(function, "is_operation", False), f"{name}.{function_name} is public and no @operation"
        assert function.__doc__, f"{name}.{function_name} has no docstring"


@pytest.mark.parametrize("name", _modules("queries"))
def test_every_public_query_says_who_asks(name):
    for function_name, function in _public_functions(importlib.import_module(name)):
        parameters = inspect.signature(function).parameters
        assert "seen_by" in parameters, f"{name}.{function_name} does not take seen_by"
        assert parameters["seen_by"].kind is inspect.Parameter.KEYWORD_ONLY
        assert function.__doc__, f"{name}.{function_name} has no docstring"


WHY = re.compile(r"\bWhoever asks: \S[^\n]{8,}\.")  # in a docstring: the one line that says why who asks changes nothing


def _ignoring(tree: ast.Module):
    """Yield the public questions that take `seen_by` and never look at it, and the scopes that return everything."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        said = ast.get_docstring(node) or ""
        asks = "seen_by" in {argument.arg for argument in node.args.kwonlyargs}
        read = {part.id for line in node.body for part in ast.walk(line) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
        returned = [ast.unparse(part.value) for part in ast.walk(node) if isinstance(part, ast.Return) and part.value is not None]
        if (asks and "seen_by" not in read) or (node.name == "visible_to" and set(returned) == {"self"}):
            yield node, said


def test_who_asks_is_looked_at_or_the_question_says_why_not():
    """`seen_by` is used, not only taken; a `visible_to` that returns everything says in one line why everybody may see it."""
    silent = [
        f"{file.relative_to(SRC)}:{node.lineno} {node.name}" for file, parts in _files() if {"queries", "models"} & set(parts)
        for node, said in _ignoring(ast.parse(file.read_text(encoding="utf-8"))) if not WHY.search(said)
    ]  # fmt: skip
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def cases(*, seen_by):\n    return Case.objects.all()", True), ("def cases(*, seen_by):\n    return Case.objects.visible_to(seen_by)", False),
        ("def visible_to(self, actor):\n    return self", True), ("def visible_to(self, actor):\n    return self.filter(by=actor)", False),
        ("def visible_to(self, actor):\n    if actor.is_clock:\n        return self\n    return self.none()", False),
    ],
)  # fmt: skip
def test_the_guard_of_who_asks_can_fail(text, found):
    assert bool(list(_ignoring(ast.parse(text)))) is found


def _rules() -> list[str]:
    return list(_modules("rules"))


@pytest.mark.parametrize("name", _rules())
def test_every_may_rule_answers_an_actor_and_has_words_for_its_refusal(name):
    for function_name, function in _public_functions(importlib.import_module(name)):
        if not function_name.startswith("may_"):
            continue
        assert next(iter(inspect.signature(function).parameters)) == "actor", f"{name}.{function_name}"
        first = (function.__doc__ or "").strip().splitlines()
        assert first, f"{name}.{function_name} has no sentence for the reader"
        assert first[0].endswith("."), f"{name}.{function_name}: the refusal must be a sentence"


WRITES = {"save", "delete", "create", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
FACES = {"views", "api", "tasks", "management", "middleware", "context", "gateway", "live", "templatetags", "testing", "config", "memory", "health"}


def _files():
    for file in SRC.rglob("*.py"):
        parts = file.relative_to(SRC).with_suffix("").parts
        if "tests" not in parts and "migrations" not in parts:
            yield file, parts


def _calls(file: Path):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node


@pytest.mark.parametrize("face", ["views", "api", "queries", "rules", "subscribers", "tasks", "forms", "kinds"])
def test_only_operations_write(face):
    """No `.save(` and the like on a model or queryset outside operations and models."""
    for file, parts in _files():
        if face not in parts:
            continue
        for call in _calls(file):
            if call.func.attr not in WRITES:
                continue
            told = ast.unparse(call.func.value)
            is_bulk = call.func.attr in ("bulk_create", "bulk_update", "update_or_create", "get_or_create")
            is_table = ".objects" in told or told in ("case", "person", "row") or is_bulk
            assert not is_table, f"{file}:{call.lineno}: {ast.unparse(call.func)}"


def test_only_faces_look_at_the_clock():
    for file, parts in _files():
        if FACES & set(parts):
            continue
        for call in _calls(file):
            who = ast.unparse(call.func.value).split(".")[-1]
            assert (who, call.func.attr) not in CLOCKS, f"{file}:{call.lineno}: the moment is handed down as `at`"


def test_the_guards_can_fail():
    """An operation that asks nobody, records nothing or takes loose arguments is refused."""
    with pytest.raises(TypeError):
        operation.operation(lambda by, at: None)
    with pytest.raises(TypeError):
        operation.operation(lambda *, by: None)
    assert actors.CLOCK.is_clock


def test_no_file_speaks_of_this_machine():
    root = SRC.parents[1]
    for file in [*SRC.rglob("*.py"), *(root / "docs").rglob("*.md"), root / "pyproject.toml", root / "gongzhi"]:
        if file.exists() and "tests" not in file.parts:
            text = file.read_text(encoding="utf-8", errors="replace")
            assert "/work/" not in text, file
            assert "index-url" not in text, file
