"""The validation pages say what the tests and the registries say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("validation", Path(__file__).with_name("validation.py"))
assert _spec is not None
assert _spec.loader is not None
validation = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(validation)


@pytest.mark.parametrize("name", sorted(validation.PAGES))
def test_the_page_is_renewed(name: str) -> None:
    there = validation.FOLDER / name
    assert there.exists(), "run: make validation"
    assert there.read_text(encoding="utf-8") == validation.PAGES[name](), "run: make validation"


def test_the_first_never_events_are_attacked() -> None:
    found = validation.tests()
    assert [name for name in ("N1", "N2", "N3", "N4", "N5", "N6", "N15") if not found.get(name)] == []
