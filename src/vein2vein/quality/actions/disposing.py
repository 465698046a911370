"""Batch disposition (批处置): released or rejected by a qualified person, once every gate is open.

The batch's row and the thread's head are locked before anything is looked at, in the order in which everybody else
locks them: what is opened at the same moment is either seen here or comes after.
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, ContainerId, OrderId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.doors.showing import refuse_changed
from vein2vein.engines.codes import Kind, issue
from vein2vein.engines.definitions.vocabulary import Trigger
from vein2vein.identity import actions as identity
from vein2vein.identity.states import Disposition as ContainerDisposition
from vein2vein.journal.sealing import latest_seal
from vein2vein.manufacturing import actions as manufacturing
from vein2vein.manufacturing.actions.situation import locked_batch
from vein2vein.manufacturing.states import UNDER_WAY
from vein2vein.orders import actions as orders
from vein2vein.orders.facts import ReleasedBag
from vein2vein.orders.states import StopCause
from vein2vein.quality import facts, reads, rules
from vein2vein.quality.actions.obliging import open_obligations
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.models import DeclaredDose, Disposition
from vein2vein.quality.states import EXCEPTIONAL, Decision

journal.explain(
    "quality_disposition_once",
    Blocker(
        code="quality.decided_already",
        message=N_("This was decided already"),
        field="decision",
        mend=N_("Load the page again"),
    ),
)
journal.explain(
    "quality_disposition_one_final",
    Blocker(
        code="quality.decided_finally",
        message=N_("The batch has its final disposition"),
        field="decision",
        mend=N_("Load the page again"),
    ),
)


@journal.action("quality.dispose_batch", roles=[Role.QUALIFIED_PERSON], signed=N_("batch disposition"))
def dispose_batch(
    *, batch_id: BatchId, decision: Decision, reason: str, record_version: str = "", by: Actor
) -> Disposition:
    """Release a batch on behalf of manufacturer, MAH or sponsor, or reject it, by the qualified person's signature.

    An exceptional release of what does not conform is there only where the route knows one, at a physician's request.

    A release goes only through every gate that the definition's rule for market and route sets. The last one makes
    the containers of the dose released, tells the order, and gives numbers to certificate, dose report and release
    for infusion.

    `record_version` is the thread as it was shown: what was added to it since refuses the signing.
    """
    batch = locked_batch(batch_id, by)
    journal.caught_up(f"coi:{batch.coi_id}")
    refuse_changed(f"coi:{batch.coi_id}", record_version)
    dossier = Dossier(batch, by=by, at=journal.current().at, exceptional=decision in EXCEPTIONAL)
    refuse_any(rules.reason_blockers(reason, "reason"))
    if decision is Decision.REJECT:
        return _reject(dossier, reason, record_version)
    gates = dossier.gates(decision)
    refuse_any(rules.blockers_of(gates))
    final = dossier.awaited == (decision,)
    row = _row(dossier, decision, reason, final=final)
    row.gates = [{"code": gate.code, "state": gate.state.value} for gate in gates]
    bags = released_bags(row.dose) if final and row.dose is not None else []
    _record(row, dossier, [bag.container_code for bag in bags], record_version)
    if final:
        _release(row, bags, by)
        if decision in EXCEPTIONAL:
            open_obligations(row, Trigger.OOS_SUPPLY, str(row.pk))
    return row


def _row(dossier: Dossier, decision: Decision, reason: str, *, final: bool) -> Disposition:
    seal = latest_seal()
    authorisation, rule = dossier.authorisation(), dossier.rule
    releasing = decision is not Decision.REJECT
    numbered = final and releasing
    signer = dossier.signer(dossier.by)
    return Disposition(
        batch=dossier.batch,
        order=dossier.order,
        request=dossier.request if releasing else None,
        decision=decision.value,
        final=final,
        market=dossier.batch.market,
        route=dossier.batch.route,
        release_rule="" if rule is None or not releasing else rule.id,
        release_type="" if rule is None or not releasing else rule.type.value,
        open_tests=list(dossier.verdict.lacking) if releasing else [],
        authorisation_reference="" if authorisation is None else authorisation.reference,
        assessment=dossier.assessment,
        dose=reads.latest_dose(dossier.batch.pk),
        reason=reason,
        certificate_number=issue(Kind.DOCUMENT) if final else "",
        dose_report_number=issue(Kind.DOCUMENT) if numbered else "",
        rfi_number=issue(Kind.DOCUMENT) if numbered else "",
        merkle_root="" if seal is None else seal.root,
        sealed_at=None if seal is None else seal.sealed_at,
        decided_at=dossier.at,
        decided_by_id=dossier.by.account_id,
        decided_by_name=dossier.by.name,
        delegated_from=signer.delegated_from,
    )


def _record(row: Disposition, dossier: Dossier, container_codes: list[str], record_version: str) -> None:
    journal.record(
        facts.BatchDisposed(
            disposition_id=row.pk,
            batch_id=dossier.batch.pk,
            batch_number=dossier.batch.number,
            order_id=dossier.order.pk,
            decision=row.decision,
            final=row.final,
            market=row.market,
            route=row.route,
            release_rule=row.release_rule,
            release_type=row.release_type,
            open_tests=row.open_tests,
            certificate_number=row.certificate_number,
            rfi_number=row.rfi_number,
            reason=row.reason,
            decided_by=row.decided_by_name,
            delegated_from=row.delegated_from,
            container_codes=container_codes,
            record_version=record_version,
        ),
        stream=f"coi:{dossier.batch.coi_id}",
        refs=[f"batch:{dossier.batch.pk}", f"order:{dossier.order.pk}", f"site:{dossier.batch.site_id}"],
        inserts=[row],
    )


def released_bags(dose: DeclaredDose) -> list[ReleasedBag]:
    """Return the bags of a declared dose as the order records them."""
    return [
        ReleasedBag(
            container_id=UUID(entry["container_id"]),
            container_code=entry["container_code"],
            cells=Decimal(entry["cells"]),
            volume_ml=Decimal(entry["volume_ml"]),
        )
        for entry in dose.bags
    ]


def _release(row: Disposition, bags: list[ReleasedBag], by: Actor) -> None:
    for bag in bags:
        identity.set_disposition(
            container_id=ContainerId(bag.container_id),
            disposition=ContainerDisposition.RELEASED,
            reason=row.rfi_number,
            by=by,
        )
    orders.record_release(
        order_id=OrderId(row.order_id),
        rfi_number=row.rfi_number,
        bags=bags,
        reduced_dose=row.request is not None,
        by=by,
    )
    manufacturing.close_batch(batch_id=BatchId(row.batch_id), by=by)


def _reject(dossier: Dossier, reason: str, record_version: str) -> Disposition:
    done = reads.decisions_of(dossier.batch.pk)
    found = rules.rejection_blockers(
        done=done, final=reads.final_disposition(dossier.batch.pk) is not None, signer=dossier.signer(dossier.by)
    )
    refuse_any(found)
    row = _row(dossier, Decision.REJECT, reason, final=True)
    containers = dossier.final_containers()
    _record(row, dossier, [one.code for one in containers], record_version)
    for one in containers:
        identity.set_disposition(
            container_id=ContainerId(one.pk),
            disposition=ContainerDisposition.REJECTED,
            reason=reason,
            by=dossier.by,
        )
    orders.stop_course(order_id=OrderId(dossier.order.pk), cause=StopCause.BATCH_REJECTED, reason=reason, by=dossier.by)
    if dossier.batch.state == "reviewed":
        manufacturing.close_batch(batch_id=dossier.batch_id, by=dossier.by)
    elif dossier.batch.state in UNDER_WAY:
        manufacturing.end_batch(batch_id=dossier.batch_id, reason=reason, by=dossier.by)
    return row
