"""The thread through its doors: pages, labels as PDF, and the acts that a page performs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.core.refusals import Refused
from vein2vein.identity import printing, reads
from vein2vein.identity.states import ContainerKind
from vein2vein.identity.tests.conftest import Bench, Course, everything

__all__ = ["plain_static_files"]


@pytest.fixture
def page(bench: Bench) -> Any:
    """Return a client signed in as somebody."""
    from vein2vein.people.models import Account

    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def test_a_chain_shows_the_patient_to_the_own_hospital_only(ours: Course, page: Any) -> None:
    ours.collected()
    address = f"/chains/{ours.chain.pk}"
    own, base, other = page("nurse.rj").get(address), page("supervisor").get(address), page("nurse.hk").get(address)
    assert (own.status_code, base.status_code, other.status_code) == (200, 200, 404)
    assert "ZYH-0047113" in own.text
    assert "1961-05-17" in own.text
    for seen in (base, other):
        assert "ZYH" not in seen.text
        assert "1961" not in seen.text
    assert ours.chain.code in base.text
    assert ours.chain.code not in other.text
    assert ours.chain.code in page("nurse.rj").get("/chains").text
    assert ours.chain.code not in page("nurse.hk").get("/chains").text


def test_a_container_shows_where_it_came_from(ours: Course, page: Any) -> None:
    bag = ours.collected()
    sample = ours.derive([bag], ContainerKind.SAMPLE)
    seen = page("operator1").get(f"/containers/{sample.pk}")
    assert seen.status_code == 200
    assert bag.code in seen.text
    assert page("nurse.hk").get(f"/containers/{sample.pk}").status_code == 404


@pytest.mark.requirement("N3")
def test_labels_are_printed_and_void_ones_are_not(ours: Course, page: Any) -> None:
    bag = ours.collected()
    made = ours.derive([bag], ContainerKind.FINAL_PRODUCT)
    label = reads.get_label_in_force(made.pk)
    assert page("nurse.rj").get(f"/labels/{ours.band.pk}.pdf").content.startswith(b"%PDF")
    assert page("operator1").get(f"/labels/{ours.band.pk}.pdf").status_code == 403
    for username, one in (("nurse.rj", ours.labels()[1]), ("nurse.rj", ours.labels()[0]), ("operator1", label)):
        answer = page(username).get(f"/labels/{one.pk}.pdf")
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
        assert answer.content.startswith(b"%PDF")
    assert page("planner").get(f"/labels/{label.pk}.pdf").status_code == 403
    assert page("nurse.hk").get(f"/labels/{label.pk}.pdf").status_code == 404
    label.state = "voided"
    with pytest.raises(Refused, match="not printed"):
        printing.label_pdf(label)


@pytest.mark.requirement("N4")
@pytest.mark.requirement("N5")
def test_a_witnessed_check_by_page_and_its_refusals(ours: Course, theirs: Course, page: Any) -> None:
    from vein2vein.people import reads as people

    client = page("nurse.rj")
    posted = {
        "occasion": "collection",
        "coi_id": str(ours.chain.pk),
        "scanned_wristband": ours.band.code,
        "_witness": "nurse.rj2",
        "_witness_secret": people.demonstration_password(),
        "_back": "/chains",
    }
    before = everything()
    for change, status in (
        ({"scanned_wristband": "QX 1961"}, 422),
        ({"scanned_wristband": theirs.band.code}, 422),
        ({"coi_id": str(theirs.chain.pk)}, 404),
        ({"_witness": ""}, 422),
        ({"_witness": "nurse.rj"}, 403),
        ({"_witness_secret": "wrong-secret-1"}, 403),
        ({"occasion": "infusion"}, 422),
    ):
        answer = client.post("/act/identity.record_identity_check", {**posted, **change})
        assert answer.status_code == status, (change, answer.text)
        assert theirs.chain.code not in answer.text
    assert everything() == before
    assert client.post("/act/identity.record_identity_check", posted).status_code == 302
    assert reads.has_check(ours.chain.pk, "collection")


def test_internal_acts_have_no_page(ours: Course, page: Any) -> None:
    for verb in ("derive_container", "mark_infused", "set_disposition", "activate_label"):
        assert page("supervisor").get(f"/act/identity.{verb}").status_code == 404
        assert page("supervisor").post(f"/act/identity.{verb}", {}).status_code == 404
