"""Whatever the demonstration's people write is there in both languages: no reason is read in English alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import vein2vein.driver
from vein2vein.driver.bedside import REFUSALS
from vein2vein.driver.spoken import FREE, SAID, in_both

SOURCES = sorted(Path(vein2vein.driver.__file__).parent.glob("*.py"))
SAYING = {"_say": 2, "_cancel": 0, "_report": 1, "_stop": 2}
"""Functions that take somebody's words, and at which place."""
ASSIGNED = FREE | {"failure", "cause", "care"}


def _words(node: ast.expr | None) -> Iterator[str]:
    """Yield the texts that an expression may be: each branch of a choice, and of a text with places its head."""
    if isinstance(node, ast.IfExp):
        yield from (*_words(node.body), *_words(node.orelse))
    elif isinstance(node, ast.Tuple):
        yield from (one for each in node.elts for one in _words(each))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield str(node.values[0].value).removesuffix(": ")


def _written(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and node.arg in FREE:
            yield from _words(node.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in FREE:
                    yield from _words(value)
        elif isinstance(node, ast.Assign):
            names = {getattr(one, "id", getattr(one, "attr", "")) for each in node.targets for one in ast.walk(each)}
            if names & ASSIGNED:
                yield from _words(node.value)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in SAYING and len(node.args) > SAYING[name]:
                yield from _words(node.args[SAYING[name]])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_whoever_reads_chinese_reads_every_reason(path: Path) -> None:
    assert [one for one in _written(path) if one not in SAID] == []


def test_each_is_said_once_in_both() -> None:
    assert set(REFUSALS.values()) <= set(SAID)
    assert in_both("rigors") == "rigors / 寒战"
    assert in_both("out of specification: VCN") == "out of specification / 检验结果超标: VCN"
    assert in_both("DEMO-LATE-1") == "DEMO-LATE-1"
