"""A blocker's field is said by a label that people read, in both languages, never by a parameter's name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from django.utils import translation

from tests.house.words import SOURCE, translated
from vein2vein.doors.labels import label
from vein2vein.doors.naming import field_label, field_name


def _fields(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        given = [one.value for one in node.keywords if one.arg == "field"]
        if isinstance(node.func, ast.Name) and node.func.id == "Blocker" and len(node.args) > 2:
            given.append(node.args[2])
        yield from (one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_every_field_of_a_blocker_has_a_label_in_both_languages() -> None:
    known, lacking = translated(), defaultdict(set)
    for path in SOURCE.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for name in _fields(ast.parse(path.read_text())):
            told = label(field_name(name))
            if name.isidentifier() and name.islower() and told not in known:
                lacking[told].add(str(path.relative_to(SOURCE)))
    assert not lacking, dict(lacking)


def test_a_path_in_a_file_stays_as_it_is() -> None:
    assert field_label("Patient.birthDate") == "Patient.birthDate"
    with translation.override("en"):
        assert field_label("order_id") == "Order"
    assert field_label("scanned_sample") != "scanned_sample"
