"""What import-linter cannot say of the layers: plain files stay plain, doors and strangers never import models."""

import subprocess
import sys

import pytest

from tests.house.sources import PACKAGE, Import, context_of, imports, is_or_within, source_files

PLAIN = ("rules", "states", "facts")
DOORS = ("api", "pages", "commands")
MOUNTS = ("web", "api", "cli")
NOT_PLAIN = ("django", "ninja", "psycopg", "procrastinate", "axes", "csp", "whitenoise", "granian", "click")
ROOMS_WITH_TABLES = ("models", "actions", "reads", "followers", "api", "pages", "commands", "apps", "migrations")


def _room(path_parts: tuple[str, ...]) -> str:
    """The room of a context that a file is in: `rules` for rules.py and for rules/anything.py."""
    return path_parts[1].removesuffix(".py") if len(path_parts) > 1 else ""


def _imports_of_rooms(rooms: tuple[str, ...]) -> list[Import]:
    files = [path for path in source_files() if _room(path.relative_to(PACKAGE).parts) in rooms]
    return [each for path in files for each in imports(path)]


def _models_of(module: str) -> str | None:
    """The context whose models a module name is of, or None."""
    parts = module.split(".")
    return parts[1] if len(parts) > 2 and parts[0] == "vein2vein" and parts[2] == "models" else None


@pytest.mark.requirement("house")
def test_rules_states_and_facts_are_plain_python() -> None:
    assert [
        str(each) for each in _imports_of_rooms(PLAIN) if any(is_or_within(each.module, n) for n in NOT_PLAIN)
    ] == []


@pytest.mark.requirement("house")
def test_rules_states_and_facts_import_no_room_that_has_tables() -> None:
    found = []
    for each in _imports_of_rooms(PLAIN):
        parts = each.module.split(".")
        if parts[0] == "vein2vein" and len(parts) > 2 and parts[1] not in ("core", "engines"):
            found += [str(each)] if parts[2] in ROOMS_WITH_TABLES else []
        elif parts[:2] in (["vein2vein", "journal"], ["vein2vein", "doors"]):
            found.append(str(each))
    assert found == []


@pytest.mark.requirement("house")
def test_doors_never_import_models() -> None:
    mounts = [each for path in source_files() if context_of(path) in MOUNTS for each in imports(path)]
    assert [str(each) for each in [*_imports_of_rooms(DOORS), *mounts] if _models_of(each.module)] == []


@pytest.mark.requirement("house")
def test_only_a_context_imports_its_own_models() -> None:
    found = []
    for path in source_files():
        # A row of a lower context may be named in a signature; only its own context may ask its table.
        for each in imports(path, for_types_too=False):
            owner = _models_of(each.module)
            if owner is not None and owner != context_of(path):
                found.append(str(each))
    assert sorted(set(found)) == []


@pytest.mark.requirement("house")
def test_engines_import_no_context() -> None:
    found = []
    for path in source_files():
        if context_of(path) in ("core", "engines"):
            allowed = ("vein2vein.core",) if context_of(path) == "core" else ("vein2vein.core", "vein2vein.engines")
            for each in imports(path):
                ours = is_or_within(each.module, "vein2vein") and each.module != "vein2vein"
                if ours and not any(is_or_within(each.module, name) for name in allowed):
                    found.append(str(each))
    assert found == []


def test_a_start_brings_no_compiler_of_loops() -> None:
    """Numba and SciPy cost every start, of a command too, half a second: they come with the first plan or future."""
    begun = "import sys, django; django.setup(); print(sorted({'numba', 'scipy', 'ortools'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", begun], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
