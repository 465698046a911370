"""One course from the draft to the last visit, and the journal that it leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.journal.reads import list_touching
from vein2vein.orders import actions, reads
from vein2vein.orders.states import VisitOutcome

FACTS = [
    *("OrderDrafted", "OrderSubmitted", "OrderAccepted", "CollectionKitPrinted", "SiteReconfirmed"),
    *("CollectionStarted", "KitLabelActivated", "CollectionRecorded"),
    *["OrderAdvanced"] * 5,
    *("ReleaseRecorded", "SiteReconfirmed"),
    *["OrderAdvanced"] * 2,
    *("SiteReconfirmed", "ClearedForLymphodepletion", "LymphodepletionReported", "DoseConfirmed"),
    *["ProductThawed", "BedsideMatched", "InfusionStarted", "InfusionRecorded"] * 2,
]


@pytest.mark.requirement("D")
def test_a_course_from_draft_to_infusion(course: Any) -> None:
    course.to("infused")
    told = [one.fact for one in list_touching(f"order:{course.order.pk}") if one.fact.startswith("orders.")]
    assert told == [f"orders.{name}" for name in FACTS]
    visits = reads.list_visits(order_id=course.order.pk, by=course.who("physician"))
    assert visits[-1].code == "year_15"
    assert (visits[-1].due_on - reads.local_day(course.order, course.clock.at)).days == 5479
    assert course.order.slot is not None
    assert course.order.slot.state == "used"


def test_the_course_closes_when_no_visit_is_due(course: Any) -> None:
    course.to("infused")
    with pytest.raises(Refused, match="still due"):
        actions.close_order(order_id=course.order.pk, by=course.who("physician"))
    course.clock.advance(timedelta(days=6000))
    for visit in reads.list_visits(order_id=course.order.pk, by=course.system):
        actions.record_visit(
            order_id=course.order.pk,
            visit=visit.code,
            on=visit.due_on,
            outcome=VisitOutcome.HELD,
            by=course.who("coordinator"),
        )
    assert actions.close_order(order_id=course.order.pk, by=course.who("physician")).state == "closed"
