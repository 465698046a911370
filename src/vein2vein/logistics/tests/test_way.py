"""There and back: both shipments of one course by the real acts."""

from __future__ import annotations

from vein2vein.identity.models import Container
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.reads import milestones_of
from vein2vein.logistics.tests.conftest import Way


def test_there_and_back(way: Way) -> None:
    way.to("material_accepted")
    first = way.shipment
    assert Container.objects.get(coi_id=way.order.coi_id, kind="starting_material").disposition == "accepted"
    way.to("at_site")
    assert way.shipment.pk != first.pk
    assert [one.kind for one in milestones_of(way.shipment)] == [
        "packed",
        "handed_over",
        "delivered",
        "received",
    ]
    assert set(Shipment.objects.values_list("state", flat=True)) == {"received"}
    way.to("infused")
