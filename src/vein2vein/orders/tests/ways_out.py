"""The ways out in the matrix of orders: how far the course is, who acts, who witnesses, the arguments, the fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from vein2vein import journal
from vein2vein.core.ids import OrderId
from vein2vein.orders import actions
from vein2vein.orders.states import (
    CourseDecision,
    EndCause,
    ObstacleKind,
    RefusalCause,
    StopCause,
    UnusedDecision,
)
from vein2vein.orders.tests.conftest import Course

Build = Callable[[Course], dict[str, Any]]


def _with(**more: Any) -> Build:
    return lambda course: {"order_id": course.order.pk, **more}


def _bag(course: Course, **more: Any) -> dict[str, Any]:
    return {"order_id": course.order.pk, "scanned_bag": course.bags[0].code, **more}


def _container(course: Course, **more: Any) -> dict[str, Any]:
    return {"order_id": course.order.pk, "scanned_container": course.bags[0].code, **more}


def _today(course: Course, field: str) -> dict[str, Any]:
    return {"order_id": course.order.pk, field: course.clock.at.date()}


UNFIT: dict[str, Any] = {"kind": ObstacleKind.PATIENT_UNFIT, "reason": "fever"}
ENDED: dict[str, Any] = {"cause": EndCause.TOO_ILL, "reason": "progression"}
CASES: dict[str, tuple[str, str, str, Build, str]] = {
    "orders.end_course": ("collected", "physician.rj", "", _with(**ENDED), "CourseEnded"),
    "orders.withdraw_consent": (
        "material_accepted",
        "coordinator.rj",
        "",
        lambda course: _today(course, "withdrawn_on"),
        "ConsentWithdrawn",
    ),
    "orders.report_death": ("released", "physician.rj", "", lambda course: _today(course, "died_on"), "DeathReported"),
    "orders.report_obstacle": ("accepted", "physician.rj", "", _with(**UNFIT), "ObstacleReported"),
    "orders.lift_obstacle": ("unfit", "physician.rj", "", _with(**UNFIT), "ObstacleLifted"),
    "orders.reschedule_collection": (
        "accepted",
        "planner",
        "",
        lambda course: {
            "order_id": course.order.pk,
            "collection_planned_at": course.clock.at + timedelta(days=5),
            "reason": "fever",
        },
        "CollectionRescheduled",
    ),
    "orders.give_slot_back": ("accepted", "planner", "", _with(reason="fever"), "SlotGivenBack"),
    "orders.renew_eligibility": (
        "accepted",
        "physician.rj",
        "",
        lambda course: {
            "order_id": course.order.pk,
            "virology": [f"hiv = negative, {course.clock.at.date().isoformat()}"],
        },
        "EligibilityRenewed",
    ),
    "orders.fail_collection": ("collecting", "nurse.rj", "", _with(reason="access lost"), "CourseStopped"),
    "orders.decide_course": (
        "stopped",
        "physician.rj",
        "",
        _with(decision=CourseDecision.REMANUFACTURE, reason="a second bag is there"),
        "CourseDecided",
    ),
    "orders.accept_single_copy": ("released", "qp", "", _with(reason="yield was low"), "SingleCopyAccepted"),
    "orders.interrupt_infusion": (
        "infusing",
        "infusion.rj",
        "",
        lambda course: _bag(course, reason="rigors"),
        "InfusionInterrupted",
    ),
    "orders.resume_infusion": ("interrupted", "infusion.rj", "", _bag, "InfusionResumed"),
    "orders.refuse_infusion": (
        "thawed",
        "physician.rj",
        "",
        _with(cause=RefusalCause.PATIENT_REFUSED, reason="says no"),
        "InfusionRefused",
    ),
    "orders.decide_unused": (
        "ended",
        "qareviewer",
        "",
        lambda course: _container(course, decision=UnusedDecision.DESTROY, reason="course over"),
        "UnusedDecided",
    ),
    "orders.destroy_unused": (
        "to_destroy",
        "celllab.rj",
        "celllab.rj2",
        lambda course: _container(course, reason="course over"),
        "UnusedDestroyed",
    ),
}


def stop(course: Course, cause: StopCause = StopCause.BATCH_TERMINATED) -> Course:
    """Let the course stand still, as a context above does."""
    actions.stop_course(order_id=course.order_id, cause=cause, reason="contaminated", by=course.system)
    course.again()
    return course


def end(course: Course) -> Course:
    """End the course by its physician."""
    course.signed(course.who("physician"), "orders.end_course", order_id=course.order_id, **ENDED)
    course.again()
    return course


def accept_bag(course: Course) -> None:
    """Accept the collected bag, as the receipt gate does."""
    from vein2vein.core.ids import ContainerId
    from vein2vein.identity import actions as identity
    from vein2vein.identity.models import Container
    from vein2vein.identity.states import Disposition

    bag = Container.objects.get(coi_id=course.order.coi_id, kind="starting_material", state="active")
    identity.set_disposition(
        container_id=ContainerId(bag.pk), disposition=Disposition.ACCEPTED, reason="test", by=course.system
    )


def reach(course: Course, point: str) -> bool:
    """Carry a course to a point of the ways out; say whether it is one."""
    match point:
        case "unfit":
            course.to("accepted")
            actions.report_obstacle(order_id=course.order_id, **UNFIT, by=course.who("physician"))
        case "stopped":
            course.to("material_accepted")
            accept_bag(course)
            course.to("in_manufacture")
            stop(course)
        case "interrupted":
            course.to("thawed").match(course.bags[0])
            given: dict[str, Any] = {"order_id": OrderId(course.order.pk), "scanned_bag": course.bags[0].code}
            journal.ACTIONS["orders.start_infusion"].run(**given, by=course.who("infusion"))
            actions.interrupt_infusion(**given, reason="rigors", by=course.who("infusion"))
        case "ended":
            end(course.to("at_site"))
        case "to_destroy":
            end(course.to("at_site"))
            decided = {"decision": UnusedDecision.DESTROY, "reason": "course over"}
            course.signed(course.find("qareviewer"), "orders.decide_unused", **_container(course, **decided))
        case _:
            return False
    return True


REPEATABLE = {"orders.reschedule_collection", "orders.renew_eligibility"}
