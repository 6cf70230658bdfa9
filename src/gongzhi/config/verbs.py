"""The verbs of ./gongzhi: what each does, and where the commands of the modules are found.

Standard library only: the launcher reads this before there is an environment.
"""

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

VERBS = {
    "demo": "start everything with two demo towns and print the addresses",
    "serve": "run an installation: web, worker and gateway on your PostgreSQL (DATABASE_URL)",
    "web": "run only the web server",
    "worker": "run only the worker that does the queued tasks",
    "migrate": "bring the database to this version (as its owner)",
    "test": "run all tests, those in a browser too",
    "check": "style, types, import rules, missing migrations",
    "bench": "measure what the claims about speed rest on (intake, desk, pages, gateway, mqtt, start)",
    "openapi": "write docs/openapi.json anew",
    "basemap": "make the base map of the demo towns anew (a PMTiles file, drawn from their own geometry)",
    "shell": "a Python shell in one town (--town CODE)",
    "load-demo": "load the demo towns into the database, once",
}
WITH_TEST_PACKAGES = frozenset({"test", "check", "bench", "screenshots", "openapi"})


def commands() -> dict[str, Path]:
    """Return the commands that the modules bring: name → file (`<module>/management/commands/<name>.py`)."""
    return {
        file.stem.replace("_", "-"): file
        for file in sorted(PACKAGE.glob("**/management/commands/*.py"))
        if not file.stem.startswith("_")
    }


def is_known(verb: str) -> bool:
    """Return whether ./gongzhi has this verb."""
    return verb in VERBS or verb in commands()


def purpose(file: Path) -> str:
    """Return what a command does: the `help` of its Command, or the first line of its docstring."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "help" for t in node.targets):
            try:
                return str(ast.literal_eval(node.value)).strip().splitlines()[0]
            except ValueError:
                continue
    return (ast.get_docstring(tree) or "").strip().splitlines()[0] if ast.get_docstring(tree) else ""


def listing() -> str:
    """Return the list that ./gongzhi alone prints."""
    every = VERBS | {name: purpose(file) for name, file in commands().items() if name not in VERBS}
    width = max(map(len, every))
    lines = ["Usage: ./gongzhi VERB [ARGUMENTS]   (./gongzhi VERB --help says more)", ""]
    lines += [f"  {name:<{width}}  {text}" for name, text in every.items()]
    return "\n".join(lines)
