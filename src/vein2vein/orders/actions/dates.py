"""A hospital asks for another time of its collection, and the planner answers."""

from __future__ import annotations

from datetime import datetime

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import DateRequestId, OrderId
from vein2vein.core.refusals import refuse_any
from vein2vein.orders import facts, hospital, reads, rules
from vein2vein.orders.actions.preparing import reschedule_collection
from vein2vein.orders.models import DateRequest
from vein2vein.orders.rules import ways_out
from vein2vein.orders.rules.hospital import answer_blockers, wish_blockers
from vein2vein.orders.states import DateRequestState, OrderState

_ASKING = {Role.COORDINATOR, Role.PHYSICIAN}


@journal.action("orders.request_date", roles=_ASKING)
def request_date(*, order_id: OrderId, wished_at: datetime, reason: str, by: Actor) -> DateRequest:
    """Ask the planner for another time of the collection; the planned one holds until the planner agrees."""
    order = reads.get_order(order_id=order_id, by=by)
    at = journal.current().at
    standing = order.date_requests.filter(state=DateRequestState.REQUESTED).exists()
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.state_blockers(order.state, [OrderState.ACCEPTED]),
            *wish_blockers(wished_at, planned_at=order.collection_planned_at, at=at, standing=standing),
        ]
    )
    row = DateRequest(
        order=order,
        planned_at=order.collection_planned_at,
        wished_at=wished_at,
        reason=reason,
        requested_at=at,
        requested_by=by.account_id,
        requested_by_name=by.name,
    )
    journal.record(
        facts.DateRequested(
            order_id=order.id,
            order_code=order.code,
            request_id=row.pk,
            planned_at=row.planned_at,
            wished_at=wished_at,
            reason=reason,
        ),
        stream=order.stream,
        refs=order.refs,
        inserts=[row],
    )
    return row


@journal.action("orders.agree_date", roles={Role.PLANNER})
def agree_date(
    *, request_id: DateRequestId, reason: str, collection_planned_at: datetime | None = None, by: Actor
) -> DateRequest:
    """Agree to the wished time, or to the one given instead: the collection and its slot are moved there."""
    row = hospital.get_date_request(request_id, by=by)
    refuse_any([*rules.reason_blockers(reason), *answer_blockers(row.state)])
    agreed_at = collection_planned_at or row.wished_at
    reschedule_collection(order_id=OrderId(row.order_id), collection_planned_at=agreed_at, reason=reason, by=by)
    fact = facts.DateRequestAgreed(
        order_id=row.order_id,
        order_code=row.order.code,
        request_id=row.pk,
        wished_at=row.wished_at,
        agreed_at=agreed_at,
        reason=reason,
    )
    return _answer(row, "agree", fact, reason, by, agreed_at)


@journal.action("orders.decline_date", roles={Role.PLANNER})
def decline_date(*, request_id: DateRequestId, reason: str, by: Actor) -> DateRequest:
    """Decline the wished time and say why; the planned one holds."""
    row = hospital.get_date_request(request_id, by=by)
    refuse_any([*rules.reason_blockers(reason), *answer_blockers(row.state)])
    fact = facts.DateRequestDeclined(
        order_id=row.order_id, order_code=row.order.code, request_id=row.pk, wished_at=row.wished_at, reason=reason
    )
    return _answer(row, "decline", fact, reason, by)


@journal.action("orders.withdraw_date_request", roles=_ASKING)
def withdraw_date_request(*, request_id: DateRequestId, reason: str, by: Actor) -> DateRequest:
    """Take a request back before it is answered."""
    row = hospital.get_date_request(request_id, by=by)
    refuse_any([*rules.reason_blockers(reason), *answer_blockers(row.state)])
    fact = facts.DateRequestWithdrawn(
        order_id=row.order_id, order_code=row.order.code, request_id=row.pk, wished_at=row.wished_at, reason=reason
    )
    return _answer(row, "withdraw", fact, reason, by)


def _answer(
    row: DateRequest,
    verb: str,
    fact: facts.DateRequestAgreed | facts.DateRequestDeclined | facts.DateRequestWithdrawn,
    answer: str,
    by: Actor,
    agreed_at: datetime | None = None,
) -> DateRequest:
    journal.transition(
        row,
        verb,
        fact,
        stream=row.order.stream,
        refs=row.order.refs,
        answer=answer,
        answered_at=journal.current().at,
        answered_by=by.account_id,
        answered_by_name=by.name,
        agreed_at=agreed_at,
    )
    return row
