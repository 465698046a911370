"""A batch from its results to the release for infusion, and to a rejection."""

from __future__ import annotations

from vein2vein.identity.models import Container
from vein2vein.journal.reads import list_stream
from vein2vein.orders.reads import load_order
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality


def test_manufacturer_then_sponsor_release_a_trial_product(quality: Quality) -> None:
    assert [str(one) for one in quality.blockers(Decision.RELEASE_BY_MANUFACTURER)] == []
    first = quality.decide(Decision.RELEASE_BY_MANUFACTURER)
    assert (first.final, first.rfi_number) == (False, "")
    assert load_order(quality.batch.order_id).state == "manufactured"
    second = quality.decide(Decision.RELEASE_BY_SPONSOR)
    order = load_order(quality.batch.order_id)
    assert (second.final, order.state, order.rfi_number) == (True, "released", second.rfi_number)
    found = dict(
        Container.objects.filter(coi_id=quality.batch.coi_id, kind="final_product").values_list("role", "disposition")
    )
    assert found == {"product_bag": "released", "reserve_bag": "quarantined"}
    facts = [entry.fact for entry in list_stream(f"coi:{quality.batch.coi_id}")][-4:]
    assert facts == [
        "quality.BatchDisposed",
        "identity.DispositionSet",
        "orders.ReleaseRecorded",
        "manufacturing.BatchClosed",
    ]
