"""The network at the doors."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client

from vein2vein.network.reads import get_equipment
from vein2vein.people.reads import demonstration_password


def signed_in(username: str, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.post("/sign-in", {"username": username, "password": demonstration_password()})
    return client


@pytest.mark.parametrize("address", ["/network", "/equipment", "/equipment/WS-01"])
def test_pages_are_for_people_who_are_signed_in(db: None, address: str) -> None:
    sent = Client().get(address)
    assert (sent.status_code, sent["Location"]) == (302, f"/sign-in?{urlencode({'next': address})}")
    assert signed_in("supervisor").get(address).status_code == 200


def test_sites_lanes_and_routes_are_shown(db: None) -> None:
    page = signed_in("planner").get("/network").content.decode()
    assert "CN-LG" in page
    assert "RJ-IN-CHIL" in page
    assert "DEMO-IND-CN-0001" in page


def test_equipment_is_taken_out_by_page_and_the_page_says_why_it_is_blocked(db: None) -> None:
    client = signed_in("operator1")
    row = get_equipment("WS-02")
    told = {"equipment_id": str(row.pk), "reason": "filter", "_back": "/equipment/WS-02"}
    assert client.post("/act/network.take_equipment_out_of_service", told).status_code == 302
    assert "WS-02 is out of service" in client.get("/equipment/WS-02").content.decode()
    assert "WS-02已停用" in signed_in("operator1", "zh-hans").get("/equipment/WS-02").content.decode()


def test_an_unknown_piece_is_not_found(db: None) -> None:
    assert signed_in("operator1").get("/equipment/NOTHING").status_code == 404
