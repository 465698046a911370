"""Every text of codes and papers is translated, with the same places to fill."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from vein2vein import engines

ENGINES = Path(engines.__file__).parent


def _marked(folder: Path) -> set[str]:
    calls = (
        call
        for source in folder.glob("*.py")
        for call in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "N_"
    )
    return {str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)}


@pytest.mark.parametrize("engine", ["codes", "papers"])
def test_every_marked_text_is_translated(engine: str) -> None:
    with (ENGINES / engine / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        translated = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert translated.keys() == _marked(ENGINES / engine)
    for english, chinese in translated.items():
        assert sorted(re.findall(r"%\(\w+\)s", english)) == sorted(re.findall(r"%\(\w+\)s", chinese))
        assert chinese
