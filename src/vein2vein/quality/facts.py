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
    record_version: str = ""


@fact("quality")
class ReserveDecided(Fact):
    """The reserve of a released batch was released for its own infusion, or rejected, at the physician's wish."""

    says: ClassVar[str] = N_("Batch %(batch_number)s, reserve %(container_code)s: %(decision)s (%(reason)s)")
    disposition_id: UUID
    batch_id: UUID
    batch_number: str
    order_id: UUID
    decision: str
    container_code: str
    rfi_number: str
    reason: str
    decided_by: str
    delegated_from: str


@fact("quality")
class AlertRaised(Fact):
    """A late result of a released product does not conform; the physician must know, and the product is held."""

    says: ClassVar[str] = N_(
        "ALERT %(alert)s: late finding, %(test_code)s %(finding)s (%(limit)s); the treating physician is notified"
    )
    alert_id: UUID
    alert: str
    batch_id: UUID
    batch_number: str
    order_id: UUID
    result_id: UUID
    test_code: str
    finding: str
    limit: str
    moment: str
    acknowledge_by_at: datetime
    held_containers: list[str]


@fact("quality")
class AlertEscalated(Fact):
    """Nobody acknowledged an alert in time; others are called."""

    says: ClassVar[str] = N_("ALERT %(alert)s not acknowledged: escalated to %(to)s")
    alert_id: UUID
    alert: str
    batch_id: UUID
    order_id: UUID
    level: int
    to: list[str]
    acknowledge_by_at: datetime


@fact("quality")
class AlertAcknowledged(Fact):
    """A physician of the hospital knows of a late finding, and says what is done for the patient."""

    says: ClassVar[str] = N_("Alert %(alert)s acknowledged by %(acknowledged_by)s: %(treatment)s")
    alert_id: UUID
    alert: str
    batch_id: UUID
    order_id: UUID
    acknowledged_by: str
    treatment: str


@fact("quality")
class AlertReported(Fact):
    """A late finding was reported to the authority or the sponsor."""

    says: ClassVar[str] = N_("Alert %(alert)s reported: %(reference)s")
    alert_id: UUID
    alert: str
    batch_id: UUID
    order_id: UUID
    reference: str
    reported_by: str


@fact("quality")
class HeldProductDecided(Fact):
    """It was decided what becomes of a product that was held for a late finding."""

    says: ClassVar[str] = N_("Product held for alert %(alert)s: %(decision)s (%(reason)s)")
    alert_id: UUID
    alert: str
    batch_id: UUID
    order_id: UUID
    decision: str
    reason: str
    container_codes: list[str]


@fact("quality")
class AlertClosed(Fact):
    """All that a late finding asked for was done."""

    says: ClassVar[str] = N_("Alert %(alert)s closed: %(reason)s")
    alert_id: UUID
    alert: str
    batch_id: UUID
    order_id: UUID
    reason: str


@fact("quality")
class ObligationOpened(Fact):
    """A release obliges somebody to do something by a time."""

    says: ClassVar[str] = N_("To be done by %(due_at)s: %(text_en)s")
    obligation_id: UUID
    batch_id: UUID
    order_id: UUID
    code: str
    trigger: str
    text_en: str
    text_zh: str
    role: str
    due_at: datetime


@fact("quality")
class ObligationFulfilled(Fact):
    """What a release obliged to was done."""

    says: ClassVar[str] = N_("Done: %(text_en)s (%(reference)s)")
    obligation_id: UUID
    batch_id: UUID
    order_id: UUID
    code: str
    text_en: str
    reference: str
    late: bool


@fact("quality")
class SecondStageCompleted(Fact):
    """The tests that a two-stage release had left open have ended and conform."""

    says: ClassVar[str] = N_("Second stage of the release of batch %(batch_number)s completed: %(reason)s")
    disposition_id: UUID
    batch_id: UUID
    batch_number: str
    order_id: UUID
    tests: list[str]
    reason: str
    decided_by: str


@fact("quality")
class ExceptionalReleaseRequested(Fact):
    """A physician asks for a product that does not conform, for their own patient."""

    says: ClassVar[str] = N_("Exceptional release %(request)s of batch %(batch_number)s requested: %(reason)s")
    request_id: UUID
    request: str
    batch_id: UUID
    batch_number: str
    order_id: UUID
    failed: list[str]
    reason: str
    alternatives: str
    consent_reference: str
    requested_by: str


@fact("quality")
class ExceptionalRequestSupported(Fact):
    """A second physician assessed a request medically and supports it."""

    says: ClassVar[str] = N_("Exceptional release %(request)s medically supported by %(supported_by)s")
    request_id: UUID
    request: str
    batch_id: UUID
    order_id: UUID
    medical_assessment: str
    supported_by: str


@fact("quality")
class ExceptionalRiskEvaluated(Fact):
    """Quality assurance evaluated the risk of an exceptional release; the containers must bear its statement."""

    says: ClassVar[str] = N_("Risk of exceptional release %(request)s evaluated by %(evaluated_by)s")
    request_id: UUID
    request: str
    batch_id: UUID
    order_id: UUID
    risk_evaluation: str
    evaluated_by: str
    statement_en: str
    statement_zh: str


@fact("quality")
class ExceptionalRequestDeclined(Fact):
    """A request for an exceptional release was declined or withdrawn."""

    says: ClassVar[str] = N_("Exceptional release %(request)s declined: %(reason)s")
    request_id: UUID
    request: str
    batch_id: UUID
    order_id: UUID
    reason: str
    declined_by: str


@fact("quality")
class AuditTrailReviewed(Fact):
    """A part of the audit trail was reviewed and the review signed."""

    says: ClassVar[str] = N_(
        "Audit trail reviewed from %(since_at)s to %(until_at)s, %(entries)s entries: %(conclusion)s. %(comment)s"
    )

    review_id: UUID
    since_at: datetime
    until_at: datetime
    account_id: UUID | None
    what: str
    subject: str
    entries: int
    digest: str
    root: str
    conclusion: str
    comment: str
