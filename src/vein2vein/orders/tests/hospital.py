"""What hospital and base tell each other, in the matrix of orders: another date, documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from vein2vein import journal
from vein2vein.core.ids import OrderId
from vein2vein.core.uploads import Upload
from vein2vein.orders import actions
from vein2vein.orders.models import DateRequest, Document
from vein2vein.orders.states import DocumentKind
from vein2vein.orders.tests.conftest import Course

PDF = Upload("consent 知情同意.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
Build = Callable[[Course], dict[str, Any]]


def _wish(course: Course) -> dict[str, Any]:
    return {
        "order_id": course.order.pk,
        "wished_at": course.order.collection_planned_at + timedelta(days=2),
        "reason": "fever",
    }


def _document(course: Course) -> dict[str, Any]:
    return {"order_id": course.order.pk, "kind": DocumentKind.CONSENT, "document": PDF}


def _request(course: Course) -> dict[str, Any]:
    return {"request_id": DateRequest.objects.get(order=course.order).pk, "reason": "a slot is free"}


def _shared(course: Course) -> dict[str, Any]:
    return {"document_id": Document.objects.get(order=course.order).pk, "reason": "the wrong file"}


CASES: dict[str, tuple[str, str, str, Build, str]] = {
    "orders.request_date": ("accepted", "coordinator.rj", "", _wish, "DateRequested"),
    "orders.agree_date": ("asked", "planner", "", _request, "DateRequestAgreed"),
    "orders.decline_date": ("asked", "planner", "", _request, "DateRequestDeclined"),
    "orders.withdraw_date_request": ("asked", "physician.rj", "", _request, "DateRequestWithdrawn"),
    "orders.share_document": ("drafted", "coordinator.rj", "", _document, "DocumentShared"),
    "orders.withdraw_document": ("shared", "coordinator.rj", "", _shared, "DocumentWithdrawn"),
}
BESIDE = {"orders.agree_date": "orders.CollectionRescheduled"}
"""What an act tells besides its own fact, by an act within it."""


def reach(course: Course, point: str) -> bool:
    """Carry a course to a point of these cases; False for a point that is none."""
    if point == "asked":
        course.to("accepted")
        actions.request_date(**_wish(course), by=course.who("coordinator"))
    elif point == "shared":
        course.to("drafted")
        journal.ACTIONS["orders.share_document"].run(**_document(course), by=course.who("coordinator"))
    else:
        return False
    assert course.order_id == OrderId(course.order.pk)
    return True
