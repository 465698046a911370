"""What a journal entry of this context carries: plain Python."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("quality")
class DeviationOpened(Fact):
    """Something was not as it should be; `hold_id` is the hold that keeps the batch meanwhile."""

    says: ClassVar[str] = N_("Deviation %(deviation)s opened: %(description)s")
    deviation_id: UUID
    deviation: str
    source: str
    subject: str
    description: str
    batch_id: UUID | None
    order_id: UUID | None
    coi_id: UUID | None
    hold_id: UUID | None
    blocks_release: bool
    involved: list[str]


@fact("quality")
class DeviationClassified(Fact):
    """It was said how grave a deviation is, and whether a release waits for it."""

    says: ClassVar[str] = N_("Deviation %(deviation)s classified: %(severity)s")
    deviation_id: UUID
    deviation: str
    batch_id: UUID | None
    severity: str
    blocks_release: bool
    reason: str


@fact("quality")
class DeviationInvestigated(Fact):
    """Root cause and impact of a deviation were written down."""

    says: ClassVar[str] = N_("Deviation %(deviation)s investigated: %(root_cause)s")
    deviation_id: UUID
    deviation: str
    batch_id: UUID | None
    root_cause: str
    impact: str
    correction: str


@fact("quality")
class DeviationReopened(Fact):
    """An investigation was not enough."""

    says: ClassVar[str] = N_("Deviation %(deviation)s opened again: %(reason)s")
    deviation_id: UUID
    deviation: str
    batch_id: UUID | None
    reason: str


@fact("quality")
class DeviationClosed(Fact):
    """A deviation was closed by signature; its hold, where there was one, is lifted."""

    says: ClassVar[str] = N_("Deviation %(deviation)s closed: %(reason)s")
    deviation_id: UUID
    deviation: str
    batch_id: UUID | None
    severity: str
    reason: str
    closed_by: str


@fact("quality")
class EnvironmentRecorded(Fact):
    """Environmental monitoring of a room during a batch has its verdict."""

    says: ClassVar[str] = N_("Environmental monitoring of room %(room_code)s recorded: %(verdict)s")
    record_id: UUID
    batch_id: UUID
    batch_number: str
    room_id: UUID
    room_code: str
    began_at: datetime
    ended_at: datetime
    verdict: str
    reference: str


@fact("quality")
class BatchAssessed(Fact):
    """The results of a batch were held against its specification."""

    says: ClassVar[str] = N_("Conformity of batch %(batch_number)s assessed: %(overall)s")
    assessment_id: UUID
    batch_id: UUID
    batch_number: str
    order_id: UUID
    market: str
    route: str
    phase: str
    on: date
    overall: str
    failed: list[str]
    missing: list[str]
    case_hash: str


@fact("quality")
class DoseDeclared(Fact):
    """The dose was declared from the result that the definition names, reckoned twice."""

    says: ClassVar[str] = N_("Dose of batch %(batch_number)s declared: %(amount)s %(unit)s")
    dose_id: UUID
    batch_id: UUID
    batch_number: str
    order_id: UUID
    result_id: UUID
    test_code: str
    total_cells: Decimal
    amount: Decimal
    unit: str
    weight_kg: Decimal
    weight_measured_at: datetime
    bags: list[str]


@fact("quality")
class BatchDisposed(Fact):
    """A qualified person decided about a batch; `final` when no further signature is awaited."""

    says: ClassVar[str] = N_("Batch %(batch_number)s: %(decision)s")
    disposition_id: UUID
    batch_id: UUID
    batch_number: str
    order_id: UUID
    decision: str
    final: bool
    market: str
    route: str
    release_rule: str
    release_type: str
    open_tests: list[str]
    certificate_number: str
    rfi_number: str
    reason: str
    decided_by: str
    delegated_from: str
    container_codes: list[str]
