"""Another date and documents: what is refused, what both sides see, and that no other hospital sees any of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from vein2vein.core.actor import Actor
from vein2vein.core.ids import DateRequestId, DocumentId
from vein2vein.core.refusals import NotFound, Refused
from vein2vein.core.uploads import Upload
from vein2vein.identity.models import Label
from vein2vein.orders import actions, hospital
from vein2vein.orders.rules.hospital import LARGEST_DOCUMENT_BYTES, document_blockers, wish_blockers
from vein2vein.orders.states import DateRequestState, DocumentKind, ObstacleKind
from vein2vein.orders.tests.conftest import Course
from vein2vein.orders.tests.hospital import PDF
from vein2vein.people.models import Account

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
PNG, JPG = b"\x89PNG\r\n\x1a\n rest", b"\xff\xd8\xff\xe0 rest"


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("scan.pdf", b"%PDF-1.4 x", []),
        ("片子.PNG", PNG, []),
        ("a.jpeg", JPG, []),
        ("a.pdf", b"", ["orders.document_empty"]),
        ("a.pdf", PNG, ["orders.document_format"]),
        ("a.exe", b"MZ\x90", ["orders.document_format"]),
        ("page.html", b"<script>", ["orders.document_format"]),
        ("a.pdf", b"%PDF-1.4 << /OpenAction << /S /JavaScript >> >>", ["orders.document_active"]),
        ("a.pdf", b"%PDF-" + bytes(LARGEST_DOCUMENT_BYTES), ["orders.document_too_large"]),
        ("../a.pdf", b"%PDF-1.4", ["orders.document_name"]),
        ('a";x=.pdf', b"%PDF-1.4", ["orders.document_name"]),
        ("a\r\nX: y.pdf", b"%PDF-1.4", ["orders.document_name"]),
    ],
)
def test_only_readable_files_under_their_own_names_are_taken(name: str, content: bytes, codes: list[str]) -> None:
    assert [one.code for one in document_blockers(name, content)] == codes


@pytest.mark.parametrize(
    ("days", "standing", "codes"),
    [
        (2, False, []),
        (2, True, ["orders.date_requested"]),
        (-1, False, ["orders.date_out_of_reach"]),
        (400, False, ["orders.date_out_of_reach"]),
        (5, False, ["orders.date_is_planned"]),
    ],
)
def test_a_date_that_cannot_be_wished_for(days: int, standing: bool, codes: list[str]) -> None:
    planned, wished = AT + timedelta(days=5), AT + timedelta(days=days)
    assert [one.code for one in wish_blockers(wished, planned_at=planned, at=AT, standing=standing)] == codes


def test_the_planners_answer_moves_the_slot_and_both_sides_see_it(course: Course) -> None:
    course.to("accepted")
    was, slot = course.order.collection_planned_at, course.order.slot_id
    wished = was + timedelta(days=2)
    asked = actions.request_date(
        order_id=course.order_id, wished_at=wished, reason="fever", by=course.who("coordinator")
    )
    planner = course.find("planner")
    (waiting,) = hospital.list_date_requests(waiting=True, by=planner)
    assert (waiting.pk, waiting.planned_at) == (asked.pk, was)
    actions.agree_date(request_id=DateRequestId(asked.pk), reason="a slot is free", by=planner)
    order = course.again()
    assert (order.collection_planned_at, order.slot_id == slot) == (wished, False)
    assert hospital.list_date_requests(waiting=True, by=planner) == []
    (seen,) = hospital.list_date_requests(order_id=course.order_id, by=course.who("physician"))
    assert (seen.state, seen.answer, seen.agreed_at) == (DateRequestState.AGREED, "a slot is free", wished)
    assert hospital.list_date_requests(by=course.find("physician.bj")) == []


def test_the_hospitals_page_tells_each_hospital_of_its_own_patients_only(
    course: Course, client_of: Callable[[str], Client]
) -> None:
    course.to("accepted")
    code = course.order.code.encode()
    own = client_of("coordinator.rj").get("/hospital")
    assert code in own.content
    assert b"Slot reserved" in own.content
    assert b"/orders/new/rapid-bcma-cd19" in own.content
    assert code not in client_of("coordinator.bj").get("/hospital").content
    for username in ("coordinator.bj", "carrier.a"):
        assert client_of(username).get("/hospital?site=CN-RJ-DEMO").status_code == 404, username
    assert code in client_of("planner").get("/hospital?site=CN-RJ-DEMO").content
    assert client_of("coordinator.rj").get("/hospital?site=nowhere").status_code == 404


def test_a_course_that_stands_still_and_what_a_form_is_about_are_told_to_its_own_people(
    course: Course, client_of: Callable[[str], Client]
) -> None:
    course.to("accepted")
    own, other = client_of("coordinator.rj"), client_of("coordinator.bj")
    order: dict[str, Any] = {"order_id": course.order_id}
    ask = f"/act/orders.request_date?order_id={course.order_id}"
    assert f'href="{ask}"' in own.get(f"/orders/{course.order_id}").text
    assert f"/planning/promises/{course.order_id}" in client_of("planner").get(f"/orders/{course.order_id}").text
    assert course.order.code in own.get(ask).text
    assert course.order.code in client_of("planner").get(ask).text
    assert course.order.code not in other.get(ask).text
    stands: dict[str, Any] = {"kind": ObstacleKind.SITE_NOT_READY, "reason": "no bed", "by": course.who("coordinator")}
    actions.report_obstacle(**order, **stands)
    assert "Stands still: your site has said that it is not ready" in own.get("/hospital").text
    actions.lift_obstacle(**order, **stands)
    assert "Stands still" not in own.get("/hospital").text
    actions.give_slot_back(**order, reason="nobody knows when", by=course.find("planner"))
    assert "The slot was given back" in own.get("/hospital").text


def test_a_time_without_slot_leaves_request_and_slot_as_they_were(course: Course) -> None:
    course.to("accepted")
    order_id, by = course.order_id, course.who("coordinator")
    wished = course.order.collection_planned_at + timedelta(days=300)
    asked = actions.request_date(order_id=order_id, wished_at=wished, reason="holiday", by=by)
    with pytest.raises(Refused):
        actions.agree_date(request_id=DateRequestId(asked.pk), reason="well", by=course.find("planner"))
    kept = hospital.get_date_request(DateRequestId(asked.pk), by=by)
    assert kept.state == DateRequestState.REQUESTED
    assert course.again().slot_id is not None


def test_a_document_is_fetched_by_both_sides_as_it_came_and_by_no_other_hospital(
    course: Course, client_of: Callable[[str], Client]
) -> None:
    course.to("drafted")
    row = actions.share_document(
        order_id=course.order_id, kind=DocumentKind.CONSENT, document=PDF, by=course.who("coordinator")
    )
    path = reverse("orders:document", args=[row.pk])
    for username in ("coordinator.rj", "physician.rj", "qareviewer"):
        answer = client_of(username).get(path)
        assert (answer.status_code, answer.content) == (200, PDF.content), username
        assert answer["Content-Disposition"].startswith("attachment")
        assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/octet-stream")
    for username in ("coordinator.bj", "physician.hk", "carrier.a"):
        assert client_of(username).get(path).status_code == 404, username
        page = client_of(username).get(reverse("orders:order", args=[course.order_id]))
        assert page.status_code == 404, username
    with pytest.raises(NotFound):
        hospital.list_documents(order_id=course.order_id, by=course.find("physician.bj"))
    assert Client().get(path).status_code in (302, 403)
    with pytest.raises(Refused, match="other side"):
        actions.withdraw_document(document_id=DocumentId(row.pk), reason="x", by=course.find("qareviewer"))
    actions.withdraw_document(document_id=DocumentId(row.pk), reason="wrong patient", by=course.who("coordinator"))
    assert client_of("coordinator.rj").get(path).status_code == 404


def test_a_document_can_be_neither_changed_nor_brought_back(course: Course, actor: Callable[[str], Actor]) -> None:
    course.to("drafted")
    by = actor("coordinator.rj")
    row = actions.share_document(order_id=course.order_id, kind=DocumentKind.CONSENT, document=PDF, by=by)
    for statement in ("content = ''", "sha256 = repeat('0', 64)", "order_id = gen_random_uuid()"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE orders_document SET {statement} WHERE id = %s", [row.pk])
    actions.withdraw_document(document_id=DocumentId(row.pk), reason="wrong", by=by)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_document SET withdrawn_at = NULL WHERE id = %s", [row.pk])
    actions.share_document(
        order_id=course.order_id, kind=DocumentKind.CONSENT, document=Upload("again.pdf", PDF.content), by=by
    )


def test_labels_are_seen_as_they_are_printed_by_their_own_hospital_alone(
    course: Course, client_of: Callable[[str], Client]
) -> None:
    course.to("collecting").activate()
    coi, label = course.order.coi_id, Label.objects.filter(coi_id=course.order.coi_id, kind="wristband").get()
    own, picture = client_of("nurse.rj"), f"/labels/{label.pk}.png"
    page = own.get(f"/papers/{coi}")
    assert picture.encode() in page.content
    assert own.get(picture).content.startswith(b"\x89PNG")
    assert b"KIT-" in own.get("/papers").content
    for username in ("nurse.bj", "physician.hk", "carrier.a"):
        assert client_of(username).get(f"/papers/{coi}").status_code == 404, username
        assert client_of(username).get(picture).status_code in (403, 404), username
        assert b"KIT-" not in client_of(username).get("/papers").content, username
    assert client_of("operator1").get(picture).status_code in (403, 404)  # whose bedside identifiers are not theirs


@pytest.fixture
def client_of() -> Callable[[str], Client]:
    """Give the browser of a person."""

    def of(username: str) -> Client:
        client = Client()
        client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of
