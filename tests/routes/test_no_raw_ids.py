"""Pages of laboratory and quality in Chinese: what a definition names is said by its name, never by an id."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.attack.doors import Page
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality

RAW = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
HIDDEN = re.compile(r"<(script|style|select|textarea)\b.*?</\1>|<[^>]+>", re.S)


def visible(html: str) -> str:
    """Return what a reader sees of a page: no tags, no attributes, no scripts."""
    return re.sub(r"\s+", " ", HIDDEN.sub(" ", html))


@pytest.mark.parametrize("way", ["commercial", "named_patient"])
def test_no_id_is_shown_to_a_reader_of_chinese(quality: Callable[[str], Quality], page: Page, way: str) -> None:
    one = quality(way)
    addresses = [
        f"/laboratory/{one.batch.pk}",
        f"/quality/batches/{one.batch.pk}",
        f"/quality/courses/{one.batch.order_id}",
        "/quality/alerts",
        "/quality/deviations",
        f"/chains/{one.batch.coi_id}",
    ]
    one.decide(Decision.REJECT)
    for address in addresses:
        answer = page.client("qp").get(address, headers={"accept-language": "zh-hans"})
        assert answer.status_code == 200, address
        shown = visible(answer.content.decode())
        assert set(RAW.findall(shown)) == set(), (address, sorted(set(RAW.findall(shown))))


def test_a_refusal_in_chinese_says_fields_and_values_in_words(quality: Callable[[str], Quality], page: Page) -> None:
    one = quality("commercial")
    given: dict[str, Any] = {"batch_id": one.batch.pk, "decision": Decision.RELEASE_BY_SPONSOR, "reason": "急用"}
    client = page.client("qp")
    client.cookies["django_language"] = "zh-hans"
    answer = page.act("quality.dispose_batch", "qp", **given)
    shown = visible(answer.text)
    assert answer.status == 422
    assert set(RAW.findall(shown)) == set(), sorted(set(RAW.findall(shown)))
    assert "本途径" in shown or "途径" in shown
