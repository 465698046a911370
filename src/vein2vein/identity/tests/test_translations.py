"""Every message of the thread has its Chinese, with the same places to fill."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

HERE = Path(__file__).parents[1]


def messages() -> set[str]:
    found = set()
    for file in HERE.rglob("*.py"):
        if file.parent.name in ("tests", "migrations"):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                found.add(ast.literal_eval(node.args[0]))
    for file in (HERE / "templates").rglob("*.html"):
        found |= set(re.findall(r'{% translate "([^"]+)" %}', file.read_text("utf-8")))
    return found


def test_every_message_is_translated() -> None:
    with (HERE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    translated = {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
    assert messages() - set(translated) == set()
    for english, chinese in translated.items():
        places = [place.replace("_zh)", "_en)") for place in re.findall(r"%\(\w+\)s", chinese)]
        assert sorted(re.findall(r"%\(\w+\)s", english)) == sorted(places), english
