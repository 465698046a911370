"""No text stands bare: templates, scripts and labels say everything in both languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import vein2vein

SOURCE = Path(vein2vein.__file__).parent
SAME = {
    "API",
    "CAR",
    "COI",
    "CSV",
    "DIN",
    "FHIR",
    "JSON",
    "PDF",
    "PIN",
    "QA",
    "QC",
    "RFI",
    "SHA",
    "SSCC",
    "kg",
    "mL",
    "vein2vein",
    "CI",
}
"""What is the same in every language: names of standards, units, our own name."""
OF_LANGUAGES = {"English"}
_TAG = re.compile(
    r"\{% block \w+_class %\}.*?\{% endblock %\}|\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}"
    r"|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}",
    re.S,
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+")
_SEEN = ("title", "alt", "placeholder", "aria-label", "label")
_SHOWN = re.compile(
    r"(?:textContent|innerText|innerHTML|\.title|placeholder|alert|ariaLabel)\s*(?:=|\()\s*([\"'`])(.*?)\1"
    r"|setAttribute\(\s*[\"'](?:title|aria-label|placeholder)[\"']\s*,\s*([\"'`])(.*?)\3"
)
_PAIR = re.compile(r'\b(?:t|both)\("((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\)')


class _Texts(HTMLParser):
    """What of a page is read: texts between tags, and the attributes that are shown or spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in ("script", "style", "code", "pre", "kbd")
        self.found += [value for name, value in attrs if name in _SEEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("script", "style", "code", "pre", "kbd")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.found.append(data)


def _bare(text: str) -> list[str]:
    return [one for one in _WORD.findall(text) if one not in SAME | OF_LANGUAGES]


def test_no_template_says_a_word_in_one_language_only() -> None:
    found = {}
    for path in SOURCE.rglob("*.html"):
        if path.name != "style.html":  # the page of the design system shows its own words
            reader = _Texts()
            reader.feed(_TAG.sub(" ", path.read_text()))
            if words := [one for text in reader.found for one in _bare(text)]:
                found[str(path.relative_to(SOURCE))] = words
    assert not found


def test_no_script_says_a_word_of_its_own() -> None:
    found = {}
    for path in SOURCE.rglob("static/**/*.js"):
        said = [one[1] or one[3] for one in _SHOWN.findall(path.read_text())]
        if words := [text for text in said if _bare(re.sub(r"\$\{.*?\}", " ", text))]:
            found[str(path.relative_to(SOURCE))] = words
    assert not found


def test_every_word_of_a_paper_is_there_in_chinese() -> None:
    found = {}
    for path in (SOURCE / "engines/papers/templates").glob("*.typ"):
        pairs = _PAIR.findall(path.read_text())
        if lacking := [en for en, zh in pairs if en.strip() and not re.search(r"[\u4e00-\u9fff]", zh)]:
            found[path.name] = lacking
    assert not found
