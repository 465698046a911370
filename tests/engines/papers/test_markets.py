"""Labels in the languages of the markets: every word is there, every glyph is drawn, nothing is cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.engines.papers import examples as x
from tests.engines.papers.reading import text
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.papers import container_label, kit_label, shipping_label, travel_papers, wristband
from vein2vein.engines.papers import model as m
from vein2vein.engines.papers.glyphs import lacking
from vein2vein.engines.papers.typesetting import TEMPLATES
from vein2vein.engines.papers.wording import WORDS, language_of, words_of

OWN = [m.Language.ZH_HANT, m.Language.JA, m.Language.KO]
ON_LABELS = ("base", "label", "container_label", "kit_label", "wristband", "shipping_label", "travel_papers")
_PAIR = re.compile(r'\b(?:t|both|head|section|with|party)\("((?:[^"\\]|\\.)*)",\s*"(?:[^"\\]|\\.)*"\)')
BAND = m.Wristband(
    printed_at=x.AT,
    label_code=make(Kind.WRISTBAND, "7K3M-9QXT-4BNZ"),
    coi=x.COI,
    bedside=x.BEDSIDE,
    hospital=m.Two("Queen Mary Hospital (demonstration)", "瑪麗醫院（示範）"),
    demonstration=True,
)
SET: tuple[tuple[Callable[[Any], bytes], Any], ...] = (
    (kit_label, x.KIT_LABEL),
    (container_label, x.FINAL),
    (container_label, x.EXTREME),
    (container_label, x.INTERMEDIATE),
    (container_label, x.SAMPLE),
    (wristband, BAND),
    (shipping_label, x.SHIPPING),
    (travel_papers, x.TRAVEL),
)


@pytest.mark.parametrize("language", OWN)
def test_every_word_of_the_labels_is_there_and_its_face_has_each_character(language: m.Language) -> None:
    wanted = {one.strip() for name in ON_LABELS for one in _PAIR.findall((TEMPLATES / f"{name}.typ").read_text())}
    words = words_of(language)
    assert not wanted - set(words)
    assert {one: lacking(words[one], language) for one in words if lacking(words[one], language)} == {}


@pytest.mark.parametrize("language", OWN)
def test_the_whole_set_is_printed_with_english_and_the_markets_words(language: m.Language) -> None:
    words = words_of(language)
    for draw, example in SET:
        said = text(draw(replace(example, language=language))).replace(" ", "").replace("\n", "")
        assert "DEMONSTRATION" in said, draw.__name__
        own = words["DEMONSTRATION – NOT FOR USE IN PATIENTS"].replace(" ", "")
        assert own in said, draw.__name__
        assert "演示" not in said, draw.__name__


def test_each_market_has_its_language_and_others_that_of_the_definition() -> None:
    told = json.loads((WORDS / "markets.json").read_text(encoding="utf-8"))
    assert {language_of(market, m.Language.BOTH) for market in told} <= set(m.Language)
    assert language_of("HK", m.Language.BOTH) is m.Language.ZH_HANT
    assert language_of("CN", m.Language.BOTH) is m.Language.BOTH
