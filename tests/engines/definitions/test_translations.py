"""Every fault and every change has its Chinese, with the same places to fill."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

ENGINE = Path(__file__).parents[3] / "src" / "vein2vein" / "engines" / "definitions"
PLACES = r"%\(\w+\)s"


def test_every_message_is_translated() -> None:
    messages = {
        ast.literal_eval(node.args[0])
        for file in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
    }
    with (ENGINE / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    translated = {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
    assert set(translated) == messages
    for english, chinese in translated.items():
        assert set(re.findall(PLACES, english)) == set(re.findall(PLACES, chinese))
