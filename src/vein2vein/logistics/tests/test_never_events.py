"""Never-events of transport, attacked by acts and by raw SQL: N6, N9, N10, N18; and bad logger files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from vein2vein.core.ids import ContainerId, EquipmentId
from vein2vein.core.refusals import Conflict, Refusal, Refused
from vein2vein.core.uploads import Upload
from vein2vein.identity import actions as identity
from vein2vein.identity.models import Container
from vein2vein.identity.states import Disposition
from vein2vein.logistics.models import MaterialReceipt, Shipment, ShipmentItem, Trace
from vein2vein.logistics.states import ReviewDecision, ShipmentKind
from vein2vein.logistics.tests.conftest import Way
from vein2vein.logistics.tests.test_actions import last, refused
from vein2vein.network import actions as network
from vein2vein.network.reads import get_equipment
from vein2vein.orders.states import Moment

PRODUCT = ShipmentKind.PRODUCT
ITEM = (
    "INSERT INTO logistics_shipmentitem (id, shipment_id, coi_id, container_id) VALUES (gen_random_uuid(), %s, %s, %s)"
)
Points = list[tuple[datetime, Decimal]]


def sql_refused(statement: str, values: list[Any]) -> str:
    """Return the name of the constraint by which the database refused a statement."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(getattr(getattr(caught.value.__cause__, "diag", None), "constraint_name", ""))


def unreleased(way: Way) -> Way:
    """Carry the course to a product that is made and not released, with its shipment planned."""
    way.to("manufactured")
    way.bags = [way.make_bag(disposition=None)]
    way.plan(PRODUCT)
    return way


@pytest.mark.requirement("N6")
def test_unreleased_product_is_not_packed(way: Way) -> None:
    unreleased(way)
    refused(way, way.pack, "logistics.not_released", "logistics.no_rfi", "logistics.order_not_there")
    assert way.again().state == "manufactured"


@pytest.mark.requirement("N6")
def test_unreleased_product_is_not_packed_by_sql(way: Way) -> None:
    unreleased(way)
    row = [way.shipment.pk, way.order.coi_id, way.bags[0].pk]
    assert sql_refused(ITEM, row) == "logistics_item_gate"
    packed = "UPDATE logistics_shipment SET state = 'packed', seal = 'SEA-X', packed_at = now() WHERE id = %s"
    assert sql_refused(packed, [way.shipment.pk]) == "logistics_product_released"
    sent = packed.replace("'packed'", "'in_transit'")
    assert sql_refused(sent, [way.shipment.pk]) == "logistics_product_released"


@pytest.mark.requirement("N6")
def test_product_recalled_after_packing_does_not_leave(way: Way) -> None:
    way.to("released")
    way.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    way.plan(PRODUCT)
    way.pack()
    bag = way.bags[0]
    identity.set_disposition(
        container_id=ContainerId(bag.pk), disposition=Disposition.QUARANTINED, reason="late", by=way.system
    )
    refused(way, way.depart, "logistics.not_released")
    moved = "UPDATE logistics_shipment SET state = 'in_transit' WHERE id = %s"
    assert sql_refused(moved, [way.shipment.pk]) == "logistics_product_released"
    assert way.again().state == "released"


@pytest.mark.requirement("N6")
def test_product_leaves_only_when_the_site_reconfirmed(way: Way) -> None:
    way.to("released").plan(PRODUCT)
    refused(way, way.pack)
    way.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    assert way.pack().state == "packed"


@pytest.mark.requirement("N6")
def test_a_bag_that_is_not_of_the_dose_stays(way: Way) -> None:
    way.to("released")
    way.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    way.plan(PRODUCT)
    spare = way.make_bag()
    codes = [*way.contents(), spare.code]
    refused(way, lambda: way.pack(scanned_containers=codes), "logistics.not_in_shipment")
    refused(way, lambda: way.pack(scanned_containers=codes[:1]), "logistics.container_missing")


@pytest.mark.requirement("N5")
def test_no_foreign_container_by_sql(way: Way, other_way: Way) -> None:
    way.to("collected").plan()
    other_way.to("collected")
    foreign = Container.objects.get(coi_id=other_way.order.coi_id, kind="starting_material")
    for coi_id in (way.order.coi_id, other_way.order.coi_id):
        assert sql_refused(ITEM, [way.shipment.pk, coi_id, foreign.pk]) in (
            "logistics_item_gate",
            "logistics_item_container_on_chain",
            "logistics_item_shipment_on_chain",
        )
    moved = "UPDATE logistics_shipment SET coi_id = %s WHERE id = %s"
    assert sql_refused(moved, [other_way.order.coi_id, way.shipment.pk]) == "logistics_shipment_fixed"
    assert not ShipmentItem.objects.exists()


# N10: the shipping container


@pytest.mark.requirement("N10")
@pytest.mark.parametrize(
    ("shipper", "code"), [("DS-07", "network.hold_time_short"), ("CB-01", "network.wrong_equipment")]
)
def test_hold_time_and_class(other_way: Way, shipper: str, code: str) -> None:
    other_way.to("released")
    refused(other_way, lambda: other_way.plan(PRODUCT, shipper=shipper), code)


@pytest.mark.requirement("N10")
def test_a_used_shipper_is_refused_until_requalified(way: Way) -> None:
    way.to("released")
    box = EquipmentId(get_equipment("DS-04").pk)
    network.demand_requalification(equipment_id=box, reason="used", by=way.system)
    refused(way, lambda: way.plan(PRODUCT, shipper="DS-04"), "network.requalification_due")
    due = way.clock.at.date() + timedelta(days=90)
    keeper = way.find("warehouse")
    network.record_calibration(equipment_id=box, certificate="RQ-1", requalification_due_on=due, by=keeper)
    assert way.plan(PRODUCT, shipper="DS-04").state == "planned"


@pytest.mark.requirement("N10")
def test_a_shipper_that_fell_due_after_planning_is_not_packed(way: Way) -> None:
    way.to("collected").plan()
    network.demand_requalification(equipment_id=EquipmentId(way.shipment.shipper_id), reason="dropped", by=way.system)
    refused(way, way.pack, "network.requalification_due")


@pytest.mark.requirement("N10")
def test_equipment_out_of_service(way: Way) -> None:
    way.to("collected").plan()
    network.take_equipment_out_of_service(
        equipment_id=EquipmentId(way.shipment.logger_id), reason="display broken", by=way.find("warehouse")
    )
    refused(way, way.pack, "network.equipment_out_of_service")


@pytest.mark.requirement("N18")
def test_no_border_without_every_permit(clock_at: Any, actor: Any, sign: Any) -> None:
    way = Way(clock_at, actor, sign, place="hk")
    way.draft(route="named_patient", protocol="", subject_number="", arm="")
    way.to("accepted")
    names = ["Quarantine approval for special articles", "Human genetic resources clearance where it applies"]
    refused(way, way.plan, "logistics.permit_missing")
    refused(way, lambda: way.plan(permits=[f"{names[0]} = Q-1"]), "logistics.permit_missing")
    assert way.plan(permits=[f"{name} = Q-{at}" for at, name in enumerate(names)]).permits.count() == 2


# temperature on the way


def warm(points: Points, celsius: str, first: int, count: int) -> Points:
    return [(at, Decimal(celsius) if first <= index < first + count else c) for index, (at, c) in enumerate(points)]


def arrived(way: Way) -> Way:
    way.to("in_transit")
    way.deliver()
    return way


@pytest.mark.requirement("N9")
@pytest.mark.parametrize(
    ("spoil", "finding"),
    [
        (lambda points: warm(points, "9.5", 20, 30), "excursion"),
        (lambda points: warm(points, "15.5", 20, 1), "excursion"),
        (lambda points: warm(points, "-0.5", 20, 1), "excursion"),
        (lambda points: points[:30] + points[60:], "incomplete_trace"),
        (lambda points: points[12:], "incomplete_trace"),
        (lambda points: points[:-12], "incomplete_trace"),
    ],
    ids=["too long warm", "too warm", "frozen", "gap", "late start", "early end"],
)
def test_an_excursion_blocks_until_it_is_reviewed(way: Way, spoil: Callable[[Points], Points], finding: str) -> None:
    arrived(way).receive(trace=way.trace(spoil(way.readings())))
    assert (way.shipment.state, way.shipment.findings) == ("quarantined", [finding])
    assert last(way, "logistics.ExcursionFound").data["findings"] == [finding]
    assert last(way, "quality.DeviationOpened").data["source"] == f"shipment:{way.shipment.pk}:receipt"
    refused(way, way.accept, "logistics.not_reviewed")
    cleared = "UPDATE logistics_shipment SET state = 'received' WHERE id = %s"
    assert sql_refused(cleared, [way.shipment.pk]) == "logistics_excursion_reviewed"
    way.review(ReviewDecision.ACCEPTED)
    way.accept()
    assert way.again().state == "material_accepted"


@pytest.mark.requirement("N9")
def test_material_is_not_accepted_around_the_review_by_sql(way: Way) -> None:
    arrived(way).receive(trace=None, no_trace_reason="lost")
    bag = Container.objects.get(coi_id=way.order.coi_id, kind="starting_material")
    insert = (
        "INSERT INTO logistics_materialreceipt (id, shipment_id, container_id, age_h, volume_ml, viability_percent,"
        " total_cells, viable_cells, counter_serial, counted_at, filename, sha256, content, accepted_at, accepted_by)"
        " VALUES (gen_random_uuid(), %s, %s, 1, 1, 99, 1, 1, 'x', now(), 'x', 'x', '', now(), gen_random_uuid())"
    )
    assert sql_refused(insert, [way.shipment.pk, bag.pk]) == "logistics_receipt_gate"
    assert not MaterialReceipt.objects.exists()


@pytest.mark.requirement("N9")
def test_a_tolerated_minute_is_no_excursion(way: Way) -> None:
    arrived(way).receive(trace=way.trace(warm(way.readings(), "9.0", 20, 3)))
    assert (way.shipment.state, Trace.objects.get().minutes_outside) == ("received", Decimal("20.00"))


@pytest.mark.requirement("N9")
def test_a_broken_or_strange_seal_quarantines(way: Way, other_way: Way) -> None:
    arrived(way).receive(seal_intact=False)
    assert way.shipment.findings == ["seal_broken"]
    arrived(other_way)
    other_way.receive(scanned_seal=way.shipment.seal)
    assert other_way.shipment.findings == ["seal_broken"]


@pytest.mark.requirement("N9")
def test_product_after_an_excursion_is_not_at_the_site_before_the_review(way: Way) -> None:
    way.to("dispatched")
    way.deliver(24)
    way.receive(trace=way.trace(warm(way.readings(), "-120", 20, 2)))
    assert way.again().state == "dispatched"
    assert {one.disposition for one in Container.objects.filter(pk__in=[bag.pk for bag in way.bags])} == {"quarantined"}
    with pytest.raises(Refusal):
        way._cleared()
    way.review(ReviewDecision.ACCEPTED)
    assert way.again().state == "at_site"
    assert {one.disposition for one in Container.objects.filter(pk__in=[bag.pk for bag in way.bags])} == {"released"}


@pytest.mark.requirement("N9")
def test_rejected_product_never_comes_to_the_site(way: Way) -> None:
    way.to("dispatched")
    way.deliver(24)
    way.receive(trace=None, no_trace_reason="logger lost")
    way.review(ReviewDecision.REJECTED)
    assert way.again().state == "stopped"
    assert {one.disposition for one in Container.objects.filter(pk__in=[bag.pk for bag in way.bags])} == {"rejected"}


# G: bad logger files are refused by name, and nothing is half done


def cut(upload: Upload, keep: int) -> Upload:
    return Upload(upload.filename, b"\n".join(upload.content.split(b"\n")[:keep]))


def swapped(way: Way) -> Upload:
    lines = way.trace().content.split(b"\n")
    lines[20], lines[21] = lines[21], lines[20]
    return Upload("trace.csv", b"\n".join(lines))


@pytest.mark.requirement("N9")
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda way: cut(way.trace(), 40), "trace.truncated"),
        (swapped, "trace.order"),
        (lambda way: way.trace(serial="DEMO-TL-1007"), "trace.serial"),
        (
            lambda way: Upload("t.csv", way.trace().content.replace(b"Time zone,+00:00", b"Time zone,+08:00")),
            "trace.wrong_zone",
        ),
        (
            lambda way: way.trace([(at - timedelta(days=30), c) for at, c in way.readings()]),
            "trace.elsewhere",
        ),
        (lambda way: Upload("t.csv", way.trace().content.replace(b"Unit,C", b"Unit,F")), "trace.unit"),
        (lambda way: way.count(), "trace.header"),
        (lambda way: Upload("t.csv", b""), ""),
        (lambda way: Upload("t.csv", b"\x00\xff\xfe" * 999), ""),
    ],
    ids=["truncated", "out of order", "other serial", "wrong zone", "elsewhere", "unit", "a count", "empty", "binary"],
)
def test_bad_logger_files(way: Way, spoil: Callable[[Way], Upload], code: str) -> None:
    arrived(way)
    bad = spoil(way)
    refused(way, lambda: way.receive(trace=bad), *([code] if code else []))
    assert not Trace.objects.exists()
    assert way.again().state == "in_transit"
    assert way.receive().state == "received"


def test_a_trace_stays_as_it_was(way: Way) -> None:
    way.to("received")
    assert sql_refused("UPDATE logistics_trace SET verdict = 'ok', sha256 = 'x'", []) != ""
    assert sql_refused("DELETE FROM logistics_milestone", []) != ""


def test_double_receipt(way: Way) -> None:
    arrived(way)
    given = way.receiving()
    way.receive()
    first, second = way.receivers()
    with pytest.raises((Refused, Conflict)):
        way.witnessed(first, second, "logistics.receive_shipment", **given)
    assert Shipment.objects.get().milestones.filter(kind="received").count() == 1
