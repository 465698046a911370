"""Functions stay under 70 lines and files under 500: what does not fit has two subjects."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.sources import PROJECT, python_files, source_files

FILE_LINES = 500
FUNCTION_LINES = 70
UNFINISHED = re.compile(
    r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|except:|type: ignore(?!\[[\w-]+\]  # \w)|pragma: no cover"
    r"|except (Base)?Exception\b(?!.*noqa: BLE001 - \w)"
)


@pytest.mark.requirement("house")
def test_no_file_is_longer_than_500_lines() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in python_files(*_roots())}
    assert [f"{path.relative_to(PROJECT)}: {n}" for path, n in lengths.items() if n > FILE_LINES] == []


@pytest.mark.requirement("house")
def test_no_function_is_longer_than_70_lines() -> None:
    long = []
    for path in python_files(*_roots()):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{path.relative_to(PROJECT)}:{node.lineno} {node.name}: {lines}")
    assert long == []


@pytest.mark.requirement("house")
def test_nothing_in_the_package_is_unfinished_or_hides_errors() -> None:
    found = []
    for path in source_files():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if UNFINISHED.search(line):
                found.append(f"{path.relative_to(PROJECT)}:{number} {line.strip()}")
    assert found == []


def _roots() -> list[Path]:
    return [PROJECT / name for name in ("src", "tests", "tools", "bench")]
