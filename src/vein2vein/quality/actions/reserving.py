"""The reserve of a released batch: issued, or rejected, by the qualified person when the physician asks for it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, ContainerId, OrderId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.engines.assays import Overall
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity import actions as identity
from vein2vein.identity.reads import find_label_in_force
from vein2vein.identity.states import Disposition as ContainerDisposition
from vein2vein.laboratory.reads import reviewed_result
from vein2vein.manufacturing.actions.situation import locked_batch
from vein2vein.orders import actions as orders
from vein2vein.orders.queues import awaits_reserve, reserve_codes
from vein2vein.orders.rules import weight_blockers
from vein2vein.orders.states import StopCause
from vein2vein.quality import facts, reads, rules
from vein2vein.quality.actions.declaring import declared, dose_row, record_dose
from vein2vein.quality.actions.disposing import released_bags
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.models import DeclaredDose, Disposition
from vein2vein.quality.states import EXCEPTIONAL, Decision, ReserveDecision

if TYPE_CHECKING:
    from vein2vein.identity.models import Container


@journal.action("quality.decide_reserve", roles=[Role.QUALIFIED_PERSON], signed=N_("decided about the reserve"))
def decide_reserve(*, batch_id: BatchId, decision: ReserveDecision, reason: str, by: Actor) -> Disposition:
    """Sign what becomes of the reserve of a released batch that its physician asks for: released, or rejected.

    The batch's certification stands for the reserve too; results, deviations, dose and weight are looked at again.
    A released reserve is the dose from now on, under a release for infusion of its own; a rejected one stops the
    course again, and its physician decides.
    """
    batch = locked_batch(batch_id, by)
    journal.caught_up(f"coi:{batch.coi_id}")
    dossier = Dossier(batch, by=by, at=journal.current().at)
    refuse_any(rules.reason_blockers(reason, "reason"))
    if decision is ReserveDecision.REJECT:
        return _reject(dossier, reason)
    gates = reserve_gates(dossier)
    refuse_any(rules.blockers_of(gates))
    bag, final = reserve_of(dossier), _certified(dossier)
    if bag is None or final.dose is None:
        raise reads.missing("batch_id", batch_id)
    dose = dose_row(dossier, _in_reserve(dossier, bag, final.dose), final.dose.result)
    row = _row(dossier, Decision.RELEASE_RESERVE, reason, dose)
    row.gates = [{"code": gate.code, "state": gate.state.value} for gate in gates]
    record_dose(dose, dossier)
    _record(row, dossier)
    _release(row, dossier, by)
    return row


def _certified(dossier: Dossier) -> Disposition:
    """Return the final decision about the batch, under which its reserve lies."""
    final = reads.final_disposition(dossier.batch.pk)
    if final is None:
        raise reads.missing("batch_id", dossier.batch.pk)
    return final


def reserve_gates(dossier: Dossier) -> list[rules.Gate]:
    """Return the gates of releasing a batch's reserve, with what keeps each shut."""
    final, bag = reads.final_disposition(dossier.batch.pk), reserve_of(dossier)
    names = {line.test: line.name_en for line in dossier.verdict.lines}
    open_ = () if final is None else final.open_tests
    lacking = [] if dossier.verdict.overall is Overall.CONFORMS else dossier.verdict.lacking
    return rules.reserve_gates(
        rules.ReserveView(
            decision="" if final is None else final.decision,
            exceptional=final is not None and final.decision in EXCEPTIONAL,
            awaited=awaited(dossier),
            authorised=dossier.authorisation() is not None,
            bag="" if bag is None else bag.code,
            labelled=bag is not None and find_label_in_force(ContainerId(bag.pk)) is not None,
            failed=[names[one] for one in dossier.verdict.failed],
            lacking=[names[one] for one in lacking if one not in open_],
            deviations=[one.code for one in reads.batch_deviations(dossier.batch.pk)],
            dose=[] if final is None or final.dose is None or bag is None else _dose_blockers(dossier, bag, final.dose),
            signer=dossier.signer(dossier.by),
        )
    )


def awaited(dossier: Dossier) -> bool:
    """Say whether the physician of a batch's order waits for the reserve of this very batch."""
    return awaits_reserve(dossier.order) and dossier.order.released_batch == dossier.batch.number


def reserve_of(dossier: Dossier) -> Container | None:
    """Return the reserve that may be released next, or None: one bag after the other."""
    codes = reserve_codes(dossier.order, dossier.at)
    return next((one for one in dossier.containers if one.code in codes), None)


def _dose_blockers(dossier: Dossier, bag: Container, dose: DeclaredDose) -> list[Blocker]:
    order = dossier.order
    standing = reviewed_result(dossier.batch.pk, dossier.definition.therapy.dose.declared_from)
    return [
        *rules.stale_dose_blockers(stands=standing is not None and standing.pk == dose.result_id),
        *weight_blockers(
            dossier.definition.therapy.eligibility,
            weight_kg=order.weight_kg,
            measured_at=order.weight_measured_at,
            at=dossier.at,
        ),
        *rules.dose_blockers(_in_reserve(dossier, bag, dose)),
    ]


def _in_reserve(dossier: Dossier, bag: Container, dose: DeclaredDose) -> rules.Declared:
    """Return what the reserve's dose is declared from: the batch's result, and its computation, for this volume."""
    released = sum((Decimal(one["volume_ml"]) for one in dose.bags), Decimal(0))
    whole = declared(dossier, dose.result, dose.total_cells)
    volume = bag.volume_ml or Decimal(0)
    again = None
    if whole.again_cells is not None and whole.volume_ml:
        again = whole.again_cells / whole.volume_ml * volume
    return replace(
        whole,
        total_cells=dose.total_cells / released * volume,
        again_cells=again,
        volume_ml=None,
        bags=(rules.Bag(str(bag.pk), bag.code, bag.volume_ml, bag.viable_cells),),
        lower_asked_for=True,
    )


def _row(dossier: Dossier, decision: Decision, reason: str, dose: DeclaredDose | None) -> Disposition:
    final, releasing = _certified(dossier), decision is Decision.RELEASE_RESERVE
    return Disposition(
        batch=dossier.batch,
        order=dossier.order,
        decision=decision.value,
        final=False,
        market=final.market,
        route=final.route,
        release_rule=final.release_rule,
        release_type=final.release_type,
        open_tests=final.open_tests if releasing else [],
        authorisation_reference=final.authorisation_reference,
        assessment=final.assessment,
        dose=dose,
        reason=reason,
        certificate_number=final.certificate_number,
        dose_report_number=issue(Kind.DOCUMENT) if releasing else "",
        rfi_number=issue(Kind.DOCUMENT) if releasing else "",
        merkle_root=final.merkle_root,
        sealed_at=final.sealed_at,
        decided_at=dossier.at,
        decided_by_id=dossier.by.account_id,
        decided_by_name=dossier.by.name,
        delegated_from=dossier.signer(dossier.by).delegated_from,
    )


def _record(row: Disposition, dossier: Dossier) -> None:
    bag = reserve_of(dossier)
    journal.record(
        facts.ReserveDecided(
            disposition_id=row.pk,
            batch_id=dossier.batch.pk,
            batch_number=dossier.batch.number,
            order_id=dossier.order.pk,
            decision=row.decision,
            container_code="" if bag is None else bag.code,
            rfi_number=row.rfi_number,
            reason=row.reason,
            decided_by=row.decided_by_name,
            delegated_from=row.delegated_from,
        ),
        stream=f"coi:{dossier.batch.coi_id}",
        refs=[
            f"batch:{dossier.batch.pk}",
            f"order:{dossier.order.pk}",
            f"site:{dossier.batch.site_id}",
            *([] if bag is None else [f"container:{bag.pk}"]),
        ],
        inserts=[row],
    )


def _release(row: Disposition, dossier: Dossier, by: Actor) -> None:
    dose = row.dose
    if dose is None:
        raise reads.missing("batch_id", row.batch_id)
    bags = released_bags(dose)
    for bag in bags:
        identity.set_disposition(
            container_id=ContainerId(UUID(str(bag.container_id))),
            disposition=ContainerDisposition.RELEASED,
            reason=row.rfi_number,
            by=by,
        )
    least = dose.ordered_amount * (1 - dossier.definition.therapy.dose.tolerance.to("1").magnitude)
    orders.record_release(
        order_id=OrderId(row.order_id),
        rfi_number=row.rfi_number,
        bags=bags,
        reduced_dose=dose.amount < least,
        by=by,
    )


def _reject(dossier: Dossier, reason: str) -> Disposition:
    bag = reserve_of(dossier)
    refuse_any(
        [
            *rules.asked_blockers(awaited=awaited(dossier)),
            *rules.signer_blockers(dossier.signer(dossier.by)),
        ]
    )
    row = _row(dossier, Decision.REJECT_RESERVE, reason, None)
    _record(row, dossier)
    if bag is not None:
        identity.set_disposition(
            container_id=ContainerId(bag.pk),
            disposition=ContainerDisposition.REJECTED,
            reason=reason,
            by=dossier.by,
        )
    orders.stop_course(
        order_id=OrderId(dossier.order.pk), cause=StopCause.PRODUCT_REJECTED, reason=reason, by=dossier.by
    )
    return row
