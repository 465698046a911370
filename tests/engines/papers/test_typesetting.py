"""Typesetting: the same bytes each time, data never read as markup, nothing turned into an empty box."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.papers import examples as x
from tests.engines.papers.reading import text
from vein2vein.engines.papers import (
    CannotPrint,
    Symbology,
    barcodes,
    batch_record,
    certificate,
    container_label,
    dose_report,
    draw,
    typeset,
)
from vein2vein.engines.papers import model as m
from vein2vein.engines.papers.glyphs import RAISED, first_unprintable, spelled_out


def _commented(comment: str) -> bytes:
    step = m.Step("1.1", "instruct", "Do it", comments=(comment,))
    operations = (m.Operation("1", "Only", steps=(step,)),)
    return batch_record(replace(x.RECORD, operations=operations, exceptions=(), materials=(), equipment=()))


def test_same_input_same_bytes() -> None:
    assert container_label(x.FINAL) == container_label(x.FINAL)
    assert batch_record(x.RECORD) == batch_record(x.RECORD)
    assert certificate(x.CERTIFICATE) == certificate(x.CERTIFICATE)
    later = replace(x.FINAL, printed_at=x.AT + timedelta(seconds=1))
    assert container_label(x.FINAL) != container_label(later)


def test_same_bytes_from_many_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: container_label(x.FINAL), range(12)))) == 1


def test_it_is_pdf_a_2a() -> None:
    pdf = dose_report(x.DOSE)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2<" in pdf
    assert b"pdfaid:conformance>A<" in pdf


@pytest.mark.parametrize(
    "comment",
    [
        '#panic("no")',
        '#import "base.typ": *',
        "$ x^2 $ *bold* _it_ `raw` = head",
        'quote " and \\ backslash and </svg>',
        "@reference <label> // comment /* */ ~ --- ...",
        "[bracket] {brace} #[x]",
    ],
)
def test_markup_in_data_is_only_text(comment: str) -> None:
    assert comment in text(_commented(comment))


def test_long_words_break_and_foreign_characters_are_spelled_out() -> None:
    said = text(_commented("x" * 3000 + " 😀 שלום\r\nline\ttab\x07 ⁂"))
    for needed in ("[U+1F600]", "[U+05E9][U+05DC][U+05D5][U+05DD]", "line tab[U+0007]"):
        assert needed in said.replace("\u200b", "").replace(" [", "[").replace("xx[", "[")


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_comment_can_be_printed(comment: str) -> None:
    assert _commented(comment).startswith(b"%PDF")


@given(st.text(min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_any_hospital_number_is_printed_or_refused_with_its_name(number: str) -> None:
    told: CannotPrint | None = None
    try:
        container_label(replace(x.FINAL, bedside=replace(x.BEDSIDE, hospital_number=number)))
    except CannotPrint as refused:
        told = refused
    assert told is None or told.field.startswith(("paper.bedside", "bedside"))


def test_glyphs() -> None:
    assert first_unprintable("王小明 ABC 123 ≤ −150 °C × µ ✓ γ" + RAISED) == ""
    assert first_unprintable("A😀") == "😀"
    assert spelled_out("A\u200eB") == "A[U+200E]B"


def test_unknown_template_and_unprintable_value_are_errors_of_ours() -> None:
    with pytest.raises(ValueError, match="no template"):
        typeset("../base", {}, made_at=x.AT)
    with pytest.raises(TypeError, match=r"paper\.what holds a set"):
        typeset("dose_report", {"paper": {"what": {1}}}, made_at=x.AT)
    with pytest.raises(CannotPrint, match="could not be made"):
        typeset("dose_report", {"paper": {}, "codes": {}}, made_at=x.AT)


def test_times_are_shown_in_the_zone_of_the_site() -> None:
    assert datetime.fromisoformat("2026-11-22T14:05+08:00") == x.AT
    assert "2026-11-22 14:05" in text(container_label(x.FINAL))
    assert "2026-11-22 06:05" in text(container_label(replace(x.FINAL, zone="UTC")))


@pytest.mark.parametrize(
    ("content", "symbology", "identifier"),
    [
        (x.COI, Symbology.DATA_MATRIX, "]d1"),
        ("(01)09506000134352(10)A(21)B", Symbology.GS1_DATA_MATRIX, "]d2"),
        (x.DIN, Symbology.CODE_128, "]C0"),
        ("(00)376104250021234569", Symbology.GS1_128, "]C1"),
        ("https://example.org/x", Symbology.QR, "]Q1"),
    ],
)
def test_symbols_are_what_was_meant(content: str, symbology: Symbology, identifier: str) -> None:
    made = draw(content, symbology)
    assert (made.identifier, made.text) == (identifier, content)
    assert made.svg.count("<svg") == 1


@pytest.mark.parametrize("content", ["", "é", "a\nb", "x" * 201])
def test_contents_that_no_symbol_holds_are_refused(content: str) -> None:
    with pytest.raises(CannotPrint, match="printable ASCII"):
        draw(content)


def test_gs1_with_wrong_check_digit_is_refused() -> None:
    with pytest.raises(CannotPrint, match="check digit"):
        draw("(01)09506000134353", Symbology.GS1_DATA_MATRIX)


def test_an_option_that_the_writer_ignores_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    ignored = (zxingcpp.BarcodeFormat.DataMatrix, "]d2", {"gs_one": True})
    monkeypatch.setitem(barcodes._DRAWN, Symbology.GS1_DATA_MATRIX, ignored)
    with pytest.raises(CannotPrint, match="not the one that was meant"):
        draw("(01)09506000134352(10)NEW", Symbology.GS1_DATA_MATRIX)
