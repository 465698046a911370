"""Every message of the readers has its Chinese, with the same places to fill."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ENGINES = Path(__file__).parents[2] / "src" / "vein2vein" / "engines"


def messages(engine: str) -> set[str]:
    return {
        ast.literal_eval(node.args[0])
        for file in sorted((ENGINES / engine).glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
    }


@pytest.mark.parametrize("engine", ["fhir", "instruments"])
def test_every_message_is_translated(engine: str) -> None:
    path = ENGINES / engine / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    translated = {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
    assert messages(engine) == set(translated)
    for english, chinese in translated.items():
        places = r"%\(\w+\)s"
        assert sorted(re.findall(places, english)) == sorted(re.findall(places, chinese))
