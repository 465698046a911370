"""The papers of a release: made in both languages, every barcode read back, the numbers those of the record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines.papers.reading import barcodes, text
from vein2vein.core.refusals import NotAllowed, NotFound, Refused
from vein2vein.engines.papers.model import Language
from vein2vein.journal.sealing import seal
from vein2vein.quality import reads
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality

PAPERS = (reads.get_certificate, reads.get_dose_report, reads.get_release_for_infusion)


@pytest.fixture
def final(quality: Quality) -> Any:
    quality.decide(Decision.RELEASE_BY_MANUFACTURER)
    return quality.decide(Decision.RELEASE_BY_SPONSOR)


@pytest.mark.parametrize("language", [Language.EN, Language.ZH])
def test_every_barcode_of_every_paper_reads_back(quality: Quality, final: Any, language: Language) -> None:
    numbers = (final.certificate_number, final.dose_report_number, final.rfi_number)
    bag = final.dose.bags[0]["container_code"]
    for paper, number in zip(PAPERS, numbers, strict=True):
        made = paper(batch_id=quality.batch_id, language=language, by=quality.find("qp"))
        read = [code for page in barcodes(made.content) for code in page]
        for wanted in (quality.batch.coi.code, quality.batch.number, number, bag):
            assert any(code.endswith(wanted) for code in read), (made.filename, wanted)


def test_the_certificate_shows_results_signatures_and_the_latest_root(quality: Quality, final: Any) -> None:
    sealed = seal()
    assert sealed is not None
    made = text(reads.get_certificate(batch_id=quality.batch_id, by=quality.find("qp")).content)
    plain = made.replace(" ", "").replace("\n", "")
    for wanted in (sealed.root[:16], "Residualplasmacells", "≤1.00%", "0.05", "Conforms", "申办者放行"):
        assert wanted in plain, wanted
    assert quality.find("qp").name.replace(" ", "")[:6] in plain


def test_the_release_names_the_patient_to_the_hospital_and_to_quality_alone(quality: Quality, final: Any) -> None:
    made = text(reads.get_release_for_infusion(batch_id=quality.batch_id, by=quality.find("physician.rj")).content)
    assert "DEMO-0001" in made.replace(" ", "")
    with pytest.raises(NotAllowed):
        reads.get_release_for_infusion(batch_id=quality.batch_id, by=quality.find("operator1"))
    with pytest.raises(NotFound):
        reads.get_release_for_infusion(batch_id=quality.batch_id, by=quality.find("physician.bj"))
    report = text(reads.get_dose_report(batch_id=quality.batch_id, by=quality.find("operator1")).content)
    assert "DEMO-0001" not in report.replace(" ", "")


def test_there_is_no_paper_before_the_last_release(quality: Quality) -> None:
    with pytest.raises(NotFound):
        reads.get_certificate(batch_id=quality.batch_id, by=quality.find("qp"))
    quality.decide(Decision.RELEASE_BY_MANUFACTURER)
    for paper in PAPERS:
        with pytest.raises(Refused):
            paper(batch_id=quality.batch_id, by=quality.find("qp"))


def test_a_rejected_batch_has_a_certificate_that_says_so_and_nothing_else(quality: Quality) -> None:
    quality.decide(Decision.REJECT)
    made = text(reads.get_certificate(batch_id=quality.batch_id, by=quality.find("qp")).content)
    assert "Rejected" in made
    for paper in PAPERS[1:]:
        with pytest.raises(Refused):
            paper(batch_id=quality.batch_id, by=quality.find("qp"))
