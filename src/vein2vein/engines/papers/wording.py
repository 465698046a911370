"""The words of papers in the languages of the markets: data beside the templates, checked by their tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

from vein2vein.engines.papers.model import Language

WORDS = Path(__file__).parent / "words"
_OWN = (Language.ZH_HANT, Language.JA, Language.KO)
"""Languages that have a file of words; English and simplified Chinese stand in the templates themselves."""


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Return a language's words by the English ones; none for those that stand in the templates."""
    return _read(language) if language in set(_OWN) else {}


def language_of(market: str, default: Language) -> Language:
    """Return the language of the labels that go to a market: what its file says, else what the definition says."""
    found = _read("markets").get(market)
    return default if found is None else Language(found)


@cache
def _read(name: str) -> Mapping[str, str]:
    return cast("Mapping[str, str]", json.loads((WORDS / f"{name}.json").read_text(encoding="utf-8")))
