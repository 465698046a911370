"""The risk of a single copy of a patient's product, accepted by name (N19)."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.orders import facts, reads, rules
from vein2vein.orders.models import Order
from vein2vein.orders.rules import copies, ways_out
from vein2vein.orders.states import ENDABLE


@journal.action(
    "orders.accept_single_copy",
    roles={Role.QUALIFIED_PERSON, Role.QA_REVIEWER, Role.PHYSICIAN},
    signed=N_("single-copy risk accepted"),
)
def accept_single_copy(*, order_id: OrderId, reason: str, by: Actor) -> Order:
    """Accept by name and signature that there is no second copy of a patient's product; the definition says who may."""
    order = reads.get_order(order_id=order_id, by=by)
    accepted_by = reads.definition_of(order).supply.back_up.accepted_by
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.state_blockers(order.state, ENDABLE),
            *copies.acceptance_blockers(
                accepted_by=accepted_by, held=by.roles, accepted=order.single_copy_accepted_at is not None
            ),
        ]
    )
    journal.record(
        facts.SingleCopyAccepted(order_id=order.id, order_code=order.code, accepted_by=by.name, reason=reason),
        stream=order.stream,
        refs=[*order.refs, f"account:{by.account_id}"],
        changes=[
            (
                order,
                {"single_copy_accepted_at": journal.current().at, "single_copy_accepted_by": by.account_id},
            )
        ],
    )
    return order
