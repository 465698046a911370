"""Documents: every barcode read back, header on every page, pages numbered, corrections legible, quick."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.engines.papers import examples as x
from tests.engines.papers.reading import barcodes, sizes_mm, text
from vein2vein.engines.papers import (
    batch_record,
    certificate,
    dose_report,
    release_for_infusion,
    travel_papers,
)
from vein2vein.engines.papers import model as m

HEAD = Counter({f"]d1{x.BATCH}", f"]d1{x.DOCUMENT}", f"]d1{x.COI}"})
BAGS = Counter({f"]d1{x.BAG}", f"]d1{x.BAG2}"})
DIN = Counter({f"]C0{x.DIN}"})
TRAVEL = Counter({"]C1(00)376104250021234569", f"]d1{x.SHIPMENT}", f"]d1{x.SHIPPER}", f"]d1{x.COI}"})

Made = Callable[[m.Language], bytes]


def _made(name: str) -> Made:
    return {
        "batch_record": lambda language: batch_record(replace(x.RECORD, language=language)),
        "certificate": lambda language: certificate(replace(x.CERTIFICATE, language=language)),
        "dose_report": lambda language: dose_report(replace(x.DOSE, language=language)),
        "release": lambda language: release_for_infusion(replace(x.RFI, language=language)),
        "travel": lambda language: travel_papers(replace(x.TRAVEL, language=language)),
    }[name]


@pytest.mark.parametrize("language", [m.Language.EN, m.Language.ZH, m.Language.BOTH])
@pytest.mark.parametrize(
    ("name", "first", "pages"),
    [
        ("batch_record", HEAD, (4, 6)),
        ("certificate", HEAD + BAGS + DIN, (1, 2)),
        ("dose_report", HEAD + BAGS, (1, 1)),
        ("release", HEAD + BAGS + DIN, (1, 2)),
        ("travel", TRAVEL + BAGS, (1, 2)),
    ],
)
def test_every_page_is_headed_numbered_and_scannable(
    name: str, first: Counter[str], pages: tuple[int, int], language: m.Language
) -> None:
    pdf = _made(name)(language)
    read = barcodes(pdf, 300)
    assert pages[0] <= len(read) <= pages[1]
    assert sizes_mm(pdf) == [(210, 297)] * len(read)
    assert read[0] == first
    assert read[1:] == [Counter([f"]d1{x.COI}"])] * (len(read) - 1)
    for number, page in enumerate(text(pdf).split("\n"), start=1):
        assert x.COI in page
        assert name == "travel" or x.BATCH in page
        assert (f"Page {number} of {len(read)}" in page) == (language is not m.Language.ZH)
        assert (f"第 {number} 页，共 {len(read)} 页" in page) == (language is not m.Language.EN)
        assert "DEMONSTRATION" in page


def test_batch_record_shows_exceptions_first_and_hides_nothing() -> None:
    said = text(batch_record(x.RECORD))
    assert said.index("Exceptions") < said.index("Receipt and count")
    for needed in (
        "17.2 → 71.2",
        "digits exchanged",
        "OUTSIDE",
        "DEV-0007",
        "LATE ENTRY",
        "paper fallback",
        "结果已复核",
        "LOT-LV26-003-K",
        "EQP-INC-07-Q",
        x.ROOT,
        x.ROOT[::-1],
    ):
        assert needed in said
    assert 'Second line # not *markup* $x$ \\ "quoted"' in said
    assert all(f"{operation}.{step} " in said for operation in range(1, 7) for step in range(1, 11))


def test_batch_record_without_exceptions_says_so() -> None:
    said = text(batch_record(replace(x.RECORD, exceptions=(), operations=(), review=(), materials=(), equipment=())))
    assert "no deviation, correction or late entry" in said


def test_batch_record_of_sixty_steps_takes_less_than_two_seconds() -> None:
    assert sum(len(operation.steps) for operation in x.RECORD.operations) == 60
    batch_record(x.RECORD)
    record = replace(x.RECORD, subject="another, so that nothing is remembered")
    began = time.perf_counter()
    batch_record(record)
    assert time.perf_counter() - began < 2


def test_certificate_shows_failure_and_root_that_can_be_copied() -> None:
    said = text(certificate(x.CERTIFICATE))
    for needed in ("FAILS", "Rejected", "拒绝放行", x.ROOT, "rapid-bcma-cd19 / CN / phase 1 / v2", "14-day sterility"):
        assert needed in said


def test_dose_report_shows_dose_weight_and_calculation() -> None:
    said = text(dose_report(x.DOSE))
    for needed in ("2.10×107", "3.0×105 /kg", "70.0 kg", "2026-11-20", "40 mL", "6.21×107 × 33.8 %", "ZY20260731"):
        assert needed in said


def test_release_names_unmet_conditions_and_leaves_room_to_sign() -> None:
    said = text(release_for_infusion(x.RFI))
    assert "NO 否" in said
    assert "Zhou Qian 周倩" in said
    assert "name, signature, date and time" in said


def test_many_bags_and_long_texts_flow_over_pages() -> None:
    bags = tuple(replace(x.BAGS[0], container_code=x.BAG2) for _ in range(40))
    read = barcodes(dose_report(replace(x.DOSE, bags=bags, declared_from="long reason " * 400)), 300)
    assert len(read) > 2
    assert sum(page[f"]d1{x.BAG2}"] for page in read) == 40


def test_documents_with_nothing_optional() -> None:
    record = replace(
        x.RECORD,
        exceptions=(),
        operations=(m.Operation("1", "Wash"), m.Operation("2", "Freeze", steps=(m.Step("2.1", "wait", "Wait"),))),
        materials=(),
        equipment=(),
        labels=(),
        review=(),
        started_at=None,
        ended_at=None,
        journal_head="",
        merkle_root="",
        sealed_at=None,
    )
    assert "Freeze" in text(batch_record(record))
    bare = replace(x.CERTIFICATE, tests=(), signatures=(), deviations=(), obligations=(), merkle_root="", din="")
    for made in (
        certificate(replace(bare, container_codes=(), made_at=None, expires_at=None, sealed_at=None)),
        dose_report(replace(x.DOSE, bedside=None, bags=(), calculation=(), signatures=(), merkle_root="")),
        release_for_infusion(replace(x.RFI, bags=(), checks=(), thaw=(), signatures=(), din="", expires_at=None)),
        travel_papers(
            replace(x.TRAVEL, packed=(), legs=(), handovers=(), permits=(), instructions=(), hold_ends_at=None)
        ),
    ):
        assert x.COI in text(made)
