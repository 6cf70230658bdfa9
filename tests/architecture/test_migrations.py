"""Migrations: complete, linear, named, and free of the code that they outlive."""

import ast
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

import gongzhi

SRC = Path(gongzhi.__file__).parent
ALLOWED = {"gongzhi.kernel.tables"}


@pytest.mark.django_db
def test_no_model_change_lacks_a_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_each_app_has_one_line_of_migrations():
    loader = MigrationLoader(None)
    for label in {label for label, _name in loader.graph.nodes}:
        assert len(loader.graph.leaf_nodes(label)) == 1, label


def test_migrations_import_nothing_of_the_apps():
    for file in SRC.glob("**/migrations/0*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gongzhi."):
                assert node.module in ALLOWED, f"{file}: {node.module}"
            if isinstance(node, ast.Import):
                for name in node.names:
                    assert not name.name.startswith("gongzhi.") or ".models" in name.name, f"{file}: {name.name}"
        assert "auto_" not in file.stem, f"{file}: give it a name"
