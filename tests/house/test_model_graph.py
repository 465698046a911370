"""Foreign keys point downwards, as imports do, and migrations are named and in one line."""

import re
import tomllib

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader

from tests.house.sources import PROJECT

OWN = "vein2vein."


def _depths() -> dict[str, int]:
    """How far down each context is, from the one list of layers that there is."""
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {name: depth for depth, layer in enumerate(layers) for name in re.findall(r"\w+", layer)}


def _own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith(OWN)]


def _context(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


@pytest.mark.requirement("house")
def test_foreign_keys_point_downwards() -> None:
    depths = _depths()
    wrong = []
    for model in _own_models():
        for field in model._meta.get_fields():
            target = field.related_model
            if field.auto_created or not isinstance(target, type) or not target.__module__.startswith(OWN):
                continue
            if _context(target) != _context(model) and depths[_context(target)] <= depths[_context(model)]:
                wrong.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert wrong == []


@pytest.mark.requirement("house")
def test_a_row_that_others_hang_on_cannot_be_deleted_away() -> None:
    keys = [field for model in _own_models() for field in model._meta.concrete_fields]
    deleting = {str(field): getattr(field.remote_field, "on_delete", None) for field in keys if field.is_relation}
    assert {name: rule for name, rule in deleting.items() if rule is not models.PROTECT} == {}


@pytest.mark.requirement("house")
def test_migrations_have_names_and_stand_in_one_line() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    wrong = []
    for (label, name), migration in loader.disk_migrations.items():
        if not migration.__module__.startswith(OWN):
            continue
        before = [key for key in migration.dependencies if key[0] == label]
        if re.search(r"_auto_\d|^\d{4}_\w*_and_more$", name):
            wrong.append(f"{label}.{name}: say what it does in its name")
        if len(before) > 1 or (not before and migration.initial is not True):
            wrong.append(f"{label}.{name}: follows {len(before)} migrations of its own context, must be one")
    forks = [
        f"{label}: two last migrations" for label in loader.migrated_apps if len(loader.graph.leaf_nodes(label)) > 1
    ]
    assert wrong + forks == []
