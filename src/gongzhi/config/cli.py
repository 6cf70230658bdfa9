"""What ./gongzhi runs inside the environment: a verb of its own, or a command that a module brings."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from gongzhi.config import installation, verbs

Verb = Callable[[list[str], Path], int]


def main(argv: list[str] | None = None) -> int:
    """Run one verb; return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print(verbs.listing())
        return 0
    verb, rest = arguments[0], arguments[1:]
    if not verbs.is_known(verb):
        print(f"There is no verb {verb!r}.\n\n{verbs.listing()}", file=sys.stderr)
        return 1
    data_dir, rest = _taken_out(rest, "--data-dir")
    folder = installation.settle(data_dir)
    compile_translations()
    if verb in _OWN:
        return _OWN[verb](rest, folder)
    return _command(verb, rest, folder)


def _taken_out(arguments: list[str], option: str) -> tuple[str | None, list[str]]:
    """Return the option's value and the arguments without it."""
    rest: list[str] = []
    value = None
    waiting = iter(arguments)
    for argument in waiting:
        if argument == option:
            value = next(waiting, None)
            if not value:
                raise installation.CannotRun(f"{option} needs a folder.")
        elif argument.startswith(option + "="):
            value = argument.split("=", 1)[1]
        else:
            rest.append(argument)
    return value, rest


def compile_translations() -> None:
    """Make each .mo that is older than its .po (the .mo files are not kept in the repository)."""
    stale = [
        file
        for file in verbs.PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po")
        if not (made := file.with_suffix(".mo")).exists() or made.stat().st_mtime_ns < file.stat().st_mtime_ns
    ]
    if not stale:
        return
    import polib

    for file in stale:
        fresh = file.with_suffix(f".mo.{os.getpid()}")
        try:
            polib.pofile(str(file)).save_as_mofile(str(fresh))
        except OSError as error:
            print(f"The translation {file} cannot be made ready: {error}", file=sys.stderr)
            continue
        fresh.replace(file.with_suffix(".mo"))


def _command(verb: str, rest: list[str], folder: Path) -> int:
    """Run a command of one of the modules. It says by `needs_database = False` that it can do without one."""
    import django
    from django.core.management import load_command_class

    name = verbs.commands()[verb].stem
    app = ".".join(verbs.commands()[verb].relative_to(verbs.PACKAGE.parent).parts[:-3])
    needs_database = _attribute(verbs.commands()[verb], "needs_database", True) and not {"-h", "--help"} & set(rest)

    def run() -> int:
        django.setup()
        command = load_command_class(app, name)
        command.run_from_argv(["./gongzhi", verb, *rest])
        return 0

    if not needs_database:
        return run()
    with installation.database(folder):
        return run()


def _attribute(file: Path, name: str, default: bool) -> bool:
    """Return a truth value that a command's class states, without importing it."""
    import ast

    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return bool(ast.literal_eval(node.value))
    return default


def _migrate(rest: list[str], folder: Path) -> int:
    parser = argparse.ArgumentParser(prog="./gongzhi migrate", description=verbs.VERBS["migrate"])
    parser.add_argument("--quiet", action="store_true", help="print nothing when all is well")
    given = parser.parse_args(rest)
    os.environ["GONGZHI_AS_OWNER"] = "1"
    with installation.database(folder, migrated=False, makes=True):
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        from gongzhi.config.database import lacking_columns, prepare

        prepare(connection)
        call_command("migrate", verbosity=0 if given.quiet else 1, interactive=False)
        if lacking := lacking_columns(connection):
            some = ", ".join(lacking[:5]) + (" ..." if len(lacking) > 5 else "")
            raise installation.CannotRun(
                f"All migrations have run, but the database still lacks {len(lacking)} tables or columns of this version ({some}).\n"
                "It was made by a copy from before the first version that can be updated, or it was changed by hand. Put that copy back to go on with it,\n"
                "or start with an empty database (a demo: ./gongzhi demo --reset). Nothing was taken away."
            )
        for town, kinds in _towns_lacking_procedures():
            print(f"{town} has adopted no procedure yet for: {kinds}. Its administrators can do so at /procedures/.")
        connection.close()
        installation.remember(folder, migrations=installation.fingerprint())
    return 0


def _towns_lacking_procedures() -> list[tuple[str, str]]:
    """Return the towns in which nothing of some kinds can be opened, each with the names of those kinds."""
    from gongzhi.cases import queries
    from gongzhi.foundation.territory import queries as territory
    from gongzhi.kernel.actors import CLOCK
    from gongzhi.kernel.towns import in_town

    found = []
    for town in territory.towns(seen_by=CLOCK):
        with in_town(town.pk):
            lacking = queries.kinds_without_procedure(seen_by=CLOCK)
            if lacking:
                found.append((town.name, "、".join(str(kind.title) for kind in lacking)))
    return found


def _shell(rest: list[str], folder: Path) -> int:
    parser = argparse.ArgumentParser(prog="./gongzhi shell", description=verbs.VERBS["shell"])
    parser.add_argument("--town", help="code of the town to work in (default: the default town)")
    given = parser.parse_args(rest)
    with installation.database(folder):
        import django

        django.setup()
        from django.core.management import call_command

        from gongzhi.foundation.territory.models import Town
        from gongzhi.kernel.towns import enter_town

        town = Town.objects.get(code=given.town) if given.town else Town.objects.filter(is_default=True).first()
        enter_town(town.pk if town else None)
        call_command("shell")
    return 0


def _openapi(rest: list[str], folder: Path) -> int:
    argparse.ArgumentParser(prog="./gongzhi openapi", description=verbs.VERBS["openapi"]).parse_args(rest)
    import django

    django.setup()
    from gongzhi.config.api import document

    target = installation.root() / "docs" / "openapi.json"
    target.write_text(document(), encoding="utf-8")
    print(f"{target} is up to date.")
    return 0


def _basemap(rest: list[str], folder: Path) -> int:
    parser = argparse.ArgumentParser(prog="./gongzhi basemap", description=verbs.VERBS["basemap"])
    parser.add_argument("file", nargs="?", type=Path, default=verbs.PACKAGE / "portal/static/portal/demo.pmtiles", help="where to write it")
    target = parser.parse_args(rest).file
    from gongzhi.config.demo import basemap

    count = basemap.write(target)
    print(f"{target}: {count} tiles, {target.stat().st_size:,} bytes.")
    return 0


def _demo(rest: list[str], folder: Path) -> int:
    from gongzhi.config.running import demo

    return demo(rest, folder)


def _serve(rest: list[str], folder: Path) -> int:
    from gongzhi.config.running import serve

    return serve(rest, folder)


def _web(rest: list[str], folder: Path) -> int:
    from gongzhi.config.running import web

    return web(rest, folder)


def _worker(rest: list[str], folder: Path) -> int:
    from gongzhi.config.running import worker

    return worker(rest, folder)


def _load_demo(rest: list[str], folder: Path) -> int:
    with installation.database(folder, makes=True):
        import django

        django.setup()
        from gongzhi.config.demo.loading import load

        return load(rest)


def _test(rest: list[str], folder: Path) -> int:
    from gongzhi.config.checks import test

    return test(rest)


def _check(rest: list[str], folder: Path) -> int:
    from gongzhi.config.checks import check

    return check(rest)


def _bench(rest: list[str], folder: Path) -> int:
    import subprocess

    root = installation.root()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(root / "src"), str(root)))}
    return subprocess.run([sys.executable, "-W", "ignore", str(root / "bench" / "run.py"), *rest], env=environment, check=False).returncode


_OWN: dict[str, Verb] = {
    "bench": _bench,
    "demo": _demo,
    "serve": _serve,
    "web": _web,
    "worker": _worker,
    "migrate": _migrate,
    "test": _test,
    "check": _check,
    "openapi": _openapi,
    "basemap": _basemap,
    "shell": _shell,
    "load-demo": _load_demo,
}


if __name__ == "__main__":
    sys.exit(main())
