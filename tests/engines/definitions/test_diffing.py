"""A diff says what changed, in the words of the trade."""

from __future__ import annotations

import pytest

from tests.engines.definitions import shipped
from vein2vein.engines.definitions import ChangeKind, diff

RAPID = "rapid-bcma-cd19"

CASES = [
    (
        "process.yaml",
        "alert: {low: 90 %}",
        "alert: {low: 92 %}",
        "limit process.operations[receive].steps[measure_received_viability].limits.alert.low was 90 % and became 92 %",
    ),
    (
        "process.yaml",
        "- {operation: wash, within: 2 h}",
        "- {operation: wash, within: 90 min}",
        "hold process.operations[select].after[wash].within was 2 h and became 90 min",
    ),
    (
        "process.yaml",
        "3 [TU/cell] * seeded_cells",
        "4 [TU/cell] * seeded_cells",
        (
            "step process.operations[transduce].steps[consume_vector].quantity "
            "was 3 [TU/cell] * seeded_cells / vector_titre and became 4 [TU/cell] * seeded_cells / vector_titre"
        ),
    ),
    (
        "specification.yaml",
        "range: {low: 10 %}",
        "range: {low: 15 %}",
        "criterion specification.criteria[car_positive].range.low was 10 % and became 15 %",
    ),
    (
        "specification.yaml",
        "{rule: after_investigation, maximum: 1}",
        "{rule: after_invalid, maximum: 1}",
        "test specification.tests[rcl].retest.rule was after_investigation and became after_invalid",
    ),
    (
        "specification.yaml",
        "- {route: named_patient, phase: commercial, effective_from: 2026-01-01}",
        "- {route: named_patient, phase: commercial, effective_from: 2026-06-01}",
        "market specification.markets[HK].routes[named_patient].effective_from was 2026-01-01 and became 2026-06-01",
    ),
    (
        "therapy.yaml",
        "shelf_life: 180 d",
        "shelf_life: 270 d",
        "product storage therapy.storage.shelf_life was 180 d and became 270 d",
    ),
    (
        "therapy.yaml",
        "languages: [en, zh]",
        "languages: [zh, en]",
        "label therapy.labels[kit].languages was en, zh and became zh, en",
    ),
    (
        "process.yaml",
        "        verify: second_person\n        training: cell_receipt\n",
        "        verify: second_person\n",
        "step process.operations[receive].steps[scan_leukapheresis].training was removed: cell_receipt",
    ),
    (
        "process.yaml",
        "- id: remove_beads",
        "- id: take_beads_off",
        (
            "step process.operations[harvest].steps[take_beads_off] was added: "
            "instruct: Pass the cells over the magnet twice. / 细胞两次通过磁力架去除磁珠。"
        ),
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), CASES)
def test_one_change_is_said(file: str, old: str, new: str, said: str) -> None:
    changes = diff(shipped.definition(RAPID), shipped.changed(RAPID, file, old, new))
    assert said in {str(change) for change in changes}
    assert len(changes) <= 2


@pytest.mark.parametrize("name", shipped.NAMES)
def test_nothing_changed(name: str) -> None:
    assert diff(shipped.definition(name), shipped.definition(name)) == []


def test_another_way_of_writing_the_same_is_no_change() -> None:
    other = shipped.changed(RAPID, "therapy.yaml", "shelf_life: 180 d", "shelf_life: 4320 h   # 180 days")
    assert diff(shipped.definition(RAPID), other) == []


def test_an_order_that_changed_is_said_once() -> None:
    old = "  - id: autologous_only\n    text: {en: FOR AUTOLOGOUS USE ONLY, zh: 仅供自体使用}\n    when: always\n"
    files = shipped.files(RAPID)["therapy.yaml"].decode()
    after = "  - id: clinical_trial_only\n    text: {en: For clinical trial use only, zh: 仅用于临床试验}\n"
    assert old + after in files
    when = "    when: clinical_trial\n"
    moved = shipped.changed(RAPID, "therapy.yaml", old + after + when, after + when + old)
    (change,) = diff(shipped.definition(RAPID), moved)
    assert change.kind is ChangeKind.MOVED
    assert change.path == "therapy.warnings"
    assert change.was.startswith("autologous_only, clinical_trial_only")


def test_the_way_back_says_the_opposite() -> None:
    a, b = (shipped.definition(name) for name in shipped.NAMES)
    there, back = diff(a, b), diff(b, a)
    opposite = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    assert {(c.path, c.was, c.became, c.kind) for c in there} == {
        (c.path, c.became, c.was, opposite.get(c.kind, c.kind)) for c in back
    }
