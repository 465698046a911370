"""Promises, plans and disruptions through the actions: who may, what is written, and that a refusal leaves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from vein2vein import journal
from vein2vein.core.ids import DisruptionId, EquipmentId, PlanId, SiteId
from vein2vein.core.refusals import Conflict, NotAllowed, Refused
from vein2vein.journal.reads import EntryView, list_recent
from vein2vein.network import actions as network
from vein2vein.network.reads import get_equipment, list_reservations_of
from vein2vein.orders import actions as orders
from vein2vein.orders.tests.conftest import Course
from vein2vein.planning import actions, free, reads, rules
from vein2vein.planning.models import DateChange, Disruption, Plan, Promise
from vein2vein.planning.offers import Offered


def facts_of(*names: str) -> list[dict[str, Any]]:
    """Return what the newest entries of these facts say, oldest first."""
    wanted = [one for one in list_recent(limit=60) if one.fact in names]
    return [one.data for one in reversed(wanted)]


def newest(name: str) -> EntryView:
    return next(one for one in list_recent(limit=80) if one.fact == name)


def offered(course: Course) -> list[Offered]:
    return reads.list_promises(order_id=course.order_id, by=course.who("coordinator"))


def promise(course: Course, chosen: Offered, *, by: str = "") -> Promise:
    return actions.promise_date(
        order_id=course.order_id,
        collection_at=chosen.collection_at,
        infusion_at=chosen.infusion_at,
        by=course.find(by) if by else course.who("coordinator"),
    )


def adopt(course: Course, row: Plan) -> Plan:
    adopted: Plan = course.signed(course.find("planner"), "planning.adopt_plan", plan_id=row.pk)
    return adopted


def held(course: Course) -> dict[str, str]:
    rows = list_reservations_of(f"order:{course.order_id}")
    return {one.resource.kind: one.resource.code for one in rows if one.state == "held"}


def test_a_promise_reserves_and_the_acceptance_takes_it(course: Course) -> None:
    course.to("submitted")
    found = offered(course)
    days = [one.collection_at.date() for one in found]
    assert len(set(days)) == len(days) > 1
    assert [one.infusion_at for one in found] == sorted(one.infusion_at for one in found)
    chosen = found[1]
    with pytest.raises(NotAllowed):
        promise(course, chosen, by="operator1")
    assert not held(course)
    kept = promise(course, chosen)
    assert held(course) == {"manufacturing_slot": chosen.slot, "infusion_bed": chosen.bed}
    (told,) = facts_of("planning.DatePromised")
    assert (told["order_code"], told["slot"]) == (course.order.code, chosen.slot)
    assert course.again().collection_planned_at == chosen.collection_at == kept.collection_at
    course.to("accepted")
    assert course.order.slot_id == kept.slot_id
    # The hospital cannot move it any more, the planner can; what was promised gives way.
    with pytest.raises(Refused, match=r"planning.accepted|accepted"):
        promise(course, found[0])
    planner = course.find("planner")
    again = reads.list_promises(order_id=course.order_id, by=planner)[2]
    moved = promise(course, again, by="planner")
    assert Promise.objects.get(pk=kept.pk).state == "moved"
    assert course.again().slot_id == moved.slot_id
    assert len(held(course)) == 2


def test_a_promise_expires_or_is_given_back(course: Course) -> None:
    course.to("submitted")
    by = course.who("coordinator")
    first = offered(course)[0]
    promise(course, first)
    with pytest.raises(Refused):
        actions.release_promise(order_id=course.order_id, reason=" ", by=by)
    with pytest.raises(NotAllowed):
        actions.release_promise(order_id=course.order_id, reason="no", by=course.find("analyst"))
    released = actions.release_promise(order_id=course.order_id, reason="patient asked", by=by)
    assert (released.state, held(course)) == ("released", {})
    assert newest("planning.PromiseEnded").data["how"] == "released"
    second = promise(course, first)
    course.clock.advance(rules.HELD_FOR + timedelta(minutes=1))
    with pytest.raises(NotAllowed):
        actions.expire_promises(by=course.find("planner"))
    assert actions.expire_promises(by=course.system) == 1
    assert Promise.objects.get(pk=second.pk).state == "expired"
    assert not held(course)


def test_a_plan_is_made_moved_undone_and_adopted(course: Course) -> None:
    course.to("accepted")
    planner = course.find("planner")
    with pytest.raises(NotAllowed):
        actions.make_plan(by=course.find("operator1"))
    assert not Plan.objects.exists()
    row = actions.make_plan(reason="first", by=planner)
    (told,) = facts_of("planning.PlanMade")
    assert (told["courses"], told["problem_digest"]) == (1, row.problem_digest)
    assert row.bound <= row.objective
    slot = next(one for one in reads.list_bookings(plan_id=PlanId(row.pk), by=planner) if one.unit.startswith("LINE"))
    later: dict[str, Any] = {
        "plan_id": PlanId(row.pk),
        "order_code": course.order.code,
        "operation": slot.operation,
        "starts_at": slot.starts_at + timedelta(days=1),  # at the same hour: shifts bind at others
        "reason": "room is cleaned",
    }
    with pytest.raises(NotAllowed):
        actions.move_operation(**later, by=course.find("operator1"))
    wrongs: tuple[dict[str, Any], ...] = (
        {"starts_at": slot.starts_at - timedelta(days=2)},
        {"starts_at": slot.starts_at + timedelta(days=20)},
        {"unit_code": "RJ-BED-1"},
        {"operation": "nothing"},
        {"reason": ""},
    )
    for wrong in wrongs:
        with pytest.raises(Refused):
            actions.move_operation(**{**later, **wrong}, by=planner)
    assert Plan.objects.count() == 1
    moved = actions.move_operation(**later, by=planner)
    assert (moved.parent_id, Plan.objects.get(pk=row.pk).state) == (row.pk, "revised")
    assert moved.changes["moves"][0]["why"]["code"] == "by_hand"
    with pytest.raises(NotAllowed):
        actions.undo_move(plan_id=PlanId(moved.pk), by=course.find("operator1"))
    back = actions.undo_move(plan_id=PlanId(moved.pk), by=planner)
    assert (back.pk, back.state) == (row.pk, "draft")
    with pytest.raises(Refused):
        actions.undo_move(plan_id=PlanId(row.pk), by=planner)
    moved = actions.move_operation(**later, by=planner)
    with pytest.raises(NotAllowed):
        actions.adopt_plan(plan_id=PlanId(moved.pk), by=planner)  # without a signature
    was = course.again().slot
    adopted = adopt(course, moved)
    assert adopted.state == "adopted"
    now = course.again().slot
    assert was is not None
    assert now is not None
    assert now.during.lower == slot.starts_at + timedelta(days=1)
    assert [one.state for one in list_reservations_of(f"order:{course.order_id}")] == ["released", "held"]
    (planned,) = facts_of("planning.CoursePlanned")
    assert planned["was_slot_at"] is not None
    assert Plan.objects.get(pk=row.pk).state == "withdrawn"
    again = actions.make_plan(by=planner)
    assert not again.changes["moves"]  # what was moved by hand stays
    course.clock.advance(rules.GOOD_FOR + timedelta(minutes=1))
    with pytest.raises(Refused, match="more than 4 h"):
        adopt(course, again)


@pytest.mark.requirement("issue 5 A: no silent loss")
def test_no_promised_date_moves_in_silence(course: Course) -> None:
    course.to("submitted")
    first = offered(course)[0]
    kept = promise(course, first)
    course.to("accepted")
    planner = course.find("planner")
    adopt(course, actions.make_plan(by=planner))
    # Every line is closed over the promised slot: the plan must move it.
    span: dict[str, Any] = {"starts_at": course.clock.at, "ends_at": first.slot_to_at + timedelta(days=6)}
    for number in range(1, 5):
        actions.record_absence(unit_code=f"LINE-{number}", **span, reason="repair", by=planner)
    (opened,) = [one for one in reads.list_open_disruptions() if one.subject == first.slot]
    assert course.order.code in opened.told
    row = actions.make_plan(by=planner)
    line = DateChange.objects.get(plan=row)
    assert line.becomes_at > kept.infusion_at
    with pytest.raises(Refused, match="nobody has confirmed it"):
        adopt(course, row)
    with pytest.raises(IntegrityError, match="promised date"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE planning_plan SET state = 'adopted', adopted_by = %s WHERE id = %s", [planner.account_id, row.pk]
        )
    given: dict[str, Any] = {"plan_id": PlanId(row.pk), "order_code": course.order.code}
    with pytest.raises(NotAllowed):
        actions.confirm_date(**given, reason="told", by=course.find("operator1"))
    with pytest.raises(Refused):
        actions.confirm_date(**given, reason="", by=planner)
    actions.confirm_date(**given, reason="Dr. Wang was told by telephone", by=planner)
    adopt(course, row)
    kept.refresh_from_db()
    assert kept.infusion_at == line.becomes_at
    assert newest("planning.DateMoved").data["order_code"] == course.order.code
    assert not reads.list_open_disruptions()
    settled = Disruption.objects.get(pk=opened.pk)
    assert settled.plan_id == row.pk


def test_what_happens_is_in_the_inbox_once(course: Course) -> None:
    course.to("submitted")
    first = offered(course)[0]
    promise(course, first)
    course.to("accepted")
    planner = course.find("planner")
    adopt(course, actions.make_plan(by=planner))
    network.take_equipment_out_of_service(
        equipment_id=EquipmentId(get_equipment("RB-01").pk), reason="dead", by=course.find("supervisor")
    )
    orders.cancel_order(order_id=course.order_id, reason="too ill", by=planner)
    journal.run_followers()
    journal.run_followers()
    kinds = {one.kind: one for one in reads.list_open_disruptions()}
    assert "order_ended" in kinds
    assert kinds["order_ended"].subject == course.order.code
    assert reads.find_promise(course.order_id) is None
    one = kinds["order_ended"]
    given: dict[str, Any] = {"disruption_id": DisruptionId(one.pk), "reason": "its slot is given to nobody"}
    with pytest.raises(NotAllowed):
        actions.settle_disruption(**given, by=course.find("operator1"))
    with pytest.raises(Refused):
        actions.settle_disruption(disruption_id=DisruptionId(one.pk), reason="", by=planner)
    actions.settle_disruption(**given, by=planner)
    assert Disruption.objects.get(pk=one.pk).state == "settled"
    with pytest.raises(Refused):
        actions.settle_disruption(**given, by=planner)


def test_absences(course: Course) -> None:
    supervisor, at = course.find("supervisor"), course.clock.at
    given: dict[str, Any] = {"starts_at": at, "ends_at": at + timedelta(days=1), "reason": "ill"}
    with pytest.raises(NotAllowed):
        actions.record_absence(unit_code="operator1", **given, by=course.find("operator1"))
    for wrong in ({"unit_code": "nobody"}, {"ends_at": at}, {"reason": ""}):
        with pytest.raises(Refused):
            actions.record_absence(**{"unit_code": "operator1", **given, **wrong}, by=supervisor)
    assert not reads.list_absences(by=supervisor)
    row = actions.record_absence(unit_code="operator1", **given, by=supervisor)
    assert newest("planning.AbsenceRecorded").data["unit_code"] == "operator1"
    with pytest.raises(NotAllowed):
        actions.withdraw_absence(absence_id=UUID(str(row.pk)), reason="well", by=course.find("operator1"))
    actions.withdraw_absence(absence_id=UUID(str(row.pk)), reason="well again", by=supervisor)
    assert not reads.list_absences(by=supervisor)


def test_an_impossible_demand_is_named(course: Course) -> None:
    course.to("accepted")
    planner, at = course.find("planner"), course.clock.at
    for line in range(1, 5):
        actions.record_absence(
            unit_code=f"LINE-{line}", starts_at=at, ends_at=at + timedelta(weeks=30), reason="rebuilt", by=planner
        )
    with pytest.raises(Refused) as refused:
        actions.make_plan(by=planner)
    said = " ".join(map(str, refused.value.blockers))
    assert course.order.code in said
    assert "manufacturing_slot" in said
    assert not Plan.objects.exists()


def test_somebody_who_was_quicker_is_named(course: Course) -> None:
    course.to("submitted")
    chosen = offered(course)[0]
    for line in range(1, 5):
        network.reserve_unit(
            kind="manufacturing_slot",
            site_id=SiteId(get_equipment("RB-01").site_id),
            code=f"LINE-{line}",
            starts_at=chosen.slot_from_at,
            ends_at=chosen.slot_from_at + timedelta(days=7),
            holder="order:another",
            held_for="another",
            by=course.system,
        )
    with pytest.raises(Conflict, match="not free any more; now it would be"):
        promise(course, chosen)
    assert not held(course)


def test_what_is_kept_as_free_follows_what_is_done(course: Course) -> None:
    """What is renewed by the journal equals what is counted anew, after bookings, promises and what gives back."""

    def anew(whose: Course) -> list[Offered]:
        free.kept().seen = None
        return offered(whose)

    course.to("submitted")
    by, first = course.who("coordinator"), offered(course)
    promise(course, first[0])
    own = offered(course)
    assert own == anew(course)
    assert own[0].infusion_at == first[0].infusion_at  # what it has itself counts as free
    another = Course(course.clock, course.find, course.sign)
    another.number = "DEMO-0002"
    another.draft(initials="AB")
    kept = offered(another)
    assert kept == anew(another)
    actions.release_promise(order_id=course.order_id, reason="patient asked", by=by)
    assert offered(another)[0].infusion_at <= kept[0].infusion_at
    span: dict[str, Any] = {"starts_at": course.clock.at, "ends_at": first[0].slot_to_at, "reason": "ill"}
    absence = actions.record_absence(unit_code="operator1", **span, by=course.find("planner"))
    without = offered(course)
    assert without == anew(course)
    ends = free.kept().grounds.popitem()[1].frame.floor(first[0].slot_to_at)
    assert not [each for each in without[0].chain["taken"] if each[0] == "operator1" and each[1] < ends]
    actions.withdraw_absence(absence_id=UUID(str(absence.pk)), reason="well again", by=course.find("planner"))
    assert offered(course) == anew(course)
