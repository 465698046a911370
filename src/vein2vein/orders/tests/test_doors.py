"""Orders through their doors: pages in both languages, and the never-events tried by page, API and command."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.cli.acting import act
from vein2vein.core.refusals import Refusal
from vein2vein.orders.models import Infusion, Order
from vein2vein.orders.tests.conftest import Course
from vein2vein.orders.tests.test_actions import everything, told_since
from vein2vein.people.models import Account
from vein2vein.people.reads import bearer, demonstration_password

__all__ = ["plain_static_files"]


def page(username: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("state", ["drafted", "submitted", "accepted", "collecting", "at_site", "thawed", "infused"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_course_is_shown_to_its_hospital_and_the_base_only(course: Course, state: str, language: str) -> None:
    course.to(state)
    address = f"/orders/{course.order.pk}"
    for username, status in (("physician.rj", 200), ("infusion.rj", 200), ("planner", 200), ("physician.bj", 404)):
        assert page(username, language).get(address).status_code == status
    assert course.order.code in page("physician.rj", language).get("/orders").text
    assert course.order.code not in page("physician.bj", language).get("/orders").text
    assert page("physician.rj", language).get("/").status_code == 200


def test_a_greyed_button_shows_the_rule_that_refuses(course: Course) -> None:
    course.to("released")
    shown = page("physician.rj").get(f"/orders/{course.order.pk}").text
    assert "The product is not secured on site" in shown
    answer = page("physician.rj").post(
        "/act/orders.clear_for_lymphodepletion", {"order_id": str(course.order.pk), **_signing("physician.rj")}
    )
    assert answer.status_code == 422
    assert "The product is not secured on site" in answer.text


def test_what_is_due_stands_first_and_the_rest_says_whose_it_is(course: Course) -> None:
    course.to("accepted")
    address = f"/orders/{course.order.pk}"
    physician, nurse = page("physician.rj").get(address).text, page("nurse.rj", "zh-hans").get(address).text
    stop = physician.index("Stop or change this treatment")
    assert physician.index('data-action="orders.report_death"') < stop < physician.index("orders.cancel_order")
    due, _, folded = nurse.partition('<details class="more">')
    assert 'class="act" open' in due
    assert 'data-action="orders.start_collection"' in due
    assert "orders.cancel_order" not in due
    assert "由以下角色操作：医生" in folded
    failed = {"order_id": str(course.order.pk), "reason": "x"}
    refused = page("coordinator.rj", "zh-hans").post("/act/orders.fail_collection", failed)
    assert refused.status_code == 403
    assert "单采护士、医生" in refused.text
    course.to("cleared")
    physician = page("physician.rj").get(address).text
    assert 'data-action="orders.report_lymphodepletion"' in physician.partition('<details class="more">')[0]


def _signing(username: str) -> dict[str, str]:
    return {"_signer": username, "_secret": demonstration_password()}


def test_an_order_is_drafted_and_prescribed_by_page(course: Course) -> None:
    client, today = page("physician.rj"), course.clock.at.date()
    assert client.get("/orders/new/rapid-bcma-cd19").status_code == 200
    form = {
        "hospital_code": "CN-RJ-DEMO",
        "hospital_number": "DEMO-77",
        "initials": "AB",
        "birth_date": "1971-01-02",
        "sex": "male",
        "indication_code": "multiple_myeloma",
        "route": "clinical_trial",
        "arm": "mm-dl3",
        "protocol": "DEMO-MM-201",
        "subject_number": "RJ-9",
        "dose_amount": "300000",
        "weight_kg": "70.5",
        "starting_material": "fresh",
        "consent_version": "3.0",
        "consent_signed_on": str(today),
        "weight_measured_at": (course.clock.at - timedelta(hours=1)).isoformat()[:16],
        "collection_planned_at": (course.clock.at + timedelta(days=3)).isoformat()[:16],
        "washout.systemic_steroid": str(today - timedelta(days=40)),
    }
    for marker in ("hiv", "hbv", "hcv", "syphilis", "cmv"):
        form |= {f"virology.{marker}.result": "negative", f"virology.{marker}.on": str(today)}
    wrong = client.post("/orders/new/rapid-bcma-cd19", form | {"weight_kg": "heavy"})
    assert wrong.status_code == 422
    assert "weight_kg" in wrong.text
    assert wrong.text.count('value="negative" selected') == 5, "what was entered stands there again"
    assert f'name="washout.systemic_steroid" value="{form["washout.systemic_steroid"]}"' in wrong.text
    assert not Order.objects.exists()
    answer = client.post("/orders/new/rapid-bcma-cd19", form)
    assert answer.status_code == 302, answer.text
    order = Order.objects.get()
    signed = client.post("/act/orders.submit_order", {"order_id": str(order.pk), **_signing("physician.rj")})
    assert signed.status_code == 302, signed.text
    assert Order.objects.get().state == "submitted"


def attack(course: Course, action: str, given: dict[str, Any], username: str, witness: str = "") -> list[str]:
    """Try an act by page, API and command; return how each refused."""
    before, secret = everything(), demonstration_password()
    people = {"_witness": witness, "_witness_secret": secret} if witness else {}
    by_page = page(username).post(f"/act/{action}", {**given, **people})
    by_api = _by_api(course, action, given, username, witness)
    command = [action, *(f"{name}={value}" for name, value in given.items()), "--as", username]
    command += ["--witness", witness] if witness else []
    by_command = CliRunner().invoke(act, command, input=f"{secret}\n{secret}\n")
    after = everything()
    told = [one.fact for one in told_since(before.pop("entry")) if not one.fact.startswith("people.")]
    assert (told, {name: after[name] for name in before}) == ([], before)
    assert isinstance(by_command.exception, Refusal)
    return [
        str(by_page.status_code),
        by_api.json()["blockers"][0]["code"],
        by_command.exception.blockers[0].code,
    ]


def _by_api(course: Course, action: str, given: dict[str, Any], username: str, witness: str) -> Any:
    def headers(who: str) -> dict[str, str]:
        from vein2vein.people.actions import issue_token

        asked: dict[str, Any] = {"label": "test"}
        made = issue_token(**asked, by=course.sign(course.find(who), "people.issue_token", **asked))
        return {"Authorization": f"Bearer {bearer(made.pk)}"}

    asked = headers(username)
    if witness:
        body = {
            "action": action,
            "arguments": given,
            "username": witness,
            "password": demonstration_password(),
        }
        grant = Client().post("/api/v1/signatures", body, content_type="application/json", headers=headers(witness))
        asked |= {"Witness-Grant": grant.json()["grant"]}
    address = "/api/v1/" + action.replace(".", "/").replace("_", "-")
    return Client().post(address, given, content_type="application/json", headers=asked)


@pytest.mark.requirement("N5")
def test_another_patients_bag_is_refused_at_every_door(course: Course, other_course: Course) -> None:
    course.to("thawed")
    other_course.to("thawed")
    given = {
        "order_id": str(course.order.pk),
        "scanned_wristband": course.wristband,
        "scanned_bag": other_course.bags[0].code,
    }
    found = attack(course, "orders.match_at_bedside", given, "infusion.rj", "infusion.rj2")
    assert found == ["422", "orders.bag_of_another_patient", "orders.bag_of_another_patient"]
    assert not Infusion.objects.exists()


@pytest.mark.requirement("N6")
def test_an_unreleased_bag_is_refused_at_every_door(course: Course) -> None:
    course.to("manufactured")
    failed = course.make_bag(disposition=None)
    course.to("cleared")
    course.lymphodeplete()
    course.confirm_dose()
    given = {"order_id": str(course.order.pk), "scanned_bag": failed.code}
    found = attack(course, "orders.thaw_product", given, "celllab.rj")
    assert found == ["422", "orders.bag_not_of_dose", "orders.bag_not_of_dose"]


@pytest.mark.requirement("N4")
def test_a_typed_identity_is_refused_at_every_door(course: Course) -> None:
    course.to("thawed")
    given = {"order_id": str(course.order.pk), "scanned_wristband": "ZM", "scanned_bag": course.bags[0].code}
    found = attack(course, "orders.match_at_bedside", given, "infusion.rj", "infusion.rj2")
    assert found == ["422", "codes.bad_code", "codes.bad_code"]


@pytest.mark.requirement("N3")
def test_the_collection_kit_is_printed_from_the_chains_page(course: Course) -> None:
    course.to("accepted")
    client, chain = page("coordinator.rj"), f"/chains/{course.order.coi_id}"
    assert 'action="/act/orders.print_collection_kit"' in client.get(chain).text
    told = {"order_id": str(course.order.pk), "spare": "1", "_back": chain}
    assert client.post("/act/orders.print_collection_kit", told).status_code == 302
    assert course.label()
    assert "is not reconciled" in client.get(chain).text
    assert client.post("/act/orders.print_collection_kit", told).status_code == 422
