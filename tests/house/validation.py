"""The validation matrix: requirement → test → evidence, made from the marks on the tests and from the registries."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "validation"

REQUIREMENTS = {
    "N1": "Two patients' material open in one workstation is impossible",
    "N2": "A bag, tube or sample without a scanned parent COI is impossible",
    "N3": "A spare or reprinted label cannot be used",
    "N4": "A typed identity is not accepted",
    "N5": "Another patient's bag, or the right patient's wrong bag, cannot be infused",
    "N6": "Nothing unreleased is infused or leaves the manufacturer's control",
    "N7": "No expired, unreleased or wrong-market vector or reagent is used",
    "N8": "Fresh material past its limit is not processed without a documented decision",
    "N9": "No temperature excursion or missing trace stays unreviewed",
    "N10": "No shipper without requalification, or with too short a hold time, is used",
    "N11": "No resource is booked twice",
    "N12": "No clearance to lymphodeplete before the product is secured",
    "N13": "No wrong dose",
    "N14": "No step by an untrained person, no verification of one's own work",
    "N15": "No record is changed, deleted or back-dated unseen",
    "N16": "No result without raw data, no re-test until it passes",
    "W": "Every way out of a treatment is walked through the doors",
}
"""What is required, from the never-events and the issues; the words are ours."""


def marked(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (requirement, test) for every mark in a test file; a mark on the module or class covers its tests."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    whole = [name for node in tree.body if isinstance(node, ast.Assign) for name in _named(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            own = [name for decorator in node.decorator_list for name in _requirements(decorator)]
            for name in sorted({*own, *whole}):
                yield name, f"{path.relative_to(ROOT).as_posix()}::{node.name}"


def _named(node: ast.Assign) -> list[str]:
    targets = [one.id for one in node.targets if isinstance(one, ast.Name)]
    return _requirements(node.value) if "pytestmark" in targets else []


def _requirements(node: ast.AST) -> list[str]:
    found = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "requirement":
            found += [str(one.value) for one in call.args if isinstance(one, ast.Constant)]
    return found


def tests() -> dict[str, list[str]]:
    """Return every requirement with its tests, sorted."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder in ("src", "tests"):
        for path in sorted((ROOT / folder).rglob("test_*.py")):
            for requirement, test in marked(path):
                found[requirement].append(test)
    return {name: sorted(found[name]) for name in found}


def matrix() -> str:
    """Return the matrix as Markdown."""
    found = tests()
    lines = [
        "# Requirement → test",
        "",
        "Made from the marks on the tests (`@pytest.mark.requirement`); renewed by `make validation`. The evidence is",
        "a green run of the gate at the commit in question; a test that is skipped there says why.",
        "",
    ]
    for name in sorted(set(found) | set(REQUIREMENTS), key=lambda one: (one[0] != "N", len(one), one)):
        lines += [f"## {name} {REQUIREMENTS.get(name, '')}".rstrip(), ""]
        lines += [f"- `{test}`" for test in found.get(name, [])] or ["- no test yet: not claimed"]
        lines.append("")
    return "\n".join(lines)


def actions() -> str:
    """Return every action with who may call it and how it is signed, as Markdown."""
    from vein2vein.journal import ACTIONS

    lines = [
        "# Actions",
        "",
        "Who may do what, and how it is signed; made from the registry, renewed by `make validation`. An action",
        "without roles is called by other actions, followers and jobs alone.",
        "",
        "| action | roles | signature | second person |",
        "|---|---|---|---|",
    ]
    for name, spec in sorted(ACTIONS.items()):
        if not name.startswith("journal_test."):
            roles = ", ".join(sorted(spec.roles)) or "–"
            lines.append(f"| `{name}` | {roles} | {spec.signed or ''} | {spec.witnessed or ''} |")
    return "\n".join([*lines, ""])


PAGES = {"requirements.md": matrix, "actions.md": actions}


def write() -> None:
    """Write all pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vein2vein.settings")
    django.setup()
    write()
