"""Ways out at the bedside: interrupted, stopped, refused; a dose in two parts; what was not given."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.ways_out.conftest import Walk
from vein2vein.orders.states import CourseDecision, RefusalCause

pytestmark = pytest.mark.requirement("W")


def running(walk: Walk) -> dict[str, Any]:
    """Begin the infusion of the first bag; return it as it is scanned."""
    walk.to("thawed").match(walk.bags[0])
    bag = {"scanned_bag": walk.bags[0].code}
    walk.on_order("start_infusion", "infusion.rj", **bag)
    return bag


def test_an_infusion_is_interrupted_and_resumed_in_time(walk: Walk) -> None:
    bag = running(walk)
    walk.on_order("interrupt_infusion", "infusion.rj", **bag, reason="rigors")
    walk.sees("physician.rj", "interrupted", walk.order_page)
    walk.later(minutes=10)
    walk.on_order("resume_infusion", "infusion.rj", **bag)
    walk.later(minutes=10)
    walk.on_order("record_infusion", "infusion.rj", **bag, volume_ml=Decimal(20))
    walk.told("interrupted: rigors", "resumed")


def test_an_interrupted_infusion_is_not_resumed_too_late_and_ends_as_stopped(walk: Walk) -> None:
    bag = running(walk)
    walk.on_order("interrupt_infusion", "infusion.rj", **bag, reason="rigors")
    walk.later(minutes=70)
    late = {"order_id": walk.order.pk, **bag}
    walk.refused("orders.thaw_too_old", "orders.resume_infusion", "infusion.rj", **late)
    stopped = {"volume_ml": Decimal(12), "end": "stopped"}
    walk.refused("orders.no_reason", "orders.record_infusion", "infusion.rj", **late, **stopped)
    walk.on_order("record_infusion", "infusion.rj", **bag, **stopped, remark="rigors, not resumed")
    assert walk.order.state == "infused"
    walk.sees("qareviewer", "Decide about the unused container")
    second = {"scanned_container": walk.bags[1].code, "reason": "infusion stopped"}
    walk.on_order("decide_unused", "qareviewer", **second, decision="destroy")
    walk.on_order("destroy_unused", "celllab.rj", "celllab.rj2", **second)
    assert walk.cells()[walk.bags[1].code] == ("destroyed", "rejected")


def test_refused_at_the_bedside_with_a_bag_left(walk: Walk) -> None:
    walk.to("thawed")
    first, second = (bag.code for bag in walk.bags)
    told = {"cause": RefusalCause.BAG_DAMAGED, "reason": "a port leaks"}
    assert walk.api.act("orders.refuse_infusion", "infusion.rj", order_id=walk.order.pk, **told).status == 403
    walk.on_order("refuse_infusion", "physician.rj", **told)
    assert (walk.order.state, walk.cells()[first]) == ("stopped", ("destroyed", "rejected"))
    walk.sees("physician.rj", "Decide how the course goes on")
    walk.on_order("decide_course", "physician.rj", decision=CourseDecision.CONTINUE, reason="the other bag is good")
    assert (walk.order.state, walk.order.reduced_dose) == ("cleared", True)
    assert walk.cells()[second] == ("active", "released")
    walk.told("Product not infused (bag damaged): a port leaks")


def test_refused_by_the_patient_and_closed(walk: Walk) -> None:
    walk.to("thawed")
    order: dict[str, Any] = {"order_id": walk.order.pk}
    no: dict[str, Any] = {"cause": RefusalCause.PATIENT_REFUSED, "reason": "says no"}
    walk.by_page("orders.refuse_infusion", "physician.rj", **order, **no)
    close: dict[str, Any] = {"decision": CourseDecision.CLOSE, "reason": "final"}
    walk.by_page("orders.decide_course", "physician.rj", **order, **close)
    assert (walk.order.state, walk.order.end_cause) == ("cancelled", "infusion_refused")
    assert walk.cells()[walk.bags[1].code] == ("active", "quarantined")


def test_nobody_ends_a_course_while_cells_run_in(walk: Walk) -> None:
    running(walk)
    ill = {"order_id": walk.order.pk, "cause": "too_ill", "reason": "rigors"}
    walk.refused("orders.infusion_running", "orders.end_course", "physician.rj", **ill)
    died = {"order_id": walk.order.pk, "died_on": walk.clock.at.date()}
    walk.refused("orders.infusion_running", "orders.report_death", "physician.rj", **died)


def test_a_dose_in_two_parts_on_two_days(walk: Walk) -> None:
    walk.to("thawed")
    walk.infuse(walk.bags[0])
    assert walk.again().state == "thawed"
    walk.later(days=2)
    fresh: dict[str, Any] = {"weight_kg": Decimal(60), "weight_measured_at": walk.clock.at - timedelta(hours=1)}
    walk.api.act("orders.confirm_weight", "infusion.rj", order_id=walk.order.pk, **fresh)
    again = {"order_id": walk.order.pk, "scanned_bag": walk.bags[0].code}
    walk.refused("orders.bag_not_active", "orders.thaw_product", "celllab.rj", **again)
    walk.on_order("thaw_product", "celllab.rj", scanned_bag=walk.bags[1].code)
    walk.infuse(walk.bags[1])
    assert walk.again().state == "infused"


def test_consent_withdrawn_after_the_infusion_ends_the_follow_up(walk: Walk) -> None:
    walk.to("infused")
    walk.on_order("withdraw_consent", "coordinator.rj", withdrawn_on=walk.clock.at.date())
    assert (walk.order.state, walk.order.end_cause) == ("closed", "consent_withdrawn")
    assert set(walk.order.visits.values_list("state", flat=True)) == {"waived"}


def test_a_second_course_after_the_first_was_infused(walk: Walk) -> None:
    walk.to("infused")
    first, bags = walk.order, walk.bags
    walk.draft(subject_number="RJ-009")
    walk.on_order("submit_order", "physician.rj")
    walk.on_order("accept_order", "planner")
    assert (walk.order.patient_id, walk.order.state) == (first.patient_id, "accepted")
    assert walk.order.coi_id not in (None, first.coi_id)
    walk.sees("physician.rj", first.code, "/orders")
    walk.sees("physician.rj", walk.order.code, "/orders")
    walk.to("collected")
    assert not {bag.code for bag in bags} & set(walk.cells())
    thaw: dict[str, Any] = {"order_id": walk.order.pk, "scanned_bag": bags[-1].code}
    assert not walk.api.act("orders.thaw_product", "celllab.rj", **thaw).done
