"""Foreign keys point down or stay within their module, protect what they name, and leave no trace on it."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import DO_NOTHING, PROTECT
from django.db.models.fields.related import ForeignKey, ManyToManyField

ROOT = Path(__file__).parents[2]
CONTRACTS = {contract["id"]: contract for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]}


def _rank(contract: str, name: str) -> int:
    for rank, layer in enumerate(reversed(CONTRACTS[contract]["layers"])):
        if name in [part.strip(" ()") for part in layer.split("|")]:
            return rank
    raise AssertionError(f"{name} has no place in {contract}")


def _place(label: str) -> tuple[int, int]:
    """Return (tier, place within the tier) of an app; higher stands on lower."""
    parts = apps.get_app_config(label).name.split(".")[1:]
    tier = _rank("tiers", parts[0])
    if parts[0] == "foundation":
        return tier, _rank("foundation-order", parts[1])
    if parts[0] == "registers":
        return tier, _rank("registers-order", parts[1])
    if parts[0].endswith("_line"):
        return tier, _rank(f"{parts[0].removesuffix('_line')}-order", parts[1])
    return tier, 0


def _own_models():
    return [model for model in apps.get_models() if model.__module__.startswith("gongzhi.")]


@pytest.mark.parametrize("model", _own_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model):
    for field in model._meta.get_fields(include_hidden=True):
        if not isinstance(field, ForeignKey | ManyToManyField) or field.model is not model:
            continue
        other = field.related_model
        if other._meta.app_label == model._meta.app_label:
            continue
        assert other.__module__.startswith("gongzhi."), f"{field}: keys to tables of others are not kept"
        here, there = _place(model._meta.app_label), _place(other._meta.app_label)
        ground = other._meta.label == "territory.Town"  # the ledger too belongs to a town, and to nothing else
        assert there < here or ground, f"{field} points up or sideways"
        assert field.remote_field.related_name == "+", f"{field} must have related_name='+'"
        if isinstance(field, ForeignKey):
            assert field.remote_field.on_delete in (PROTECT, DO_NOTHING) or other._meta.label in ("people.Person",), f"{field} must protect what it names"
