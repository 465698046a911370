"""Files of instruments that are wrong: each door names field, value and mend, and nothing of it is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from vein2vein.core.uploads import Upload

pytestmark = pytest.mark.requirement("G")
CONFORMANCE = Path(os.environ.get("VEIN2VEIN_CONFORMANCE", Path(__file__).parents[3] / "shared/conformance"))


def _cut(text: str) -> str:
    return "\n".join(text.splitlines()[:-3])


def _swapped(text: str) -> str:
    lines = text.splitlines()
    lines[20], lines[21] = lines[21], lines[20]
    return "\n".join(lines) + "\n"


def _doubled(text: str) -> str:
    lines = text.splitlines()
    lines[21] = lines[20]
    return "\n".join(lines) + "\n"


TRACES: dict[str, tuple[Callable[[str], str], str]] = {
    "truncated": (_cut, "trace.truncated"),
    "out of order": (_swapped, "trace.order"),
    "doubled": (_doubled, "trace.doubled"),
}


@pytest.fixture
def delivered(ours: Treatment) -> Treatment:
    ours.shipped = True
    ours.to("in_transit")
    ours.deliver()
    return ours


@pytest.mark.parametrize("name", TRACES)
def test_a_wrong_trace_is_refused(delivered: Treatment, attack: Attack, name: str) -> None:
    change, code = TRACES[name]
    spoiled = change(delivered.trace().content.decode())
    given = delivered.receiving(trace=Upload("trace.csv", spoiled.encode()))
    attack(code, "logistics.receive_shipment", "warehouse", "warehouse2", **given)


def test_another_loggers_trace_and_a_wrong_zone_are_refused(delivered: Treatment, attack: Attack) -> None:
    receive, two = "logistics.receive_shipment", ("warehouse", "warehouse2")
    foreign = delivered.receiving(trace=delivered.trace(serial="SN-OF-ANOTHER"))
    attack("trace.serial", receive, *two, **foreign)
    text = delivered.trace().content.decode()
    zone = next(line for line in text.splitlines() if line.startswith("Time zone"))
    shifted = text.replace(zone, zone.split(",")[0] + ",-05:00")
    for door in attack.doors:
        outcome = door.act(receive, *two, **delivered.receiving(trace=Upload("trace.csv", shifted.encode())))
        assert outcome.codes & {"trace.wrong_zone", "trace.elsewhere"}, outcome.text[-600:]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 500, b"a;b;c\n1;2;3\n", "Zeit,°C\n".encode("utf-16")])
def test_what_is_no_trace_is_refused(delivered: Treatment, attack: Attack, content: bytes) -> None:
    for door in attack.doors:
        outcome = door.act(
            "logistics.receive_shipment",
            "warehouse",
            "warehouse2",
            **delivered.receiving(trace=Upload("trace.csv", content)),
        )
        assert outcome.status == 422, outcome.text[-400:]
        assert outcome.codes


@pytest.mark.skipif(not CONFORMANCE.is_dir(), reason="the public instrument files are not here")
def test_another_instruments_export_is_refused(ours: Treatment, attack: Attack) -> None:
    ours.shipped = True
    ours.to("received")
    files = sorted((CONFORMANCE / "instruments").glob("*.csv")) + sorted((CONFORMANCE / "instruments").glob("*.xlsx"))
    assert files
    for path in files:
        given = {"shipment_id": ours.shipment.pk, "scanned_container": ours.contents()[0]}
        for door in attack.doors[1:]:
            outcome = door.act(
                "logistics.accept_material", "operator1", **given, counter=Upload(path.name, path.read_bytes())
            )
            assert outcome.status == 422, (path.name, outcome)
            assert outcome.codes


def test_an_export_of_another_sample_is_refused(ours: Treatment, attack: Attack) -> None:
    ours.shipped = True
    ours.to("received")
    given: dict[str, Any] = {"shipment_id": ours.shipment.pk, "scanned_container": ours.contents()[0]}
    other = ours.count(sample_id="CTN-0000-0000-0000-0")
    attack("logistics.another_sample", "logistics.accept_material", "operator1", **given, counter=other)
