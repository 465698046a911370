"""Shipments at the doors: pages, papers read back, work list, API; N6 through page and API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.engines.papers.reading import barcodes, text
from vein2vein.core.actor import Actor
from vein2vein.core.ids import ShipmentId
from vein2vein.logistics import printing
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.states import ShipmentKind
from vein2vein.logistics.tests.conftest import Way
from vein2vein.logistics.working import shipments_to_move, shipments_to_plan
from vein2vein.people import actions as people
from vein2vein.people import reads

Find = Callable[[str], Actor]


def signed_in(username: str) -> Client:
    client = Client()
    answer = client.post("/sign-in", {"username": username, "password": reads.demonstration_password()})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.fixture
def token(actor: Find, sign: Callable[..., Actor]) -> Callable[[str], str]:
    """Give an API token of an account."""

    def issue(username: str) -> str:
        told: dict[str, Any] = {"label": "test", "days": 1}
        row = people.issue_token(**told, by=sign(actor(username), "people.issue_token", **told))
        return reads.reveal_token(token_id=row.pk, by=actor(username))

    return issue


def page(client: Client, way: Way) -> str:
    answer = client.get(reverse("logistics:shipment", args=[way.shipment.pk]))
    assert answer.status_code == 200, answer.content.decode()[:400]
    return answer.content.decode()


def test_pages_on_the_way(way: Way) -> None:
    way.to("collected")
    coordinator, nurse, carrier = signed_in("coordinator.rj"), signed_in("nurse.rj"), signed_in("carrier.a")
    planning = coordinator.get(reverse("logistics:plan", args=[way.order.pk])).content.decode()
    assert "CB-01" in planning
    assert "RJ-IN-CHIL" in planning
    assert 'data-action="logistics.plan_shipment"' in planning
    way.plan()
    assert 'data-action="logistics.pack_shipment"' in page(nurse, way)
    way.pack()
    assert 'data-action="logistics.hand_over_shipment"' in page(carrier, way)
    way.depart()
    assert 'data-action="logistics.deliver_shipment"' in page(carrier, way)
    way.deliver()
    assert 'data-action="logistics.receive_shipment"' in page(signed_in("warehouse"), way)
    way.receive()
    shown = page(signed_in("operator1"), way)
    assert 'data-action="logistics.accept_material"' in shown
    assert "<polyline" in shown
    assert way.contents()[0] in shown
    assert way.shipment.code in nurse.get(reverse("logistics:list")).content.decode()


def test_pages_of_another_hospital(way: Way) -> None:
    way.to("collected").plan()
    client = signed_in("nurse.bj")
    assert client.get(reverse("logistics:shipment", args=[way.shipment.pk])).status_code == 404
    assert client.get(reverse("logistics:label", args=[way.shipment.pk])).status_code == 404
    assert way.shipment.code not in client.get(reverse("logistics:list")).content.decode()


def test_quarantine_on_the_page_in_chinese(way: Way) -> None:
    way.to("in_transit")
    way.deliver()
    way.receive(trace=None, no_trace_reason="battery empty")
    client = signed_in("qareviewer")
    client.post("/language/setlang/", {"language": "zh-hans", "next": "/"})
    shown = page(client, way)
    assert "审核温度偏移" in shown
    assert "battery empty" in shown
    assert "QA has not reviewed it" in page(signed_in("operator1"), way)


@pytest.mark.requirement("N6")
def test_unreleased_product_by_page_and_api(way: Way, token: Callable[[str], str]) -> None:
    way.to("manufactured")
    way.bags = [way.make_bag(disposition=None)]
    way.plan(ShipmentKind.PRODUCT)
    given = way.packing()
    client = signed_in("warehouse")
    shown = page(client, way)
    assert "disabled" in shown
    assert "only released product leaves" in shown
    form = {**given, "scanned_containers": "\n".join(given["scanned_containers"]), "_back": "/"}
    client.post(reverse("act", args=["logistics.pack_shipment"]), form)
    assert Shipment.objects.get(pk=way.shipment.pk).state == "planned"
    body = {**given, "shipment_id": str(given["shipment_id"])}
    answer = Client().post(
        "/api/v1/logistics/pack-shipment",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token('warehouse')}"},
    )
    assert answer.status_code == 422
    assert "logistics.not_released" in answer.content.decode()
    assert Shipment.objects.get(pk=way.shipment.pk).state == "planned"


def test_papers_read_back(way: Way) -> None:
    way.to("collected").plan()
    by = way.who("coordinator")
    way.pack()
    label = printing.print_shipping_label(shipment_id=ShipmentId(way.shipment.pk), by=by)
    read = set().union(*barcodes(label.content))
    for code in (way.shipment.code, way.shipment.shipper_code):
        assert f"]d1{code}" in read
    assert f"]C1(00){way.shipment.sscc}" in read
    papers = printing.print_travel_papers(shipment_id=ShipmentId(way.shipment.pk), by=by)
    read = set().union(*barcodes(papers.content))
    assert {f"]d1{way.shipment.code}", f"]d1{way.contents()[0]}"} <= read
    said = text(papers.content)
    assert way.shipment.seal in said.replace(" ", "")
    client = signed_in("carrier.a")
    shown = client.get(reverse("logistics:shipment", args=[way.shipment.pk])).text
    for name in ("label", "travel_papers"):
        answer = client.get(reverse(f"logistics:{name}", args=[way.shipment.pk]))
        assert answer.content.startswith(b"%PDF")
        seen = reverse(f"logistics:{name}_picture", args=[way.shipment.pk])
        assert f'src="{seen}"' in shown
        picture = client.get(seen)
        assert (picture.headers["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert signed_in("nurse.bj").get(seen).status_code == 404


def test_no_papers_before_packing(way: Way) -> None:
    way.to("collected").plan()
    answer = signed_in("coordinator.rj").get(reverse("logistics:label", args=[way.shipment.pk]))
    assert answer.status_code == 422


def test_the_work_list_follows_the_way(way: Way) -> None:
    def titles(username: str) -> list[str]:
        return [one.title for one in shipments_to_move(way.find(username))]

    way.to("collected")
    assert [one.subject for one in shipments_to_plan(way.find("planner"))] == [way.order.code]
    assert shipments_to_plan(way.find("carrier.a")) == []
    way.plan()
    assert shipments_to_plan(way.find("planner")) == []
    assert titles("nurse.rj") == ["Pack the shipment"]
    assert titles("nurse.bj") == []
    way.pack()
    way.depart()
    assert (titles("carrier.a"), titles("carrier.b")) == (["Deliver the shipment"], [])
    way.clock.advance(timedelta(hours=40))
    assert shipments_to_move(way.find("carrier.a"))[0].urgent
    way.deliver(0)
    assert titles("warehouse") == ["Receive the shipment"]
    way.receive(trace=None, no_trace_reason="lost")
    assert titles("qareviewer") == ["Review the excursion"]


def test_the_trace_file_comes_back_as_it_was(way: Way) -> None:
    way.to("in_transit")
    way.deliver()
    trace = way.trace()
    way.receive(trace=trace)
    answer = signed_in("qareviewer").get(reverse("logistics:trace_file", args=[way.shipment.pk]))
    assert answer.content == trace.content
