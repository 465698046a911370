"""One field finds everything by a scan or a few letters, and a hospital finds nothing of another's patient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from vein2vein.core.actor import Actor
from vein2vein.engines.codes import Kind, make
from vein2vein.identity import secrecy
from vein2vein.identity.models import Container, Label
from vein2vein.logistics.models import Shipment
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.materials.models import Lot
from vein2vein.people.actions import issue_token
from vein2vein.people.reads import bearer as reveal_token
from vein2vein.tracing import reads
from vein2vein.tracing.states import Sought


def known_codes(bench: Bench) -> dict[str, Sought]:
    """Return what people may scan or read off along one patient's course, and what it is."""
    batch = bench.batch
    containers = Container.objects.filter(coi=batch.coi)
    found = {
        batch.coi.code: Sought.COI,
        batch.order.code: Sought.ORDER,
        batch.number: Sought.BATCH,
        **{one.code: Sought.SAMPLE if one.kind == "sample" else Sought.CONTAINER for one in containers},
        **{one.code: Sought.SHIPMENT for one in Shipment.objects.filter(coi=batch.coi)},
    }
    for label in Label.objects.filter(coi=batch.coi):
        on = label.container
        of = Sought.LABEL if on is None else Sought.SAMPLE if on.kind == "sample" else Sought.CONTAINER
        found[label.code] = Sought.COI if label.kind == "wristband" else of
    return found


def test_each_code_of_a_course_is_found_whole_by_its_own_people_and_by_nobody_else(
    bench: Bench, actor: Callable[[str], Actor]
) -> None:
    codes = known_codes(bench)
    assert set(codes.values()) >= {Sought.COI, Sought.ORDER, Sought.BATCH, Sought.CONTAINER, Sought.LABEL}
    for code, kind in codes.items():
        for who in ("qareviewer", "coordinator.rj"):
            (hit,) = reads.search(text=code, by=actor(who)).hits
            assert (hit.kind, hit.exact) == (kind, True), code
        for who in ("coordinator.bj", "physician.hk"):
            for text in (code, code[:-1], code[:7], code.partition("-")[2]):
                seen = reads.search(text=text, limit=50, by=actor(who)).hits
                assert not [one for one in seen if code in (one.code, one.note, one.place)], (who, text)


def test_a_beginning_is_enough_with_or_without_its_prefix(bench: Bench, actor: Callable[[str], Actor]) -> None:
    order, by = bench.batch.order.code, actor("planner")
    serial = order.partition("-")[2]
    for text in (order[:9], order.lower(), serial[:6], serial.replace("-", "")[:6], f" {serial[:5].lower()} "):
        assert order in {one.code for one in reads.search(text=text, by=by).hits}, text
    for text in ("_____", "%%%", "OR\\", "\x00", " "):
        assert order not in {one.code for one in reads.search(text=text, by=by).hits}, text


def test_names_numbers_and_trade_codes_are_found(db: None, actor: Callable[[str], Actor]) -> None:
    by = actor("qareviewer")
    lot = Lot.objects.filter(number="DEMO-LV-001").get()
    wanted = {
        lot.code: (Sought.LOT, "DEMO-LV-001"),
        "demo-lv-001": (Sought.LOT, "DEMO-LV-001"),
        make(Kind.EQUIPMENT, "WS-01"): (Sought.EQUIPMENT, "WS-01"),
        "DEMO-WS-01": (Sought.EQUIPMENT, "WS-01"),
        "operator1": (Sought.ACCOUNT, "operator1"),
        "上海": (Sought.SITE, "CN-RJ-DEMO"),
    }
    for text, expected in wanted.items():
        assert expected in {(one.kind, one.code) for one in reads.search(text=text, by=by).hits}, text


def test_what_a_hospital_may_not_see_at_all_is_not_even_looked_for(bench: Bench, actor: Callable[[str], Actor]) -> None:
    del bench
    for who in ("physician.rj", "carrier.a"):
        found = reads.search(text="DEMO-LV", limit=50, by=actor(who))
        assert not {Sought.LOT, Sought.DEVIATION} & (set(found.looked_in) | {one.kind for one in found.hits})
        assert "operator1" not in {one.code for one in reads.search(text="operator", by=actor(who)).hits}


def test_the_page_leads_straight_to_one_thing_lists_several_and_says_where_it_looked(
    bench: Bench, page: Callable[[str], Client], actor: Callable[[str], Actor], sign: Callable[..., Actor]
) -> None:
    batch, base = bench.batch, page("qareviewer")
    straight = base.get("/find", {"text": batch.number})
    assert (straight.status_code, straight["Location"]) == (302, f"/batches/{batch.pk}")
    own = page("physician.rj").get("/find", {"text": batch.number})
    assert (own.status_code, own["Location"]) == (302, f"/orders/{batch.order_id}")
    listed = base.get("/find", {"text": "WS-0"})
    assert listed.status_code == 200
    assert b"Closed-processing workstation 2" in listed.content
    assert b"/trace/equipment/" in listed.content
    wrong = batch.coi.code[:-1] + ("A" if batch.coi.code[-1] != "A" else "B")
    none = base.get("/find", {"text": wrong})
    assert none.status_code == 404
    assert b"check character is wrong" in none.content
    assert b"deviation" in none.content
    told: dict[str, Any] = {"label": "search"}
    token = reveal_token(issue_token(**told, by=sign(actor("physician.bj"), "people.issue_token", **told)).pk)
    for code in known_codes(bench):
        assert page("physician.bj").get("/find", {"text": code}).status_code == 404, code
        asked = {"text": code, "kind": "order"} if code == batch.order.code else {"text": code}
        api = Client().get("/api/v1/tracing/search", asked, headers={"Authorization": f"Bearer {token}"})
        assert (api.status_code, api.json()["hits"]) == (200, []), code


def test_a_hospital_number_finds_the_patient_for_the_own_hospital_and_for_nobody_else(
    bench: Bench, actor: Callable[[str], Actor], sign: Callable[..., Actor], page: Callable[[str], Client]
) -> None:
    from vein2vein.identity.models import PatientNumber
    from vein2vein.orders.models import Order
    from vein2vein.orders.tests.conftest import Course

    order = Order.objects.get(pk=bench.batch.order_id)
    number = PatientNumber.objects.get(patient_id=order.patient_id)
    plain = secrecy.decrypt(number.number_encrypted)
    other = Course(bench.clock, actor, sign, place="bj")
    other.number = plain
    other.to("drafted")
    for text in (plain, f" {plain.lower()} "):
        (hit,) = reads.search(text=text, by=actor("coordinator.rj")).hits
        assert (hit.kind, hit.code, hit.exact) == (Sought.ORDER, order.code, True)
        (hit,) = reads.search(text=text, by=actor("nurse.bj")).hits
        assert hit.code == other.order.code
    for who in ("coordinator.hk", "carrier.a", "qareviewer", "planner", "admin"):
        assert not reads.search(text=plain, limit=50, by=actor(who)).hits, who
    for text in (plain[:-1], plain[2:], number.number_digest):
        assert not reads.search(text=text, limit=50, by=actor("coordinator.rj")).hits, text
    straight = page("physician.rj").get("/find", {"text": plain})
    assert (straight.status_code, straight["Location"]) == (302, f"/orders/{order.pk}")
    assert page("physician.hk").get("/find", {"text": plain}).status_code == 404


def test_a_kind_can_be_asked_for_alone(bench: Bench, actor: Callable[[str], Actor]) -> None:
    del bench
    found = reads.search(text="WS", kind=Sought.EQUIPMENT, limit=2, by=actor("planner"))
    assert found.looked_in == (Sought.EQUIPMENT,)
    assert (len(found.hits), found.more) == (2, (Sought.EQUIPMENT,))


@pytest.mark.parametrize("text", ["x" * 4000, "]C1", "=", "&/", "(00)", "💉", "'; DROP TABLE orders_order; --"])
def test_any_text_has_an_answer(db: None, actor: Callable[[str], Actor], text: str) -> None:
    assert reads.search(text=text, by=actor("qareviewer")).hits == ()
