"""Ids of a definition are said by its names, in the reader's language."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from vein2vein.core.refusals import Blocker
from vein2vein.doors.naming import named
from vein2vein.doors.presenting import shown


@pytest.mark.parametrize(
    ("told", "english", "chinese"),
    [
        ("leukapheresis_bag", "Leukapheresis bag", "单采袋"),
        ("qc_frozen_vial", "Frozen QC vial", "冻存质控管"),
        ("sterility_compendial", "Sterility, compendial", "无菌（药典法）"),
        ("flow_cytometer", "Flow cytometer", "流式细胞仪"),
        ("lentiviral_vector", "Lentiviral vector BCMA/CD19 CAR", "BCMA/CD19 CAR慢病毒载体"),
        ("in_manufacture", "in manufacture", "生产中"),
        ("conforms", "conforms", "符合"),
        ("ORD-1", "ORD-1", "ORD-1"),
    ],
)
def test_a_definitions_ids_have_names(db: None, told: str, english: str, chinese: str) -> None:
    with override("en"):
        assert named(told) == english
    with override("zh-hans"):
        assert named(told) == chinese


def test_a_blocker_says_field_and_values_in_words(db: None) -> None:
    blocker = Blocker(
        code="laboratory.wrong_sample",
        message="The test %(test)s is done on the sample %(wanted)s, and %(found)s was scanned",
        field="scanned_sample",
        value="SMP-1",
        params={"test": "sterility", "wanted": "qc_suspension", "found": "qc_cells"},
    )
    with override("zh-hans"):
        told = shown(blocker)
    assert "_" not in told["message"] + told["label"], told
    assert "质控用细胞悬液" in told["message"]
    assert told["field"] == "scanned_sample"
