"""Labels: their size, their statements, every barcode read back, and nothing cut off."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.engines.papers import examples as x
from tests.engines.papers.reading import barcodes, sizes_mm, text
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.papers import CannotPrint, container_label, kit_label, shipping_label, wristband
from vein2vein.engines.papers import model as m

LANGUAGES = [m.Language.EN, m.Language.ZH, m.Language.BOTH]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("label", "size", "coded"),
    [
        (x.FINAL, (100, 70), {f"]C0{x.DIN}", f"]d1{x.LABEL}"}),
        (x.EXTREME, (100, 70), {f"]C0{x.DIN}", f"]d1{x.LABEL}"}),
        (x.INTERMEDIATE, (75, 50), {f"]d1{x.DIN}", f"]d1{x.LABEL}"}),
        (x.EXTREME_INTERMEDIATE, (75, 50), {f"]d1{x.DIN}", f"]d1{x.LABEL}"}),
        (x.SAMPLE, (50, 25), set()),
        (x.EXTREME_SAMPLE, (50, 25), set()),
    ],
    ids=["final", "extreme", "intermediate", "extreme-intermediate", "sample", "extreme-sample"],
)
def test_container_label_says_what_it_must(
    label: m.ContainerLabel, size: tuple[int, int], coded: set[str], language: m.Language
) -> None:
    pdf = container_label(replace(label, language=language))
    assert sizes_mm(pdf) == [size]
    assert barcodes(pdf) == [Counter({f"]d1{x.COI}", f"]d1{x.BAG}"} | coded)]
    said = text(pdf)
    assert label.bedside is not None
    for needed in (x.COI, x.BAG, x.LABEL, x.BATCH, label.bedside.initials, label.bedside.hospital_number):
        assert needed in said.replace(" ", "") or needed in said
    assert "仅用于临床试验" in said
    assert "For clinical trial use only" in said
    assert "DEMONSTRATION" in said
    assert "模拟数据" in said
    assert "FOR AUTOLOGOUS USE ONLY" in said
    assert "仅供自体使用" in said
    assert ("NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in said) == (language is not m.Language.ZH)
    assert ("未进行感染性物质检测" in said.replace(" ", "")) == (language is not m.Language.EN)


def test_statements_appear_only_where_they_apply() -> None:
    plain = replace(
        x.FINAL,
        warnings=m.Warnings(not_evaluated=False),
        demonstration=False,
        simulated=False,
        din="",
        dose="2×10⁷ CAR+",
    )
    said = text(container_label(plain))
    for absent in ("clinical trial", "NOT EVALUATED", "DEMONSTRATION", "SIMULATED", "DIN"):
        assert absent not in said
    assert "2×107 CAR+" in said  # raised on paper
    assert "Reactive test results for" in text(container_label(x.EXTREME))


def test_tube_without_bedside_identifiers_rests_on_its_coi() -> None:
    assert barcodes(container_label(replace(x.SAMPLE, bedside=None))) == [Counter({f"]d1{x.COI}", f"]d1{x.BAG}"})]
    assert "Identified by COI alone" in text(container_label(replace(x.FINAL, bedside=None)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("din", ["", x.DIN])
def test_kit_label(language: m.Language, din: str) -> None:
    pdf = kit_label(replace(x.KIT_LABEL, language=language, din=din))
    assert sizes_mm(pdf) == [(100, 50)]
    expected = {f"]d1{x.COI}", f"]d1{x.KIT}", f"]d1{x.LABEL}"} | ({f"]C0{din}"} if din else set())
    assert barcodes(pdf) == [Counter(expected)]
    assert x.BEDSIDE.hospital_number in text(pdf)


@pytest.mark.parametrize("language", LANGUAGES)
def test_wristband(language: m.Language) -> None:
    band = m.Wristband(
        printed_at=x.AT,
        language=language,
        demonstration=True,
        label_code=x.LABEL,
        coi=x.COI,
        bedside=x.BEDSIDE,
        hospital=m.Two("Renhe Demonstration Hospital, Shanghai", "上海仁和示范医院"),
    )
    pdf = wristband(band)
    assert sizes_mm(pdf) == [(100, 30)]
    assert barcodes(pdf) == [Counter({f"]d1{x.LABEL}"})]
    said = text(pdf)
    assert x.BEDSIDE.hospital_number in said
    assert "DEMONSTRATION" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_shipping_label(language: m.Language) -> None:
    pdf = shipping_label(replace(x.SHIPPING, language=language))
    assert sizes_mm(pdf) == [(100, 150)]
    assert barcodes(pdf) == [Counter({"]C1(00)376104250021234569", f"]d1{x.SHIPMENT}", f"]d1{x.SHIPPER}"})]
    assert x.COI in text(pdf)
    assert x.BEDSIDE.hospital_number not in text(pdf)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"bedside": replace(x.BEDSIDE, initials="W😀")}, "paper.bedside.initials"),
        ({"bedside": replace(x.BEDSIDE, hospital_number="שלום")}, "paper.bedside.hospital_number"),
        ({"bedside": replace(x.BEDSIDE, hospital_number="1\n2")}, "paper.bedside.hospital_number"),
        ({"bedside": replace(x.BEDSIDE, hospital_number="1\u202e2")}, "paper.bedside.hospital_number"),
        ({"therapy": m.Two("Therapy \ufffc", "")}, "paper.therapy.en"),
        ({"batch_number": "B\x00"}, "paper.batch_number"),
    ],
)
def test_a_character_without_a_glyph_is_refused_where_it_identifies(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(CannotPrint) as caught:
        container_label(replace(x.FINAL, **wrong))
    assert caught.value.field == field
    assert "U+" in caught.value.why
    assert caught.value.blocker().field == field


@pytest.mark.parametrize("size", list(m.LabelSize))
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("therapy", "Long therapy name " * 60),
        ("contents", "W" * 900),
        ("storage", "≤ −150 °C " * 80),
        ("bedside", m.Bedside("9" * 300, "WXM", x.BEDSIDE.date_of_birth)),
        ("bedside", m.Bedside("9" * 40, "W" * 30, x.BEDSIDE.date_of_birth)),
    ],
)
def test_what_cannot_fit_is_refused_and_never_cut(size: m.LabelSize, field: str, value: Any) -> None:
    with pytest.raises(CannotPrint, match="does not fit") as caught:
        container_label(replace(x.FINAL, size=size, **{field: value}))
    assert caught.value.field.startswith(field)


@pytest.mark.parametrize("letter", "MW")
@pytest.mark.parametrize("size", list(m.LabelSize))
def test_the_widest_codes_have_room(size: m.LabelSize, letter: str) -> None:
    serial = "-".join([letter * 4] * 3)
    coi, bag, own, kit = (make(kind, serial) for kind in (Kind.COI, Kind.CONTAINER, Kind.LABEL, Kind.KIT))
    pdf = container_label(replace(x.FINAL, size=size, coi=coi, container_code=bag, label_code=own))
    assert {f"]d1{coi}", f"]d1{bag}"} <= set(barcodes(pdf)[0])
    assert f"]d1{kit}" in barcodes(kit_label(replace(x.KIT_LABEL, coi=coi, kit_code=kit, label_code=own)))[0]


def test_wrong_codes_are_refused() -> None:
    with pytest.raises(CannotPrint):
        container_label(replace(x.FINAL, coi="身份链"))
    with pytest.raises(CannotPrint):
        shipping_label(replace(x.SHIPPING, sscc="376104250021234560"))


@pytest.mark.parametrize("size", list(m.LabelSize))
def test_label_with_nothing_optional(size: m.LabelSize) -> None:
    bare = m.ContainerLabel(
        printed_at=x.AT,
        size=size,
        coi=x.COI,
        container_code=x.BAG,
        label_code=x.LABEL,
        bedside=None,
        therapy="",
        contents="",
        volume="",
        batch_number="",
        warnings=m.Warnings(autologous_only=False, not_evaluated=False),
    )
    assert barcodes(container_label(bare))[0][f"]d1{x.BAG}"] == 1
