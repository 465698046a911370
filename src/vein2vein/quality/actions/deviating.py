"""Deviations: opened by people and by following, classified, investigated, closed by signature."""

from __future__ import annotations

from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, DeviationId, OrderId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, Refused, refuse_any
from vein2vein.engines.codes import Kind, issue
from vein2vein.manufacturing import actions as manufacturing
from vein2vein.manufacturing.reads import get_batch, list_executors
from vein2vein.orders.reads import load_order
from vein2vein.quality import facts, reads, rules
from vein2vein.quality.models import Deviation
from vein2vein.quality.states import Severity

QUALITY = (Role.QA_REVIEWER, Role.QUALIFIED_PERSON)
OPENERS = (
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.WAREHOUSE,
    Role.QC_ANALYST,
    Role.QC_REVIEWER,
    Role.PLANNER,
    *QUALITY,
)
HOLDABLE = ("open", "completed", "reviewed")

journal.explain(
    "quality_deviation_source_key",
    Blocker(
        code="quality.deviation_exists",
        message=N_("A deviation was opened for this already"),
        field="source",
        mend=N_("Go on with that deviation"),
    ),
)


def stream_of(deviation: Deviation) -> str:
    """Return the journal stream of a deviation: the thread it hangs on, or its own."""
    if deviation.coi_id is not None:
        return f"coi:{deviation.coi_id}"
    return f"order:{deviation.order_id}" if deviation.order_id is not None else f"deviation:{deviation.pk}"


def refs_of(deviation: Deviation) -> list[str]:
    """Return what an entry about a deviation refers to."""
    named = {"batch": deviation.batch_id, "order": deviation.order_id}
    return [f"deviation:{deviation.pk}", *(f"{kind}:{value}" for kind, value in named.items() if value is not None)]


@journal.action("quality.open_deviation", roles=OPENERS)
def open_deviation(
    *,
    subject: str,
    description: str,
    batch_id: BatchId | None = None,
    order_id: OrderId | None = None,
    hold: bool = True,
    blocks_release: bool = True,
    source: str = "",
    involved: list[str] | None = None,
    by: Actor,
) -> Deviation:
    """Open a deviation on a batch or an order: what it is about, and what was seen; with a hold on an unreleased batch.

    `source` is what it comes from; a second deviation of the same source is refused. `involved` are the accounts of
    those who did it, besides whoever opens it by hand; none of them closes it.
    """
    refuse_any(rules.open_blockers(subject=subject, description=description))
    if batch_id is None and order_id is None:
        raise Refused(
            Blocker(
                code="quality.deviation_on_nothing",
                message=N_("A deviation is about a batch or an order"),
                field="batch_id",
                mend=N_("Say which"),
            )
        )
    batch = None if batch_id is None else get_batch(batch_id, by=by)
    order = load_order(order_id) if batch is None and order_id is not None else None
    deviation = Deviation(
        code=issue(Kind.DOCUMENT),
        source=source or f"hand:{journal.current().id}",
        coi_id=batch.coi_id if batch is not None else (None if order is None else order.coi_id),
        order_id=batch.order_id if batch is not None else order_id,
        batch=batch,
        subject=subject,
        description=description,
        blocks_release=blocks_release,
        involved=sorted(set(involved or ())),
        opened_at=journal.current().at,
        opened_by_name=by.name,
    )
    if hold and batch is not None and batch.state in HOLDABLE:
        deviation.hold = manufacturing.place_hold(
            batch_id=BatchId(batch.pk),
            reason=f"{deviation.code}: {subject}",
            source=f"deviation:{deviation.pk}",
            by=by,
        )
    journal.record(
        facts.DeviationOpened(
            deviation_id=deviation.pk,
            deviation=deviation.code,
            source=deviation.source,
            subject=subject,
            description=description,
            batch_id=deviation.batch_id,
            order_id=deviation.order_id,
            coi_id=deviation.coi_id,
            hold_id=deviation.hold_id,
            blocks_release=blocks_release,
            involved=deviation.involved,
        ),
        stream=stream_of(deviation),
        refs=refs_of(deviation),
        inserts=[deviation],
    )
    return deviation


@journal.action("quality.classify_deviation", roles=QUALITY)
def classify_deviation(
    *, deviation_id: DeviationId, severity: Severity, reason: str, blocks_release: bool = True, by: Actor
) -> Deviation:
    """Say how grave a deviation is; a minor one may let a release go before it is closed."""
    deviation = reads.get_deviation(deviation_id=deviation_id, by=by)
    refuse_any(
        rules.classify_blockers(state=deviation.state, severity=severity, blocks_release=blocks_release, reason=reason)
    )
    journal.record(
        facts.DeviationClassified(
            deviation_id=deviation.pk,
            deviation=deviation.code,
            batch_id=deviation.batch_id,
            severity=severity.value,
            blocks_release=blocks_release,
            reason=reason,
        ),
        stream=stream_of(deviation),
        refs=refs_of(deviation),
        changes=[
            (
                deviation,
                {
                    "severity": severity.value,
                    "blocks_release": blocks_release,
                    "classified_at": journal.current().at,
                    "classified_by_id": by.account_id,
                },
            )
        ],
    )
    return deviation


@journal.action("quality.investigate_deviation", roles=(*QUALITY, Role.SUPERVISOR, Role.QC_REVIEWER))
def investigate_deviation(
    *, deviation_id: DeviationId, root_cause: str, impact: str, correction: str = "", by: Actor
) -> Deviation:
    """Write down why it happened, what it means for the product, and what was done about it."""
    deviation = reads.get_deviation(deviation_id=deviation_id, by=by)
    refuse_any(rules.investigate_blockers(root_cause=root_cause, impact=impact))
    journal.transition(
        deviation,
        "investigate",
        facts.DeviationInvestigated(
            deviation_id=deviation.pk,
            deviation=deviation.code,
            batch_id=deviation.batch_id,
            root_cause=root_cause,
            impact=impact,
            correction=correction,
        ),
        stream=stream_of(deviation),
        refs=refs_of(deviation),
        root_cause=root_cause,
        impact=impact,
        correction=correction,
        investigated_at=journal.current().at,
        investigated_by_id=by.account_id,
    )
    return deviation


@journal.action("quality.reopen_deviation", roles=QUALITY)
def reopen_deviation(*, deviation_id: DeviationId, reason: str, by: Actor) -> Deviation:
    """Send an investigation back that is not enough."""
    deviation = reads.get_deviation(deviation_id=deviation_id, by=by)
    refuse_any(rules.reason_blockers(reason, "reason"))
    journal.transition(
        deviation,
        "reopen",
        facts.DeviationReopened(
            deviation_id=deviation.pk, deviation=deviation.code, batch_id=deviation.batch_id, reason=reason
        ),
        stream=stream_of(deviation),
        refs=refs_of(deviation),
    )
    return deviation


def _require_not_involved(deviation: Deviation, by: Actor) -> None:
    involved = set(deviation.involved)
    if deviation.batch is not None:
        involved |= set(list_executors(deviation.batch))
    if found := rules.closer_blockers(by=str(by.account_id), name=by.name, involved=involved):
        raise NotAllowed(found)


@journal.action("quality.allow_to_continue", roles=QUALITY, signed=N_("batch may go on under an open deviation"))
def allow_to_continue(*, deviation_id: DeviationId, reason: str, by: Actor) -> Deviation:
    """Lift the hold of a deviation by signature, so that the batch goes on; the deviation stays open."""
    deviation = reads.get_deviation(deviation_id=deviation_id, by=by)
    refuse_any(rules.reason_blockers(reason, "reason"))
    _require_not_involved(deviation, by)
    _lift(deviation.hold_id, reason, by)
    return deviation


def _lift(hold_id: UUID | None, reason: str, by: Actor) -> None:
    if hold_id is None:
        raise Refused(
            Blocker(
                code="quality.no_hold",
                message=N_("This deviation holds nothing"),
                field="deviation_id",
                mend=N_("The batch goes on as it is"),
            )
        )
    manufacturing.lift_hold(hold_id=hold_id, reason=reason, by=by)


@journal.action("quality.close_deviation", roles=QUALITY, signed=N_("deviation closed"))
def close_deviation(*, deviation_id: DeviationId, reason: str, by: Actor) -> Deviation:
    """Close an investigated deviation by signature, never one's own doing; its hold is lifted."""
    deviation = reads.get_deviation(deviation_id=deviation_id, by=by)
    _require_not_involved(deviation, by)
    refuse_any(rules.close_blockers(state=deviation.state, severity=deviation.severity, reason=reason))
    if deviation.hold is not None and deviation.hold.state == "open":
        _lift(deviation.hold_id, f"{deviation.code}: {reason}", by)
    journal.transition(
        deviation,
        "close",
        facts.DeviationClosed(
            deviation_id=deviation.pk,
            deviation=deviation.code,
            batch_id=deviation.batch_id,
            severity=deviation.severity,
            reason=reason,
            closed_by=by.name,
        ),
        stream=stream_of(deviation),
        refs=refs_of(deviation),
        closing_reason=reason,
        closed_at=journal.current().at,
        closed_by_id=by.account_id,
        closed_by_name=by.name,
    )
    return deviation
