"""What a journal entry of this context carries: plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@dataclass(frozen=True, kw_only=True)
class OfBatch(Fact):
    """What every fact of the laboratory names: the batch, and its patient's chain of identity."""

    batch_id: UUID
    batch_number: str
    coi_id: UUID


@dataclass(frozen=True, kw_only=True)
class OfTest(OfBatch):
    """What every fact about a test names too: the test."""

    test_id: UUID
    test_code: str


@fact("laboratory")
class TestsPlanned(OfBatch):
    """A sample was taken; the tests of the specification that it serves are planned."""

    __test__: ClassVar[bool] = False
    says: ClassVar[str] = N_("Tests planned on sample %(sample_code)s of batch %(batch_number)s")
    sample_code: str
    container_codes: list[str]
    tests: list[str]


@fact("laboratory")
class TestCancelled(OfTest):
    """A planned test is not done any more: its batch was given up."""

    __test__: ClassVar[bool] = False
    says: ClassVar[str] = N_("Test %(test_code)s of batch %(batch_number)s cancelled: %(reason)s")
    attempt: int
    reason: str


@fact("laboratory")
class SampleReceived(OfBatch):
    """A sample came to the laboratory and was identified by its label."""

    says: ClassVar[str] = N_("Sample %(container_code)s (%(sample_code)s) received in the laboratory")
    sample_id: UUID
    sample_code: str
    container_code: str


@fact("laboratory")
class ResultRecorded(OfTest):
    """A result stands on record, with the file it came from (or its inputs, where it is computed)."""

    says: ClassVar[str] = N_("Result of %(test_code)s recorded: %(shown)s")
    attempt: int
    result_id: UUID
    value: Decimal | None
    unit: str
    outcome: str
    shown: str
    computed: bool
    container_code: str
    instrument_code: str
    method_version: str
    raw_sha256: str
    kit_lot: str
    measured_at: datetime
    recorded_by: str


@fact("laboratory")
class ResultCorrected(OfTest):
    """A result was written down wrongly and corrected from the same raw file, before review."""

    says: ClassVar[str] = N_("Result of %(test_code)s corrected from %(was)s to %(became)s: %(reason)s")
    was: str
    became: str
    raw_sha256: str
    reason: str
    recorded_by: str


@fact("laboratory")
class ResultReviewed(OfTest):
    """A second person compared a result with its raw data and signed."""

    says: ClassVar[str] = N_("Result of %(test_code)s reviewed: %(shown)s")
    order_id: UUID
    stage: str
    attempt: int
    result_id: UUID
    value: Decimal | None
    unit: str
    outcome: str
    shown: str
    reviewed_by: str


@fact("laboratory")
class ResultWithdrawn(OfTest):
    """A computed result no longer rests on what it was computed from."""

    says: ClassVar[str] = N_("Computed result of %(test_code)s withdrawn: %(reason)s")
    reason: str


@fact("laboratory")
class InvestigationOpened(OfTest):
    """A result is suspect and is looked into."""

    says: ClassVar[str] = N_("Laboratory investigation %(investigation)s of %(test_code)s opened: %(suspicion)s")
    investigation: str
    suspicion: str


@fact("laboratory")
class InvestigationConcluded(OfTest):
    """An investigation found an error of the laboratory, or none."""

    says: ClassVar[str] = N_("Laboratory investigation %(investigation)s concluded: %(conclusion)s")
    investigation: str
    conclusion: str
    finding: str


@fact("laboratory")
class ResultInvalidated(OfTest):
    """A result does not count, for the cause that an investigation found; `retest`: the test is repeated."""

    says: ClassVar[str] = N_("Result of %(test_code)s invalidated by investigation %(investigation)s")
    attempt: int
    investigation: str
    retest: bool


@fact("laboratory")
class RetestPlanned(OfTest):
    """A test is repeated within its retest rule."""

    says: ClassVar[str] = N_("Test %(test_code)s is repeated (attempt %(attempt)s)")
    attempt: int
