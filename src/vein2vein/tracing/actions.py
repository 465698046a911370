"""Notices of recalls: opened by following, acknowledged by the hospital."""

from __future__ import annotations

from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import LotId, OrderId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.materials.reads import get_lot
from vein2vein.orders.reads import load_order
from vein2vein.tracing import reads, rules
from vein2vein.tracing.facts import RecallNoticeAcknowledged, RecallNoticeOpened
from vein2vein.tracing.models import RecallNotice
from vein2vein.tracing.states import Standing


@journal.action("tracing.open_recall_notice")
def open_recall_notice(
    *, lot_id: LotId, order_id: OrderId, batch_number: str, standing: Standing, reason: str, by: Actor
) -> RecallNotice:
    """Tell the hospital of an order that a recalled lot touched its course."""
    lot, order = get_lot(lot_id, by=by), load_order(order_id)
    if order.coi_id is None:
        raise Refused(
            Blocker("tracing.no_course", N_("This order has no chain of identity yet"), "order_id", order.code)
        )
    notice = RecallNotice(
        lot=lot,
        coi_id=order.coi_id,
        order=order,
        hospital_id=order.hospital_id,
        batch_number=batch_number,
        standing=standing.value,
        reason=reason,
        opened_at=journal.current().at,
    )
    journal.record(
        RecallNoticeOpened(
            notice_id=notice.pk,
            lot_id=lot.pk,
            lot_number=lot.number,
            material_code=lot.material_code,
            order_id=order.pk,
            order_code=order.code,
            batch_number=batch_number,
            standing=standing.value,
            reason=reason,
        ),
        stream=order.stream,
        refs=[*order.refs, f"lot:{lot.pk}"],
        inserts=[notice],
    )
    return notice


@journal.action("tracing.acknowledge_recall", roles={Role.PHYSICIAN}, signed="recall acknowledged")
def acknowledge_recall(*, notice_id: UUID, measures: str, by: Actor) -> RecallNotice:
    """Sign that you know of a recall that concerns your patient, and say what is done for the patient now."""
    notice = reads.get_notice(notice_id, by=by)
    refuse_any(rules.acknowledgement_blockers(measures))
    journal.transition(
        notice,
        "acknowledge",
        RecallNoticeAcknowledged(
            notice_id=notice.pk,
            lot_id=notice.lot_id,
            lot_number=notice.lot.number,
            order_id=notice.order_id,
            measures=measures.strip(),
            acknowledged_by=by.name,
        ),
        stream=f"coi:{notice.coi_id}",
        refs=[*notice.order.refs, f"lot:{notice.lot_id}", f"account:{by.account_id}"],
        acknowledged_at=journal.current().at,
        acknowledged_by=by.account_id,
        acknowledged_by_name=by.name,
        measures=measures.strip(),
    )
    return notice
