"""The table of ways out names tests that there are: a test that goes or is renamed leaves no way out unwalked."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ROWS = re.findall(r"^\| (.+?) \| `(.+?)::(test_\w+)` \|$", (TESTS / "ways_out" / "README.md").read_text(), re.M)
ASKED = (
    "cancelled before", "cancelled after", "consent withdrawn", "died in", "died after", "too ill in", "too ill after",
    "eligibility lapsed", "material rejected", "accepted under deviation", "low count", "re-apheresis",
    "several collections", "terminated", "made again from what is left", "exceptional release", "hard block",
    "retest", "invalidation", "late result after", "growth before", "growth after", "excursion out", "excursion back",
    "lost", "late", "tipped", "cracked", "site not ready", "interrupted", "refused", "returned", "destroyed",
    "split dose", "second course",
)  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
def test_each_way_out_that_is_asked_for_is_in_the_table(asked: str) -> None:
    assert [way for way, _, _ in ROWS if asked in way.lower()]


def test_each_is_walked_by_a_test_that_there_is() -> None:
    assert len(ROWS) >= len(ASKED)
    for way, file, name in ROWS:
        module = ast.parse((TESTS / file).read_text())
        assert name in {one.name for one in module.body if isinstance(one, ast.FunctionDef)}, way
