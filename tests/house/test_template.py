"""The databases kept between test runs are never stale: all that they are made from is in their names."""

from pathlib import Path

import pytest

from tests import template
from tests.house.sources import PACKAGE, imports


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> dict[Path, bytes]:
    """Contents that files shall seem to have."""
    seem: dict[Path, bytes] = {}
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: seem.get(path) or read(path))
    return seem


def _names() -> tuple[str, str]:
    template.names.cache_clear()
    return template.names()


@pytest.mark.parametrize(
    ("file", "base_changes", "world_changes"),
    [
        ("people/migrations/0001_initial.py", True, True),
        ("logistics/migrations/0001_initial.py", True, True),
        ("journal/rights.py", True, True),
        ("people/demonstration.yaml", False, True),
        ("network/rules.py", False, True),
        ("materials/actions.py", False, True),
        ("driver/site.py", False, True),
        ("orders/rules.py", False, False),
        ("people/pages.py", False, False),
        ("people/tests/test_actions.py", False, False),
    ],
)
def test_a_changed_file_changes_the_names_of_what_is_made_from_it(
    file: str, base_changes: bool, world_changes: bool, other: dict[Path, bytes]
) -> None:
    path = next(iter(sorted(PACKAGE.glob(file))), None) or next(
        iter(sorted((PACKAGE / file).with_suffix("").glob("*.py")))
    )
    before = _names()
    other[path] = path.read_bytes() + b"# changed"
    after = _names()
    assert (before[0] != after[0], before[1] != after[1]) == (base_changes, world_changes)
    other.clear()
    assert _names() == before


def test_migrations_are_made_only_from_what_the_base_is_named_by() -> None:
    known = {"states", *template.GROUND}
    for path in PACKAGE.glob("*/migrations/*.py"):
        for each in imports(path):
            parts = each.module.split(".")
            if parts[0] == "vein2vein" and len(parts) > 1:
                assert known & set(parts[1:3]), str(each)
