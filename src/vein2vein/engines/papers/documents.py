"""Documents on A4: each function returns the PDF of one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vein2vein.engines.papers.barcodes import Symbol, Symbology, draw
from vein2vein.engines.papers.model import (
    IDENTITY,
    BatchRecord,
    Certificate,
    DoseBag,
    DoseReport,
    Paper,
    ReleaseForInfusion,
    TravelPapers,
)
from vein2vein.engines.papers.typesetting import Form, typeset


def batch_record(record: BatchRecord) -> bytes:
    """Return the batch record: exceptions first, then every operation and step; COI and batch head every page."""
    return _document("batch_record", record, _three(record.coi, record.batch_number, record.document_code))


def certificate(paper: Certificate) -> bytes:
    """Return the certificate of analysis with its tests, conformity, disposition, signatures and journal root."""
    codes = _three(paper.coi, paper.batch_number, paper.document_code)
    return _document("certificate", paper, codes | _din(paper.din), paper.container_codes)


def dose_report(paper: DoseReport) -> bytes:
    """Return the declared dose with weight, bags, and the calculation shown line by line."""
    codes = _three(paper.coi, paper.batch_number, paper.document_code)
    return _document("dose_report", paper, codes, _bags(paper.bags))


def release_for_infusion(paper: ReleaseForInfusion) -> bytes:
    """Return the release for infusion: bags, patient, conditions met, disposition, thawing, and signatures."""
    codes = _three(paper.coi, paper.batch_number, paper.document_code)
    return _document("release_for_infusion", paper, codes | _din(paper.din), _bags(paper.bags))


def travel_papers(paper: TravelPapers, form: Form = Form.PDF) -> bytes:
    """Return what travels with a shipper: packing list, way, permits, handovers, and whom to call."""
    codes: dict[str, Symbol | None] = {
        "coi": draw(paper.coi),
        "shipment": draw(paper.shipment_code),
        "shipper": draw(paper.shipper_code),
        "sscc": draw(f"(00){paper.sscc}", Symbology.GS1_128),
    }
    return _document("travel_papers", paper, codes, [each.container_code for each in paper.packed], form)


def _three(coi: str, batch: str, document: str) -> dict[str, Symbol | None]:
    return {"coi": draw(coi), "batch": draw(batch), "document": draw(document)}


def _din(din: str) -> dict[str, Symbol | None]:
    return {"din": draw(din, Symbology.CODE_128) if din else None}


def _bags(bags: Sequence[DoseBag]) -> list[str]:
    return [bag.container_code for bag in bags]


def _document(
    template: str,
    paper: Paper,
    codes: Mapping[str, Symbol | None],
    containers: Sequence[str] = (),
    form: Form = Form.PDF,
) -> bytes:
    data = {"paper": paper, "codes": codes, "containers": [draw(code) for code in containers]}
    return typeset(template, data, made_at=paper.printed_at, zone=paper.zone, identity=IDENTITY, form=form)
