"""What a journal entry of this context carries: plain Python."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("manufacturing")
class BatchOpened(Fact):
    """The record of a batch is open, made from a definition's version."""

    says: ClassVar[str] = N_("Batch %(batch_number)s opened from %(definition)s")
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID
    coi_code: str
    definition: str
    definition_hash: str
    alternative: str
    market: str
    route: str
    site_code: str
    steps: int


@fact("manufacturing")
class OperationStarted(Fact):
    """An operation began; `clock_exceeded` says that a hold limit had run out and it was ruled to go on."""

    says: ClassVar[str] = N_("Operation %(operation_code)s of batch %(batch_number)s started")
    batch_id: UUID
    batch_number: str
    operation_code: str
    clock_exceeded: bool


@fact("manufacturing")
class OperationCompleted(Fact):
    """An operation ended."""

    says: ClassVar[str] = N_("Operation %(operation_code)s of batch %(batch_number)s completed")
    batch_id: UUID
    batch_number: str
    operation_code: str


@fact("manufacturing")
class LineCleared(Fact):
    """A workstation was cleared and is open to one chain of identity."""

    says: ClassVar[str] = N_("Workstation %(workstation_code)s cleared for batch %(batch_number)s")
    batch_id: UUID
    batch_number: str
    workstation_id: UUID
    workstation_code: str
    coi_id: UUID


@fact("manufacturing")
class SteppedAway(Fact):
    """Somebody left the work on a batch to somebody else."""

    says: ClassVar[str] = N_("%(person)s stepped away from batch %(batch_number)s")
    batch_id: UUID
    batch_number: str
    person: str


@fact("manufacturing")
class WorkstationClearedOut(Fact):
    """A workstation holds no patient's material any more."""

    says: ClassVar[str] = N_("Workstation %(workstation_code)s cleared out after batch %(batch_number)s")
    batch_id: UUID
    batch_number: str
    workstation_id: UUID
    workstation_code: str
    coi_id: UUID


@fact("manufacturing")
class EquipmentEmptied(Fact):
    """Equipment that a terminated batch still kept, such as an incubator, holds nothing of it any more."""

    says: ClassVar[str] = N_("%(equipment_code)s emptied after batch %(batch_number)s was terminated")
    batch_id: UUID
    batch_number: str
    equipment_id: UUID
    equipment_code: str
    coi_id: UUID


@fact("manufacturing")
class StepRecorded(Fact):
    """A step was done. `out_of_limits`: an action limit was missed or a question answered with no."""

    says: ClassVar[str] = N_("Step %(step_code)s of batch %(batch_number)s recorded: %(shown)s")
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID
    site_id: UUID
    operation_code: str
    step_id: UUID
    step_code: str
    kind: str
    revision: int
    shown: str
    value_name: str
    value: Decimal | None
    unit: str
    answer: str
    verdict: str
    limits: str
    out_of_limits: bool
    out_of_alert: bool
    clock_exceeded: bool
    manual: bool
    late: bool
    comment: str
    container_codes: list[str]
    equipment_code: str
    lot_id: UUID | None
    lot_number: str
    attachment_sha256: str
    recorded_by: str
    witnessed_by: str


@fact("manufacturing")
class StepCorrected(Fact):
    """A recording was corrected; the one before it stays. `affected` names later steps that rest on it."""

    says: ClassVar[str] = N_(
        "Step %(step_code)s of batch %(batch_number)s corrected from %(was)s to %(became)s: %(reason)s"
    )
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID
    site_id: UUID
    operation_code: str
    step_id: UUID
    step_code: str
    kind: str
    revision: int
    was: str
    became: str
    verdict: str
    limits: str
    out_of_limits: bool
    recomputed: bool
    affected: list[str]
    reason: str
    recorded_by: str


@fact("manufacturing")
class StepVerified(Fact):
    """A second person looked at what was recorded."""

    says: ClassVar[str] = N_("Step %(step_code)s of batch %(batch_number)s checked by a second person")
    batch_id: UUID
    batch_number: str
    step_id: UUID
    step_code: str
    revision: int
    verified_by: str


@fact("manufacturing")
class MaterialThawed(Fact):
    """Vials were taken out to thaw for a step; the clock to their use runs."""

    says: ClassVar[str] = N_("%(vials)s vials of lot %(lot_number)s thawed for step %(step_code)s")
    batch_id: UUID
    batch_number: str
    step_code: str
    lot_id: UUID
    lot_number: str
    vials: int


@fact("manufacturing")
class SampleTaken(Fact):
    """A labelled sample was taken; `tests` are the specification's tests that it serves."""

    says: ClassVar[str] = N_("Sample %(sample_code)s %(container_code)s taken from %(parent_code)s")
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID
    definition_id: UUID
    step_code: str
    container_id: UUID
    container_code: str
    container_ids: list[UUID]
    container_codes: list[str]
    parent_code: str
    sample_code: str
    tests: list[str]
    condition: str
    culture_until: datetime | None
    taken_at: datetime
    market: str
    route: str


@fact("manufacturing")
class ClockRuled(Fact):
    """Somebody decided what becomes of a batch whose hold clock had run out (N8)."""

    says: ClassVar[str] = N_("Hold time at %(subject)s of batch %(batch_number)s exceeded: %(decision)s, %(reason)s")
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID
    site_id: UUID
    subject: str
    limit: str
    elapsed: str
    decision: str
    reason: str
    decided_by: str


@fact("manufacturing")
class HoldPlaced(Fact):
    """A batch may not go on."""

    says: ClassVar[str] = N_("Batch %(batch_number)s put on hold: %(reason)s")
    batch_id: UUID
    batch_number: str
    hold_id: UUID
    reason: str
    source: str


@fact("manufacturing")
class HoldLifted(Fact):
    """A hold no longer keeps the batch."""

    says: ClassVar[str] = N_("Hold on batch %(batch_number)s lifted: %(reason)s")
    batch_id: UUID
    batch_number: str
    hold_id: UUID
    reason: str
    source: str


@fact("manufacturing")
class BatchCompleted(Fact):
    """Every step is done, labels are reconciled and workstations are cleared out."""

    says: ClassVar[str] = N_("Batch %(batch_number)s completed")
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID
    definition_id: UUID
    site_id: UUID
    market: str
    route: str
    final_container_codes: list[str]
    started_at: datetime
    completed_at: datetime
    rooms: list[str]
    workstation_codes: list[str]
    lot_ids: list[UUID]
    values: dict[str, str]


@fact("manufacturing")
class BatchReviewed(Fact):
    """A QA reviewer has gone through the record by exception."""

    says: ClassVar[str] = N_("Batch record %(batch_number)s reviewed: %(exceptions)s exceptions")
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID
    exceptions: int
    comment: str
    reviewed_by: str
    record_version: str = ""


@fact("manufacturing")
class BatchTerminated(Fact):
    """The batch was given up (生产终止)."""

    says: ClassVar[str] = N_("Batch %(batch_number)s terminated: %(reason)s")
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID
    reason: str


@fact("manufacturing")
class BatchClosed(Fact):
    """The batch has its disposition; its record is closed."""

    says: ClassVar[str] = N_("Batch %(batch_number)s closed")
    batch_id: UUID
    batch_number: str
    order_id: UUID
    coi_id: UUID


@fact("manufacturing")
class OfflinePackIssued(Fact):
    """What is left of a batch record was printed and signed, for the hours without a server; an earlier one is void."""

    says: ClassVar[str] = N_("Offline pack %(pack_code)s of batch %(batch_number)s issued")
    batch_id: UUID
    batch_number: str
    coi_id: UUID
    pack_id: UUID
    pack_code: str
    sha256: str
    journal_head: str
    steps_left: int
    issued_by: str


@fact("manufacturing")
class OfflinePackSuperseded(Fact):
    """A newer pack was issued; this one was not used and is destroyed."""

    says: ClassVar[str] = N_("Offline pack %(pack_code)s of batch %(batch_number)s superseded, unused")
    batch_id: UUID
    batch_number: str
    pack_id: UUID
    pack_code: str


@fact("manufacturing")
class OfflinePackReconciled(Fact):
    """A pack is accounted for: unused, or each act on it entered late; looked at by a second person."""

    says: ClassVar[str] = N_(
        "Offline pack %(pack_code)s of batch %(batch_number)s reconciled: %(late_entries)s late entries"
    )
    batch_id: UUID
    batch_number: str
    coi_id: UUID
    pack_id: UUID
    pack_code: str
    used: bool
    late_entries: int
    note: str
    reconciled_by: str
