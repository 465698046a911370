"""Every message of the twin has its Chinese, with the same places to fill, and none is left over."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from tests.engines.test_translations import ENGINES, messages


def test_every_message_is_translated() -> None:
    path = ENGINES / "twin" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    translated = {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
    assert messages("twin") == set(translated)
    for english, chinese in translated.items():
        places = r"%\(\w+\)s"
        assert sorted(re.findall(places, english)) == sorted(re.findall(places, chinese))
