"""Sentences that the system stored are said in the reader's language; what a person wrote stays as it is."""

from __future__ import annotations

import pytest
from django.utils import translation

from vein2vein.doors.composed import said_again

NAMES = {"purity_cd3": "纯度——CD3+"}


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("Result of purity_cd3", "纯度——CD3+的结果"),
        ("action 5 – 100 %", "行动限 5 – 100 %"),
        ("action 36 – 38 °C; alert 36.5 – 37.5 °C", "行动限 36 – 38 °C；警戒限 36.5 – 37.5 °C"),
        ("Shipment SHP-1: excursion, not awaited", "运输单SHP-1：温度偏移, 疗程已不等待"),
        ("DOC-7ZMM-46YC: Result of purity_cd3", "DOC-7ZMM-46YC：纯度——CD3+的结果"),
        ("too ill: the disease progressed", "病情过重：the disease progressed"),
        ("purity_cd3 (≥ 90 %)", "纯度——CD3+（≥ 90 %）"),
    ],
)
def test_a_stored_sentence_is_said_in_chinese(db: None, stored: str, told: str) -> None:
    with translation.override("zh-hans"):
        assert said_again(stored, NAMES) == told


@pytest.mark.parametrize(
    "written", ["action taken at once", "used by somebody else", "all gates met", "批次合格", "answer; see below", ""]
)
def test_what_a_person_wrote_stays(db: None, written: str) -> None:
    with translation.override("zh-hans"):
        assert said_again(written) == written
