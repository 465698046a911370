"""Which release a market and route ask for: manufacturer's and MAH release told apart, the sponsor's for a trial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attack.doors import Attack, Interface, Page
from vein2vein.identity.models import Container
from vein2vein.journal.reads import list_stream
from vein2vein.manufacturing.models import Batch
from vein2vein.network.models import Authorisation
from vein2vein.orders.models import Order
from vein2vein.quality.models import Disposition
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality

Find = Callable[[str], Quality]
DISPOSE = "quality.dispose_batch"
MANUFACTURER, MAH, SPONSOR = (
    Decision.RELEASE_BY_MANUFACTURER,
    Decision.RELEASE_BY_MAH,
    Decision.RELEASE_BY_SPONSOR,
)


def asked(quality: Quality, decision: Decision) -> dict[str, Any]:
    return {"batch_id": quality.batch.pk, "decision": decision, "reason": "all evidence reviewed"}


def dispositions(quality: Quality) -> set[str]:
    found = Container.objects.filter(coi_id=quality.batch.coi_id, role="product_bag")
    return set(found.values_list("disposition", flat=True))


def test_a_commercial_product_goes_by_manufacturer_then_mah(quality: Find, page: Page, interface: Interface) -> None:
    one = quality("commercial")
    url = f"/quality/batches/{one.batch.pk}"
    assert "release by manufacturer → release by MAH" in page.client("qp").get(url).content.decode()
    assert page.act(DISPOSE, "qp", **asked(one, MANUFACTURER)).done
    first = Disposition.objects.get(batch=one.batch)
    assert (first.final, first.rfi_number, first.certificate_number) == (False, "", "")
    assert dispositions(one) == {"quarantined"}
    assert Order.objects.get(pk=one.batch.order_id).state == "manufactured"
    text = page.client("qp").get(url).content.decode()
    assert "release by manufacturer →" not in text
    assert interface.act(DISPOSE, "qp", **asked(one, MAH)).done
    last = Disposition.objects.get(batch=one.batch, final=True)
    order = Order.objects.get(pk=one.batch.order_id)
    assert (last.decision, order.state, order.rfi_number) == ("release_by_mah", "released", last.rfi_number)
    assert last.release_rule == "commercial"
    assert last.authorisation_reference == "DEMO-NDA-CN-0002"
    assert dispositions(one) == {"released"}
    told = [each for each in list_stream(f"coi:{one.batch.coi_id}", limit=5000) if each.fact == "quality.BatchDisposed"]
    assert [each.data["decision"] for each in told] == ["release_by_manufacturer", "release_by_mah"]
    assert all(each.payload["signatures"][0]["meaning"] == "batch disposition" for each in told)


@pytest.mark.requirement("N6")
def test_each_route_refuses_the_release_of_another(quality: Find, attack: Attack) -> None:
    commercial, trial = quality("commercial"), quality("two_stage")
    for one, wrong in ((commercial, SPONSOR), (trial, MAH)):
        attack("quality.order_of_releases", DISPOSE, "qp", **asked(one, wrong))
    attack("quality.order_of_releases", DISPOSE, "qp", **asked(commercial, MAH))
    for stranger in ("qareviewer", "physician.rj"):
        for door in attack.doors[1:]:
            assert door.act(DISPOSE, stranger, **asked(commercial, MANUFACTURER)).status == 403
    assert dispositions(commercial) == {"quarantined"}


@pytest.mark.requirement("N6")
def test_a_market_or_route_that_has_no_release_releases_nothing(quality: Find, attack: Attack) -> None:
    one = quality("commercial")
    found = Batch.objects.filter(pk=one.batch.pk)
    for changed, code in (
        ({"route": "conditional"}, "quality.not_authorised"),
        ({"route": "named_patient"}, "quality.no_release_rule"),
        ({"market": "SG"}, "quality.no_release_rule"),
    ):
        found.update(**{"route": "commercial", "market": "CN"} | changed)
        attack(code, DISPOSE, "qp", **asked(one, MANUFACTURER))
    found.update(route="commercial", market="CN")
    Authorisation.objects.filter(route="commercial").update(valid_to_on=one.clock.at.date().replace(year=2025))
    attack("quality.not_authorised", DISPOSE, "qp", **asked(one, MANUFACTURER))


def test_a_sponsor_releases_a_trial_product_with_a_test_still_open(quality: Find, interface: Interface) -> None:
    one = quality("two_stage")
    assert interface.act(DISPOSE, "qp", **asked(one, MANUFACTURER)).done
    assert interface.act(DISPOSE, "qp", **asked(one, SPONSOR)).done
    last = Disposition.objects.get(batch=one.batch, final=True)
    assert (last.release_type, last.open_tests) == ("two_stage", ["sterility"])
    assert dispositions(one) == {"released"}
