"""The tables of logistics: the database forbids what the rules forbid."""

from __future__ import annotations

from vein2vein.logistics.models import Shipment


def test_no_shipment_at_first(db: None) -> None:
    assert not Shipment.objects.exists()
