"""The life of a batch: opened from an order, operation by operation, completed, reviewed by exception, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, CoiId, ContainerId, DefinitionId, OrderId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.doors.showing import refuse_changed
from vein2vein.engines.codes import Kind, issue
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.vocabulary import DoseBasis
from vein2vein.identity import actions as identity
from vein2vein.identity.reads import list_cells
from vein2vein.identity.states import Disposition
from vein2vein.manufacturing import facts, reads, rules
from vein2vein.manufacturing.actions.booking import give_back
from vein2vein.manufacturing.actions.situation import allow, locked_batch, refs, require_open, stream
from vein2vein.manufacturing.models import Batch, BatchOperation, BatchStep
from vein2vein.materials import actions as materials
from vein2vein.network.rules import qualification_blockers
from vein2vein.orders import actions as orders
from vein2vein.orders.reads import accepted_material, load_order
from vein2vein.orders.rules.dose import ordered_total
from vein2vein.orders.states import StopCause
from vein2vein.therapies.reads import get_definition

if TYPE_CHECKING:
    from vein2vein.orders.models import Order

journal.explain(
    "manufacturing_batch_one_an_order",
    Blocker(
        code="manufacturing.batch_exists",
        message=N_("This order has a batch already"),
        field="order_id",
        mend=N_("Go on with that batch"),
    ),
)


@journal.action("manufacturing.open_batch", roles=[Role.SUPERVISOR])
def open_batch(*, order_id: OrderId, by: Actor) -> Batch:
    """Open the batch record of an order whose starting material was accepted, by the version that it was ordered by."""
    order = load_order(order_id)
    site = order.manufacturing_site
    if site is None or order.coi is None:
        raise Refused(_not_ready(order))
    at = journal.current().at
    refuse_any(qualification_blockers(site.code, site.qualified_until, at.date()))
    definition = get_definition(order.definition_id)
    collected = accepted_material(order)
    if collected is None or collected.ended_at is None:
        raise Refused(_not_ready(order))
    batch = Batch(
        number=issue(Kind.BATCH),
        coi=order.coi,
        order=order,
        definition=order.definition,
        site=site,
        alternative=collected.alternative,
        market=order.market,
        route=order.route,
        ordered_dose_cells=ordered_total(DoseBasis(order.dose_basis), order.dose_amount, order.weight_kg),
        patient_weight_kg=order.weight_kg,
        collection_ended_at=collected.ended_at,
        opened_by_id=by.account_id,
        opened_at=at,
    )
    orders.start_manufacture(order_id=order_id, by=by)
    operations, steps = _rows(batch, definition)
    journal.record(
        facts.BatchOpened(
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=order.pk,
            coi_id=batch.coi_id,
            coi_code=order.coi.code,
            definition=str(order.definition),
            definition_hash=order.definition.content_hash,
            alternative=batch.alternative,
            market=batch.market,
            route=batch.route,
            site_code=site.code,
            steps=len(steps),
        ),
        stream=stream(batch),
        refs=refs(batch, f"definition:{batch.definition_id}"),
        inserts=[batch, *operations, *steps],
    )
    _secure_material(batch, definition, by)
    return batch


def _secure_material(batch: Batch, definition: Definition, by: Actor) -> None:
    """Pass on to the batch what is kept for its order, of lots that are in date until the process is done."""
    operations = definition.process.for_alternative(batch.alternative)
    longest = sum((operation.duration.longest() for operation, _ in operations), timedelta(0))
    materials.secure_for_batch(
        definition_id=DefinitionId(batch.definition_id),
        alternative=batch.alternative,
        market=batch.market,
        ordered_dose_cells=batch.ordered_dose_cells,
        patient_weight_kg=batch.patient_weight_kg,
        order=f"order:{batch.order_id}",
        batch=f"batch:{batch.pk}",
        until=batch.opened_at + longest,
        by=by,
    )


def _not_ready(order: Order) -> Blocker:
    return Blocker(
        code="manufacturing.order_not_ready",
        message=N_("Order %(order)s is %(state)s: its starting material is not accepted"),
        field="order_id",
        value=order.code,
        mend=N_("Finish the receipt first"),
        params={"order": order.code, "state": order.state},
    )


def _rows(batch: Batch, definition: Definition) -> tuple[list[BatchOperation], list[BatchStep]]:
    """Return a row for each operation and step that applies to the batch's starting material."""
    operations: list[BatchOperation] = []
    steps: list[BatchStep] = []
    for place, (operation, listed) in enumerate(definition.process.for_alternative(batch.alternative), start=1):
        row = BatchOperation(batch=batch, code=operation.id, ordinal=place)
        operations.append(row)
        for step in listed:
            ordinal = len(steps) + 1
            steps.append(BatchStep(batch=batch, operation=row, code=step.id, ordinal=ordinal, kind=step.kind.value))
    return operations, steps


def _operation(batch: Batch, code: str) -> BatchOperation:
    row = BatchOperation.objects.filter(batch=batch, code=code).first()
    if row is None:
        raise Refused(
            Blocker(
                code="manufacturing.no_operation",
                message=N_("This batch has no such operation"),
                field="operation_code",
                value=code,
                mend=N_("Choose an operation from the batch record"),
            )
        )
    return row


@journal.action("manufacturing.start_operation", roles=[Role.OPERATOR, Role.SUPERVISOR, Role.QC_ANALYST])
def start_operation(*, batch_id: BatchId, operation_code: str, by: Actor) -> BatchOperation:
    """Start an operation when those before it are done and no hold clock has run out (N8)."""
    batch = locked_batch(batch_id, by)
    row = _operation(batch, operation_code)
    definition = reads.definition_of(batch)
    at = journal.current().at
    refuse_any(reads.start_blockers(batch, definition, operation_code, at))
    exceeded = any(clock.exceeded(at) for clock in reads.list_clocks(batch, definition, operation_code))
    journal.transition(
        row,
        "start",
        facts.OperationStarted(
            batch_id=batch.pk, batch_number=batch.number, operation_code=operation_code, clock_exceeded=exceeded
        ),
        stream=stream(batch),
        refs=refs(batch),
        started_at=at,
    )
    return row


@journal.action("manufacturing.complete_operation", roles=[Role.OPERATOR, Role.SUPERVISOR, Role.QC_ANALYST])
def complete_operation(*, batch_id: BatchId, operation_code: str, by: Actor) -> BatchOperation:
    """Complete an operation when each of its steps is done, and checked by a second person where it must be."""
    batch = locked_batch(batch_id, by)
    require_open(batch)
    row = _operation(batch, operation_code)
    views = reads.step_views(batch, reads.definition_of(batch))
    refuse_any(rules.unfinished_blockers([view for view in views if view.operation == operation_code]))
    journal.transition(
        row,
        "complete",
        facts.OperationCompleted(batch_id=batch.pk, batch_number=batch.number, operation_code=operation_code),
        stream=stream(batch),
        refs=refs(batch),
        ended_at=journal.current().at,
    )
    give_back(batch, by, kept=reads.equipment_at_work(batch))
    return row


@journal.action("manufacturing.complete_batch", roles=[Role.SUPERVISOR])
def complete_batch(*, batch_id: BatchId, by: Actor) -> Batch:
    """Complete a batch: every step done and checked, workstations cleared out, each container under its label."""
    batch = locked_batch(batch_id, by)
    require_open(batch)
    definition = reads.definition_of(batch)
    refuse_any(reads.completion_blockers(batch, definition))
    at = journal.current().at
    recorded = reads.latest_recordings(batch)
    stations = {one.equipment for one in recorded if one.equipment is not None}
    finals = {role.id for role in definition.process.containers if role.final}
    containers = batch.coi.containers.order_by("id")
    journal.transition(
        batch,
        "complete",
        facts.BatchCompleted(
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=batch.order_id,
            coi_id=batch.coi_id,
            definition_id=batch.definition_id,
            site_id=batch.site_id,
            market=batch.market,
            route=batch.route,
            final_container_codes=[one.code for one in containers if one.role in finals and one.state == "active"],
            started_at=batch.opened_at,
            completed_at=at,
            rooms=sorted({str(one.room_id) for one in stations if one.room_id is not None}),
            workstation_codes=sorted(one.code for one in stations),
            lot_ids=sorted({one.lot_id for one in recorded if one.lot_id is not None}),
            values={name: str(value) for name, value in reads.values_of(batch).items()},
        ),
        stream=stream(batch),
        refs=refs(batch),
        completed_at=at,
    )
    materials.release_reservations(holder=f"batch:{batch.pk}", by=by)
    orders.finish_manufacture(order_id=OrderId(batch.order_id), by=by)
    return batch


@journal.action("manufacturing.review_batch", roles=[Role.QA_REVIEWER], signed=N_("reviewed"))
def review_batch(*, batch_id: BatchId, comment: str = "", record_version: str = "", by: Actor) -> Batch:
    """Sign the batch record as reviewed by exception; never by somebody who took part in making the batch.

    `record_version` is what was shown; where the record has changed since, the signing is refused with what changed.
    """
    batch = locked_batch(batch_id, by)
    refuse_changed(stream(batch), record_version)
    allow(rules.reviewer_blockers(str(by.account_id), reads.list_executors(batch)))
    found = reads.exceptions(batch_id, by=by)
    refuse_any(rules.review_blockers(len(found), comment))
    journal.transition(
        batch,
        "review",
        facts.BatchReviewed(
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=batch.order_id,
            coi_id=batch.coi_id,
            exceptions=len(found),
            comment=comment,
            reviewed_by=by.name,
            record_version=record_version,
        ),
        stream=stream(batch),
        refs=refs(batch),
        reviewed_at=journal.current().at,
        reviewed_by_id=by.account_id,
    )
    return batch


@journal.action(
    "manufacturing.terminate_batch",
    roles=[Role.SUPERVISOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON],
    signed=N_("terminated"),
)
def terminate_batch(*, batch_id: BatchId, reason: str, by: Actor) -> Batch:
    """Give a batch up (生产终止), with the reason: what it made is rejected, and the treatment course stands still.

    The treating physician then decides: another batch from what is left, another apheresis, or the end.
    """
    batch = locked_batch(batch_id, by)
    refuse_any(rules.reason_blockers(reason))
    terminate(batch, reason, by)
    return batch


def terminate(batch: Batch, reason: str, by: Actor) -> None:
    """Write that a batch was given up: what it made is rejected, what was kept for it is free, its course stops."""
    materials.release_reservations(holder=f"batch:{batch.pk}", by=by)
    journal.transition(
        batch,
        "terminate",
        facts.BatchTerminated(
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=batch.order_id,
            coi_id=batch.coi_id,
            reason=reason,
        ),
        stream=stream(batch),
        refs=refs(batch),
    )
    for one in list_cells(CoiId(batch.coi_id)):
        made = one.kind != "starting_material" and one.made_at >= batch.opened_at
        if made and one.state in ("active", "thawed") and one.disposition != "rejected":
            identity.set_disposition(
                container_id=ContainerId(one.pk), disposition=Disposition.REJECTED, reason=reason, by=by
            )
    give_back(batch, by, kept=reads.equipment_at_work(batch))  # cells may be in it until it is cleared out
    orders.stop_course(order_id=OrderId(batch.order_id), cause=StopCause.BATCH_TERMINATED, reason=reason, by=by)


@journal.action("manufacturing.end_batch")
def end_batch(*, batch_id: BatchId, reason: str, by: Actor) -> Batch:
    """Give a batch up because its course is over; what holds a workstation is still cleared out and signed."""
    batch = locked_batch(batch_id, by)
    terminate(batch, reason, by)
    return batch


@journal.action("manufacturing.close_batch")
def close_batch(*, batch_id: BatchId, by: Actor) -> Batch:
    """Close the record of a reviewed batch once it has its disposition."""
    batch = locked_batch(batch_id, by)
    journal.transition(
        batch,
        "close",
        facts.BatchClosed(batch_id=batch.pk, batch_number=batch.number, order_id=batch.order_id, coi_id=batch.coi_id),
        stream=stream(batch),
        refs=refs(batch),
    )
    return batch
