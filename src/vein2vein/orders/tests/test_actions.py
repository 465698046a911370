"""Every action: who may, what is written, and that a refusal leaves nothing behind."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refusal, Refused
from vein2vein.journal.reads import EntryView, list_recent
from vein2vein.orders.models import (
    Collection,
    DateRequest,
    Document,
    DoseBag,
    FollowUpVisit,
    Infusion,
    Interruption,
    Obstacle,
    Order,
    Reconfirmation,
)
from vein2vein.orders.states import Moment
from vein2vein.orders.tests import hospital, ways_out
from vein2vein.orders.tests.conftest import Course

PEOPLE = {
    Role.PHYSICIAN: "physician.rj",
    Role.COORDINATOR: "coordinator.rj",
    Role.APHERESIS_NURSE: "nurse.rj",
    Role.CELL_LAB: "celllab.rj",
    Role.INFUSION_NURSE: "infusion.rj",
    Role.CARRIER: "carrier.a",
    Role.WAREHOUSE: "warehouse",
    Role.OPERATOR: "operator1",
    Role.SUPERVISOR: "supervisor",
    Role.QC_ANALYST: "analyst",
    Role.QC_REVIEWER: "qcreviewer",
    Role.QA_REVIEWER: "qareviewer",
    Role.QUALIFIED_PERSON: "qp",
    Role.PLANNER: "planner",
    Role.ADMINISTRATOR: "admin",
}
HERE = sorted(name for name in journal.ACTIONS if name.startswith("orders."))
INTERNAL = [name for name in HERE if journal.ACTIONS[name].internal]
PUBLIC = [name for name in HERE if not journal.ACTIONS[name].internal]

Build = Callable[[Course], dict[str, Any]]


def _order(course: Course) -> dict[str, Any]:
    return {"order_id": course.order.pk}


def _with(**more: Any) -> Build:
    return lambda course: {**_order(course), **more}


def _band(course: Course) -> dict[str, Any]:
    return {**_order(course), "scanned_wristband": course.wristband}


def _bag(course: Course) -> dict[str, Any]:
    return {**_order(course), "scanned_bag": course.bags[0].code}


CASES: dict[str, tuple[str, str, str, Build, str]] = {
    "orders.draft_order": ("", "coordinator.rj", "", lambda course: course.drafting(), "OrderDrafted"),
    "orders.submit_order": ("drafted", "physician.rj", "", _order, "OrderSubmitted"),
    "orders.accept_order": ("submitted", "planner", "", _order, "OrderAccepted"),
    "orders.cancel_order": ("accepted", "physician.rj", "", _with(reason="patient withdrew"), "OrderCancelled"),
    "orders.confirm_weight": (
        "submitted",
        "coordinator.rj",
        "",
        lambda course: {
            **_order(course),
            "weight_kg": Decimal("61"),
            "weight_measured_at": course.clock.at - timedelta(hours=1),
        },
        "WeightConfirmed",
    ),
    "orders.reconfirm_site": (
        "accepted",
        "coordinator.rj",
        "",
        _with(moment=Moment.COLLECTION),
        "SiteReconfirmed",
    ),
    "orders.print_collection_kit": ("accepted", "coordinator.rj", "", _order, "CollectionKitPrinted"),
    "orders.start_collection": ("bedside", "nurse.rj", "nurse.rj2", _band, "CollectionStarted"),
    "orders.activate_kit_label": (
        "collecting",
        "nurse.rj",
        "",
        lambda course: {**_band(course), "scanned_label": course.label()},
        "KitLabelActivated",
    ),
    "orders.record_collection": ("labelled", "nurse.rj", "", _with(volume_ml=Decimal("200")), "CollectionRecorded"),
    "orders.plan_infusion": (
        "released",
        "coordinator.rj",
        "",
        lambda course: {**_order(course), "infusion_planned_at": course.clock.at + timedelta(days=9)},
        "InfusionPlanned",
    ),
    "orders.clear_for_lymphodepletion": ("reconfirmed", "physician.rj", "", _order, "ClearedForLymphodepletion"),
    "orders.report_lymphodepletion": (
        "cleared",
        "infusion.rj",
        "",
        lambda course: {**_order(course), "started_at": course.clock.at},
        "LymphodepletionReported",
    ),
    "orders.confirm_dose": ("cleared", "physician.rj", "", lambda course: course.dose(), "DoseConfirmed"),
    "orders.thaw_product": ("dosed", "celllab.rj", "", _bag, "ProductThawed"),
    "orders.match_at_bedside": (
        "thawed",
        "infusion.rj",
        "infusion.rj2",
        lambda course: {**_band(course), "scanned_bag": course.bags[0].code},
        "BedsideMatched",
    ),
    "orders.start_infusion": ("matched", "infusion.rj", "", _bag, "InfusionStarted"),
    "orders.record_infusion": (
        "infusing",
        "infusion.rj",
        "",
        lambda course: {**_bag(course), "volume_ml": Decimal("20")},
        "InfusionRecorded",
    ),
    "orders.record_visit": (
        "infused_later",
        "physician.rj",
        "",
        lambda course: {**_order(course), "visit": "day_7", "on": course.clock.at.date()},
        "VisitRecorded",
    ),
    "orders.close_order": ("visited", "physician.rj", "", _order, "CourseClosed"),
    **ways_out.CASES,
    **hospital.CASES,
}
"""For each public action: how far the course is, who acts, who witnesses, the arguments, and the fact."""


def reach(course: Course, point: str) -> None:
    """Carry a course to a state, or to a point between two states."""
    if ways_out.reach(course, point) or hospital.reach(course, point):
        course.again()
        return
    match point:
        case "":
            return
        case "bedside":
            course.to("accepted").to_bedside()
        case "labelled":
            course.to("collecting").activate()
        case "reconfirmed":
            course.to("at_site").reconfirm("physician", Moment.LYMPHODEPLETION)
        case "dosed":
            course.to("cleared").lymphodeplete()
            course.confirm_dose()
        case "matched":
            course.to("thawed").match(course.bags[0])
        case "infusing":
            course.to("thawed").match(course.bags[0])
            journal.ACTIONS["orders.start_infusion"].run(**_bag(course), by=course.who("infusion"))
        case "infused_later":
            course.to("infused").clock.advance(timedelta(days=7))
        case "visited":
            course.to("infused").hold_all_visits()
        case _:
            course.to(point)
    if hasattr(course, "order"):
        course.again()


def act(course: Course, action: str, arguments: dict[str, Any], username: str, witness: str) -> Any:
    """Perform an action with the signatures that it needs."""
    spec = journal.ACTIONS[action]
    by = course.find(username)
    people: dict[str, Actor | None] = {"by": course.sign(by, action, **arguments) if spec.signed else by}
    if witness:
        people["witness"] = course.sign(course.find(witness), action, **arguments)
    elif "witness" in inspect.signature(spec.body).parameters:
        people["witness"] = None
    return spec.run(**arguments, **people)


def everything() -> dict[str, Any]:
    """Return all rows of orders and the newest entry's id: what a refusal must leave as it is."""
    newest = list_recent(limit=1)
    tables: tuple[type[Model], ...] = (Order, Collection, DoseBag, Infusion, FollowUpVisit, Reconfirmation)
    tables = (*tables, Interruption, Obstacle, DateRequest, Document)
    return {
        "entry": newest[0].id if newest else 0,
        **{model.__name__: sorted(model._default_manager.values_list(), key=str) for model in tables},
    }


def told_since(entry_id: int) -> list[EntryView]:
    return [one for one in list_recent(limit=50) if one.id > entry_id]


def test_every_public_action_has_its_case() -> None:
    assert sorted(CASES) == PUBLIC


@pytest.mark.parametrize("action", PUBLIC)
def test_allowed_and_written(course: Course, action: str) -> None:
    point, username, witness, build, fact = CASES[action]
    reach(course, point)
    arguments, before = build(course), everything()["entry"]
    act(course, action, arguments, username, witness)
    entries = [one for one in told_since(before) if one.fact.startswith("orders.")]
    entries = [one for one in entries if one.fact != hospital.BESIDE.get(action)]
    assert [(one.action, one.fact) for one in entries] == [(action, f"orders.{fact}")]
    entry = entries[0]
    order = Order.objects.get(pk=entry.data["order_id"])
    assert entry.stream == order.stream
    assert f"order:{order.pk}" in entry.payload["refs"]
    assert entry.payload["by"]["account"] == str(course.find(username).account_id)
    assert len(entry.payload["signatures"]) == bool(journal.ACTIONS[action].signed) + bool(witness)
    # The rows of a kit, of a destroyed container and of a bed are written below, in the entry before.
    written_below = ("orders.print_collection_kit", "orders.destroy_unused", "orders.plan_infusion")
    assert entry.payload["effects"] or action in written_below


@pytest.mark.parametrize("action", PUBLIC)
def test_nobody_else_may(course: Course, action: str) -> None:
    spec = journal.ACTIONS[action]
    names = [name for name in inspect.signature(spec.body).parameters if name != "by"]
    before = everything()
    for role, username in PEOPLE.items():
        if role not in spec.roles:
            with pytest.raises(NotAllowed):
                spec.run(**dict.fromkeys(names), by=course.find(username))
    assert everything() == before


@pytest.mark.parametrize("action", INTERNAL)
def test_internal_actions_have_no_door(course: Course, action: str) -> None:
    spec = journal.ACTIONS[action]
    names = [name for name in inspect.signature(spec.body).parameters if name != "by"]
    for username in PEOPLE.values():
        with pytest.raises(NotAllowed):
            spec.run(**dict.fromkeys(names), by=course.find(username))


@pytest.mark.parametrize(
    "action", [name for name in PUBLIC if name != "orders.draft_order" and ".rj" in CASES[name][1]]
)
def test_another_hospital_finds_nothing(course: Course, action: str) -> None:
    point, username, witness, build, _ = CASES[action]
    reach(course, point)
    arguments, before = build(course), everything()
    with pytest.raises(NotFound):
        act(course, action, arguments, username.replace(".rj", ".bj"), witness.replace(".rj", ".bj"))
    assert everything() == before


@pytest.mark.parametrize("action", [name for name in PUBLIC if journal.ACTIONS[name].signed])
def test_unsigned_is_refused(course: Course, action: str) -> None:
    point, username, _, build, _ = CASES[action]
    reach(course, point)
    arguments, before = build(course), everything()
    with pytest.raises(NotAllowed):
        journal.ACTIONS[action].run(**arguments, by=course.find(username))
    assert everything() == before


@pytest.mark.parametrize("action", ["orders.start_collection", "orders.match_at_bedside"])
def test_one_person_alone_is_refused(course: Course, action: str) -> None:
    point, username, _, build, _ = CASES[action]
    reach(course, point)
    arguments, before = build(course), everything()
    with pytest.raises(Refused):
        act(course, action, arguments, username, "")
    with pytest.raises(NotAllowed):
        act(course, action, arguments, username, username)
    assert everything() == before


REPEATABLE = {
    f"orders.{verb}" for verb in ("draft_order", "reconfirm_site", "confirm_weight", "report_lymphodepletion")
}
REPEATABLE |= {f"orders.{verb}" for verb in ("confirm_dose", "match_at_bedside", "record_visit", "plan_infusion")}
REPEATABLE |= ways_out.REPEATABLE


@pytest.mark.parametrize("action", [name for name in PUBLIC if name not in REPEATABLE])
def test_twice_is_once(course: Course, action: str) -> None:
    point, username, witness, build, _ = CASES[action]
    reach(course, point)
    arguments = build(course)
    act(course, action, arguments, username, witness)
    before = everything()
    with pytest.raises((Conflict, Refused)):
        act(course, action, arguments, username, witness)
    assert everything() == before


REFUSALS: list[tuple[str, str, str, Build, type[Refusal], str]] = [
    ("orders.draft_order", "", "coordinator.rj", lambda c: c.drafting(arm="mm-dl9"), Refused, "orders.arm"),
    (
        "orders.draft_order",
        "",
        "coordinator.rj",
        lambda c: c.drafting(dose_amount=Decimal(3)),
        Refused,
        "orders.arm_dose",
    ),
    ("orders.draft_order", "", "coordinator.rj", lambda c: c.drafting(dose_unit="cell"), Refused, "orders.dose_unit"),
    (
        "orders.draft_order",
        "",
        "coordinator.rj",
        lambda c: c.drafting(subject_number=""),
        Refused,
        "orders.trial_detail_missing",
    ),
    (
        "orders.draft_order",
        "",
        "coordinator.rj",
        lambda c: c.drafting(therapy_code="nothing"),
        Refused,
        "orders.no_definition_in_force",
    ),
    (
        "orders.draft_order",
        "",
        "coordinator.rj",
        lambda c: c.drafting(hospital_code="CN-BJ-DEMO"),
        NotFound,
        "orders.no_hospital",
    ),
    (
        "orders.reconfirm_site",
        "accepted",
        "coordinator.rj",
        _with(moment=Moment.PRODUCT_SHIPMENT),
        Refused,
        "orders.reconfirmation_moment",
    ),
    (
        "orders.reconfirm_site",
        "accepted",
        "physician.rj",
        _with(moment=Moment.COLLECTION),
        NotAllowed,
        "orders.reconfirmed_by_another",
    ),
    ("orders.cancel_order", "accepted", "planner", _with(reason=" "), Refused, "orders.no_reason"),
    ("orders.record_collection", "collecting", "nurse.rj", _with(volume_ml=Decimal(200)), Refused, "orders.no_label"),
    ("orders.record_collection", "labelled", "nurse.rj", _with(volume_ml=Decimal(2)), Refused, "orders.collection_vol"),
    (
        "orders.confirm_weight",
        "submitted",
        "coordinator.rj",
        lambda c: {**_order(c), "weight_kg": Decimal(80), "weight_measured_at": c.clock.at},
        Refused,
        "orders.weight_jump",
    ),
    (
        "orders.report_lymphodepletion",
        "cleared",
        "physician.rj",
        lambda c: {**_order(c), "started_at": c.clock.at + timedelta(hours=1)},
        Refused,
        "orders.lymphodepletion_in_future",
    ),
    (
        "orders.record_infusion",
        "infusing",
        "infusion.rj",
        lambda c: {**_bag(c), "volume_ml": Decimal(21)},
        Refused,
        "orders.infused_volume",
    ),
    (
        "orders.record_visit",
        "infused_later",
        "physician.rj",
        lambda c: {**_order(c), "visit": "day_7", "on": c.clock.at.date() + timedelta(days=2)},
        Refused,
        "orders.visit_day",
    ),
    (
        "orders.record_visit",
        "infused_later",
        "physician.rj",
        lambda c: {**_order(c), "visit": "day_8", "on": c.clock.at.date()},
        NotFound,
        "orders.no_visit",
    ),
]


@pytest.mark.parametrize(
    ("action", "point", "username", "build", "refusal", "code"),
    REFUSALS,
    ids=[f"{one[0].partition('.')[2]}-{one[5].partition('.')[2]}" for one in REFUSALS],
)
def test_refused_and_nothing_left(
    course: Course, action: str, point: str, username: str, build: Build, refusal: type[Refusal], code: str
) -> None:
    reach(course, point)
    arguments, before = build(course), everything()
    with pytest.raises(refusal) as caught:
        act(course, action, arguments, username, "")
    assert any(one.code.startswith(code) for one in caught.value.blockers)
    assert everything() == before
