"""Late findings on released products (N17): the product is held, the physician notified, and called until they know."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AlertId, CoiId, ContainerId, OrderId, ResultId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.engines.codes import Kind, issue
from vein2vein.engines.definitions.vocabulary import Trigger
from vein2vein.identity import actions as identity
from vein2vein.identity import reads as identity_reads
from vein2vein.identity.states import Disposition as ContainerDisposition
from vein2vein.orders import actions as orders
from vein2vein.orders.reads import load_order
from vein2vein.orders.states import StopCause
from vein2vein.quality import facts, reads, rules
from vein2vein.quality.actions.obliging import fulfil, open_obligations
from vein2vein.quality.models import Alert
from vein2vein.quality.states import AlertMoment, AlertState, ProductHold

INFUSED = ("infused", "closed")
WHOLE = ("active", "thawed")


def _refs(alert: Alert) -> list[str]:
    named = [f"batch:{alert.batch_id}", f"order:{alert.order_id}", f"site:{alert.hospital_id}"]
    return [f"alert:{alert.pk}", *named, *(f"container:{one}" for one in alert.held_containers)]


@journal.action("quality.raise_alert")
def raise_alert(*, result_id: ResultId, batch_id: UUID, test_code: str, finding: str, limit: str, by: Actor) -> Alert:
    """Raise the alert of a late result that does not conform, and hold what was not infused yet; once for a result."""
    known = Alert.objects.filter(result_id=result_id).first()
    final = reads.final_disposition(batch_id)
    if known is not None:
        return known
    if final is None:
        raise AssertionError("an alert is about a product that was released")
    at, order = journal.current().at, load_order(final.order_id)
    bags = [
        one
        for one in identity_reads.list_containers(coi_id=CoiId(final.batch.coi_id), limit=500, by=by)
        if one.kind == "final_product" and one.disposition == "released" and one.state in WHOLE
    ]
    moment = AlertMoment.AFTER_INFUSION if order.state in INFUSED else AlertMoment.BEFORE_INFUSION
    alert = Alert(
        code=issue(Kind.DOCUMENT),
        batch=final.batch,
        order=order,
        coi_id=final.batch.coi_id,
        hospital_id=order.hospital_id,
        result_id=result_id,
        test_code=test_code,
        finding=finding,
        limit=limit,
        moment=moment.value,
        raised_at=at,
        acknowledge_by_at=at + rules.ACKNOWLEDGE_WITHIN,
        held_containers=[str(one.pk) for one in bags],
    )
    journal.record(
        facts.AlertRaised(
            alert_id=alert.pk,
            alert=alert.code,
            batch_id=final.batch_id,
            batch_number=final.batch.number,
            order_id=order.pk,
            result_id=result_id,
            test_code=test_code,
            finding=finding,
            limit=limit,
            moment=alert.moment,
            acknowledge_by_at=alert.acknowledge_by_at,
            held_containers=[one.code for one in bags],
        ),
        stream=f"coi:{alert.coi_id}",
        refs=_refs(alert),
        inserts=[alert],
    )
    _set(alert.held_containers, ContainerDisposition.QUARANTINED, alert.code, by)
    open_obligations(final, Trigger.LATE_POSITIVE, str(alert.result_id))
    return alert


def _set(containers: list[str], disposition: ContainerDisposition, reason: str, by: Actor) -> None:
    for one in containers:
        identity.set_disposition(container_id=ContainerId(UUID(one)), disposition=disposition, reason=reason, by=by)


@journal.action("quality.escalate_alerts")
def escalate_alerts(*, by: Actor) -> list[Alert]:
    """Call others about every alert that nobody acknowledged in time, and set the next time."""
    at = journal.current().at
    due = Alert.objects.filter(state=AlertState.RAISED, acknowledge_by_at__lte=at).order_by("id")
    return [_escalate(one, at) for one in due]


def _escalate(alert: Alert, at: datetime) -> Alert:
    level = alert.level + 1
    deadline = at + rules.ACKNOWLEDGE_WITHIN
    journal.record(
        facts.AlertEscalated(
            alert_id=alert.pk,
            alert=alert.code,
            batch_id=alert.batch_id,
            order_id=alert.order_id,
            level=level,
            to=sorted(role.value for role in rules.called_at(level)),
            acknowledge_by_at=deadline,
        ),
        stream=f"coi:{alert.coi_id}",
        refs=_refs(alert),
        changes=[(alert, {"level": level, "escalated_at": at, "acknowledge_by_at": deadline})],
    )
    return alert


@journal.action(
    "quality.acknowledge_alert", roles=[Role.PHYSICIAN], signed=N_("late finding known, the patient is being treated")
)
def acknowledge_alert(*, alert_id: AlertId, treatment: str, by: Actor) -> Alert:
    """Sign, as a physician of the patient's hospital, that the finding is known, and what is done for the patient."""
    alert = reads.get_alert(alert_id=alert_id, by=by)
    refuse_any(rules.acknowledge_blockers(state=alert.state, treatment=treatment))
    journal.transition(
        alert,
        "acknowledge",
        facts.AlertAcknowledged(
            alert_id=alert.pk,
            alert=alert.code,
            batch_id=alert.batch_id,
            order_id=alert.order_id,
            acknowledged_by=by.name,
            treatment=treatment,
        ),
        stream=f"coi:{alert.coi_id}",
        refs=_refs(alert),
        acknowledged_at=journal.current().at,
        acknowledged_by_id=by.account_id,
        acknowledged_by_name=by.name,
        treatment=treatment,
    )
    return alert


@journal.action("quality.report_alert", roles=[Role.QUALIFIED_PERSON], signed=N_("late finding reported"))
def report_alert(*, alert_id: AlertId, reference: str, by: Actor) -> Alert:
    """Sign that a finding that the physician knows of was reported, to authority or sponsor, under a reference."""
    alert = reads.get_alert(alert_id=alert_id, by=by)
    refuse_any(rules.report_blockers(state=alert.state, reference=reference))
    journal.transition(
        alert,
        "report",
        facts.AlertReported(
            alert_id=alert.pk,
            alert=alert.code,
            batch_id=alert.batch_id,
            order_id=alert.order_id,
            reference=reference,
            reported_by=by.name,
        ),
        stream=f"coi:{alert.coi_id}",
        refs=_refs(alert),
        reported_at=journal.current().at,
        reported_by_id=by.account_id,
        reported_by_name=by.name,
        report_reference=reference,
    )
    for one in reads.open_obligations_of(alert.batch_id, Trigger.LATE_POSITIVE):
        if one.source.endswith(f":{alert.result_id}"):
            fulfil(one, reference, by)
    return alert


@journal.action(
    "quality.decide_held_product", roles=[Role.QUALIFIED_PERSON], signed=N_("decided about a product that is held")
)
def decide_held_product(*, alert_id: AlertId, decision: ProductHold, reason: str, by: Actor) -> Alert:
    """Sign what becomes of a product held for a late finding: recalled, or released again where it was invalidated."""
    alert = reads.get_alert(alert_id=alert_id, by=by)
    journal.caught_up(f"coi:{alert.coi_id}")
    refuse_any(
        rules.held_blockers(
            moment=alert.moment,
            decided=alert.product_decision,
            decision=decision,
            finding_stands=reads.finding_stands(alert),
            deviations=[one.code for one in reads.blocking_deviations(alert.batch_id, alert.coi_id)],
            reason=reason,
        )
    )
    recalled = decision is ProductHold.RECALL
    held = [identity_reads.get_container_unscoped(ContainerId(UUID(one))) for one in alert.held_containers]
    held = [one for one in held if one.state in WHOLE]
    if recalled:
        held += _quarantined(alert, by)
    journal.record(
        facts.HeldProductDecided(
            alert_id=alert.pk,
            alert=alert.code,
            batch_id=alert.batch_id,
            order_id=alert.order_id,
            decision=decision.value,
            reason=reason,
            container_codes=[one.code for one in held],
        ),
        stream=f"coi:{alert.coi_id}",
        refs=_refs(alert),
        changes=[
            (
                alert,
                {
                    "product_decision": decision.value,
                    "product_decided_at": journal.current().at,
                    "product_decided_by_id": by.account_id,
                },
            )
        ],
    )
    if recalled:
        orders.stop_course(
            order_id=OrderId(alert.order_id),
            cause=StopCause.PRODUCT_RECALLED,
            reason=f"{alert.code}: {reason}",
            by=by,
        )
    after = ContainerDisposition.REJECTED if recalled else ContainerDisposition.RELEASED
    _set([str(one.pk) for one in held], after, f"{alert.code}: {reason}", by)
    return alert


def _quarantined(alert: Alert, by: Actor) -> list[identity_reads.ContainerRow]:
    """Return what was in quarantine for another reason when the finding came, dose or reserve: it is recalled too."""
    dose = {bag.container_id for bag in load_order(alert.order_id).dose_bags}
    return [
        one
        for one in identity_reads.list_containers(coi_id=CoiId(alert.coi_id), limit=500, by=by)
        if (one.pk in dose or (one.kind == "final_product" and one.batch_number == alert.batch.number))
        and one.state in WHOLE
        and one.disposition == ContainerDisposition.QUARANTINED
        and str(one.pk) not in alert.held_containers
    ]


@journal.action("quality.close_alert", roles=[Role.QUALIFIED_PERSON], signed=N_("late finding closed"))
def close_alert(*, alert_id: AlertId, reason: str, by: Actor) -> Alert:
    """Sign that all was done: acknowledged, reported, the product decided about, the deviation closed."""
    alert = reads.get_alert(alert_id=alert_id, by=by)
    refuse_any(
        rules.close_alert_blockers(
            state=alert.state,
            moment=alert.moment,
            product_decision=alert.product_decision,
            deviations=[one.code for one in reads.blocking_deviations(alert.batch_id, alert.coi_id)],
            reason=reason,
        )
    )
    journal.transition(
        alert,
        "close",
        facts.AlertClosed(
            alert_id=alert.pk, alert=alert.code, batch_id=alert.batch_id, order_id=alert.order_id, reason=reason
        ),
        stream=f"coi:{alert.coi_id}",
        refs=_refs(alert),
        closed_at=journal.current().at,
        closed_by_id=by.account_id,
        closing_reason=reason,
    )
    return alert


def due_alerts(at: datetime) -> bool:
    """Say whether an alert waits to be escalated: a deed without an entry does not commit."""
    return Alert.objects.filter(state=AlertState.RAISED, acknowledge_by_at__lte=at).exists()
