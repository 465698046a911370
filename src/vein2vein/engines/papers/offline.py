"""The offline pack: what is left of a batch record, on paper, for the hours in which no server answers (N20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vein2vein.engines.papers.barcodes import draw
from vein2vein.engines.papers.model import IDENTITY, Paper, Signature, Two, Words
from vein2vein.engines.papers.typesetting import typeset


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step to be done by hand: its instruction, limits, formula, who does it, and whether a second person looks."""

    number: str
    kind: str
    instruction: Words
    role: Words
    limits: Words = ""
    unit: str = ""
    formula: str = ""
    asks_for: Words = ""
    second_person: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class OpenOperation:
    """An operation with the steps that are left in it."""

    number: str
    name: Words
    workstation: str
    steps: tuple[OpenStep, ...]


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value that formulas use: the name that they call it by, its words, and how much it is."""

    name: str
    words: Words
    value: str


@dataclass(frozen=True, slots=True)
class RunningTime:
    """A time that runs: what must be begun or done between two moments."""

    what: Words
    not_before: datetime | None
    not_after: datetime | None


@dataclass(frozen=True, kw_only=True)
class OfflinePack(Paper):
    """What a bench needs to go on without a server; `containers` are the patient's, with codes to compare by eye."""

    coi: str
    batch_number: str
    document_code: str
    therapy: Words
    definition: str
    definition_hash: str
    site: Words
    order_code: str
    subject: str = ""
    din: str = ""
    containers: tuple[tuple[str, Two], ...] = ()
    operations: tuple[OpenOperation, ...] = ()
    values: tuple[KnownValue, ...] = ()
    times: tuple[RunningTime, ...] = ()
    holds: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    journal_head: str = ""
    merkle_root: str = ""
    sealed_at: datetime | None = None


def offline_pack(paper: OfflinePack) -> bytes:
    """Return the offline pack as PDF: COI and batch head every page, each open step has its place for the hand."""
    data = {
        "paper": paper,
        "codes": {
            "coi": draw(paper.coi),
            "batch": draw(paper.batch_number),
            "document": draw(paper.document_code),
        },
        "containers": [draw(code) for code, _ in paper.containers],
    }
    return typeset("offline_pack", data, made_at=paper.printed_at, zone=paper.zone, identity=IDENTITY)
