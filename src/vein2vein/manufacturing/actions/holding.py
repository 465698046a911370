"""Holds placed and lifted by quality, rulings on hold clocks, workstations cleared out, vials taken out to thaw."""

from __future__ import annotations

from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, NotFound, Refused, refuse_any
from vein2vein.engines.definitions.model.process import Consume
from vein2vein.engines.definitions.values import write_span
from vein2vein.manufacturing import facts, reads, rules
from vein2vein.manufacturing.actions.batches import terminate
from vein2vein.manufacturing.actions.booking import book_person, give_back_equipment
from vein2vein.manufacturing.actions.performing import consume_quantity
from vein2vein.manufacturing.actions.scanning import serial_of
from vein2vein.manufacturing.actions.situation import (
    allow,
    find_situation,
    locked_batch,
    refs,
    require_open,
    require_people,
    require_waiting,
    stream,
)
from vein2vein.manufacturing.models import Batch, BatchStep, ClockRuling, Hold, Occupancy
from vein2vein.manufacturing.reads import EXECUTING
from vein2vein.manufacturing.states import ClockDecision
from vein2vein.materials.actions import thaw_vials
from vein2vein.materials.reads import get_scanned_lot

AGE = "starting_material"
"""The subject of the clock that runs from the end of collection to the first operation (N8)."""

journal.explain(
    "manufacturing_material_in_time",
    Blocker(
        code="manufacturing.clock_exceeded",
        message=N_("Starting material past its limit is not processed without the decision of quality"),
        field="operation_code",
        mend=N_("Ask QA to rule on it, in writing and signed"),
    ),
)
journal.explain(
    "manufacturing_ruling_once",
    Blocker(
        code="manufacturing.ruled_already",
        message=N_("This hold time was ruled on already"),
        field="subject",
        mend=N_("Go on as it was ruled"),
    ),
)


@journal.action("manufacturing.place_hold")
def place_hold(*, batch_id: BatchId, reason: str, source: str = "", by: Actor) -> Hold:
    """Keep a batch from going on until `lift_hold`; `source` says what asks for it ("deviation:…")."""
    batch = locked_batch(batch_id, by)
    refuse_any(rules.reason_blockers(reason))
    hold = Hold(batch=batch, reason=reason, source=source, placed_at=journal.current().at, placed_by=by.name)
    journal.record(
        facts.HoldPlaced(batch_id=batch.pk, batch_number=batch.number, hold_id=hold.pk, reason=reason, source=source),
        stream=stream(batch),
        refs=refs(batch, *([source] if source else [])),
        inserts=[hold],
    )
    return hold


@journal.action("manufacturing.lift_hold")
def lift_hold(*, hold_id: UUID, reason: str, by: Actor) -> Hold:
    """Let a batch go on as far as this hold is concerned."""
    hold = Hold.objects.select_related("batch").filter(pk=hold_id).first()
    if hold is None:
        raise NotFound(
            Blocker("manufacturing.no_hold", N_("There is no such hold"), field="hold_id", value=str(hold_id))
        )
    refuse_any(rules.reason_blockers(reason))
    batch = hold.batch
    journal.transition(
        hold,
        "lift",
        facts.HoldLifted(
            batch_id=batch.pk, batch_number=batch.number, hold_id=hold.pk, reason=reason, source=hold.source
        ),
        stream=stream(batch),
        refs=refs(batch, *([hold.source] if hold.source else [])),
        lifted_at=journal.current().at,
        lifted_by=by.name,
        lift_reason=reason,
    )
    return hold


@journal.action(
    "manufacturing.rule_on_clock",
    roles=[Role.SUPERVISOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON],
    signed=N_("hold time ruled on"),
)
def rule_on_clock(*, batch_id: BatchId, subject: str, decision: ClockDecision, reason: str, by: Actor) -> ClockRuling:
    """Decide by signature whether a batch goes on after a hold time has run out.

    `subject` is the operation, the wait step, or `starting_material` for the age of the starting material, on
    which QA alone decides (N8).
    """
    batch = locked_batch(batch_id, by)
    refuse_any(rules.reason_blockers(reason))
    at = journal.current().at
    clock = _clock(batch, subject)
    if clock is None or not clock.exceeded(at):
        raise Refused(
            Blocker(
                code="manufacturing.clock_not_exceeded",
                message=N_("No hold time has run out there"),
                field="subject",
                value=subject,
                mend=N_("Nothing is to be decided"),
            )
        )
    if subject == AGE:
        allow(rules.quality_blockers(by.roles))
    ruling = ClockRuling(
        batch=batch,
        subject=subject,
        decision=decision.value,
        reason=reason,
        decided_by_id=by.account_id,
        decided_at=at,
    )
    journal.record(
        facts.ClockRuled(
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=batch.order_id,
            coi_id=batch.coi_id,
            site_id=batch.site_id,
            subject=subject,
            limit=write_span(clock.maximum),
            elapsed=rules.span(at - clock.since),
            decision=decision.value,
            reason=reason,
            decided_by=by.name,
        ),
        stream=stream(batch),
        refs=refs(batch),
        inserts=[ruling],
    )
    if decision is ClockDecision.TERMINATE:
        terminate(batch, reason, by)
    return ruling


def _clock(batch: Batch, subject: str) -> rules.Clock | None:
    definition = reads.definition_of(batch)
    if subject == AGE:
        first = next(iter(reads.applicable(batch, definition)))[0]
        clocks = reads.list_clocks(batch, definition, first)
    elif definition.process.operation(subject) is not None:
        clocks = reads.list_clocks(batch, definition, subject)
    else:
        waiting = reads.wait_clock(batch, definition, subject)
        clocks = [] if waiting is None else [waiting]
    found = [clock for clock in clocks if clock.subject == subject]
    return max(found, key=lambda clock: journal.current().at - clock.since - clock.maximum, default=None)


@journal.action("manufacturing.clear_out", roles=EXECUTING, signed=N_("cleared out"))
def clear_out(*, batch_id: BatchId, equipment_code: str, by: Actor) -> Batch:
    """Sign that scanned equipment holds nothing of this patient any more; a workstation is free for a line clearance.

    Other equipment is given back with its operation: only what a terminated batch keeps is cleared out by hand.
    """
    batch, code = locked_batch(batch_id, by), serial_of(equipment_code.strip())
    occupancy = reads.open_occupancies(batch).filter(workstation__code=code).first()
    kept = next((one for one in reads.list_kept(batch) if one.code == code), None)
    if occupancy is not None:
        _clear_workstation(batch, occupancy)
        give_back_equipment(batch, occupancy.workstation_id, by)
    elif kept is not None:
        emptied = facts.EquipmentEmptied(
            batch_id=batch.pk,
            batch_number=batch.number,
            equipment_id=kept.pk,
            equipment_code=kept.code,
            coi_id=batch.coi_id,
        )
        journal.record(emptied, stream=stream(batch), refs=refs(batch, f"equipment:{kept.pk}"))
        give_back_equipment(batch, kept.pk, by)
    else:
        raise Refused(
            Blocker(
                code="manufacturing.not_occupied",
                message=N_("This batch keeps nothing at this equipment"),
                field="equipment_code",
                value=equipment_code,
                mend=N_("Scan what stands on the batch's page as at work for it"),
            )
        )
    return batch


def _clear_workstation(batch: Batch, occupancy: Occupancy) -> None:
    journal.record(
        facts.WorkstationClearedOut(
            batch_id=batch.pk,
            batch_number=batch.number,
            workstation_id=occupancy.workstation_id,
            workstation_code=occupancy.workstation.code,
            coi_id=batch.coi_id,
        ),
        stream=stream(batch),
        refs=refs(batch, f"equipment:{occupancy.workstation_id}"),
        changes=[(occupancy, {"during": DateTimeTZRange(occupancy.during.lower, journal.current().at)})],
    )


@journal.action("manufacturing.thaw_material", roles=EXECUTING)
def thaw_material(*, batch_id: BatchId, step_code: str, lot_code: str, by: Actor) -> BatchStep:
    """Record that the whole vials which a step needs leave the freezer; the clock to their use runs from now.

    Raises `Conflict` while whoever thaws them is at work on another batch (N11).
    """
    batch = locked_batch(batch_id, by)
    situation = find_situation(batch, step_code, by, None)
    require_waiting(situation)
    require_open(batch)
    require_people(situation, together=False)
    step = situation.step
    if not isinstance(step, Consume) or not reads.thaws_first(step):
        raise Refused(
            Blocker(
                code="manufacturing.nothing_to_thaw",
                message=N_("The step %(step)s uses nothing that is thawed"),
                field="step_code",
                value=step_code,
                mend=N_("Choose the step that takes the thawed material"),
                params={"step": step_code},
            )
        )
    book_person(situation)
    lot = get_scanned_lot(lot_code)
    quantity = consume_quantity(step, situation, lot)
    thaw = thaw_vials(
        lot_code=lot_code,
        material_code=step.material,
        quantity=quantity.magnitude,
        unit=quantity.unit,
        market=batch.market,
        holder=f"batch:{batch.pk}",
        by=by,
    )
    journal.record(
        facts.MaterialThawed(
            batch_id=batch.pk,
            batch_number=batch.number,
            step_code=step_code,
            lot_id=lot.pk,
            lot_number=lot.number,
            vials=thaw.vials,
        ),
        stream=stream(batch),
        refs=refs(batch, f"lot:{lot.pk}"),
    )
    return situation.step_row
