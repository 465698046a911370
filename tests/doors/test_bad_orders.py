"""A hospital's order that is wrong: each door names field, value and mend, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attack.doors import Attack
from tests.engines.fhir.orders import MYELOMA, put, spoiled
from tests.engines.fhir.test_order_faults import BYTES, SPOILED
from vein2vein.core.uploads import LARGEST_BYTES, Upload

pytestmark = pytest.mark.requirement("G")
RECEIVE = "exchange.receive_order_bundle"
NAMED = [
    "no weight",
    "weight in pounds",
    "wrong check digit of a GLN",
    "wrong check character of a DIN",
    "patient doubled",
    "two orders",
    "indication in a foreign system",
    "therapy in a foreign system",
]


@pytest.mark.parametrize("name", NAMED)
def test_a_wrong_order_is_refused_by_field(attack: Attack, name: str) -> None:
    change, code, field = SPOILED[name]
    attack(code, RECEIVE, "coordinator.rj", bundle=Upload("order.json", spoiled(change)))
    assert all(field in outcome.text for outcome in attack.tried), [one.text[-400:] for one in attack.tried]


def test_an_unknown_hospital_is_refused(attack: Attack) -> None:
    unknown = spoiled(put("Organization", "identifier", 0, "value", "CN-NOWHERE"))
    for door in attack.doors:
        outcome = door.act(RECEIVE, "coordinator.rj", bundle=Upload("order.json", unknown))
        assert outcome.status in (403, 404, 422), outcome
        assert outcome.codes


def test_another_hospitals_order_is_not_taken(attack: Attack) -> None:
    for door in attack.doors:
        outcome = door.act(RECEIVE, "coordinator.bj", bundle=Upload("order.json", MYELOMA.read_bytes()))
        assert outcome.status in (403, 404), outcome


@pytest.mark.parametrize("name", ["key twice", "a list", "many elements", "no entry"])
def test_what_is_no_order_is_refused(attack: Attack, name: str) -> None:
    content, code = BYTES[name]
    attack(code, RECEIVE, "coordinator.rj", bundle=Upload("order.json", content))


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe" * 999, b"%PDF-1.7 \x00", b"PK\x03\x04" + b"\x00" * 99])
def test_a_binary_file_is_refused(attack: Attack, content: bytes) -> None:
    for door in attack.doors:
        outcome = door.act(RECEIVE, "coordinator.rj", bundle=Upload("order.json", content))
        assert outcome.status == 422, outcome
        assert outcome.codes


def test_an_oversized_file_is_refused(attack: Attack) -> None:
    large = Upload("order.json", b" " * (LARGEST_BYTES + 1))
    for door in attack.doors:
        outcome = door.act(RECEIVE, "coordinator.rj", bundle=large)
        assert outcome.status in (413, 422), outcome.text[-400:]
        assert "MiB" in outcome.text


def test_a_file_with_a_path_for_a_name_is_only_a_name(attack: Attack, tmp_path: Path) -> None:
    page, interface, _ = attack.doors
    for door in (page, interface):
        outcome = door.act(RECEIVE, "coordinator.rj", bundle=Upload("../../etc/passwd", b"[]"))
        assert outcome.status == 422
