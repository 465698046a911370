"""The batch record through its doors: pages, API and command, and what they refuse alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.cli.acting import act
from vein2vein.engines.codes import Kind, make
from vein2vein.journal.reads import list_stream
from vein2vein.manufacturing.models import Occupancy
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.people.models import Account
from vein2vein.people.reads import bearer, demonstration_password

__all__ = ["plain_static_files"]

SignIn = Callable[[str], Client]


@pytest.fixture
def page(db: None) -> SignIn:
    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def test_the_record_is_shown_to_the_plant_only(bench: Bench, page: SignIn) -> None:
    bench.to("check_bag_intact")
    address = f"/batches/{bench.batch.pk}"
    seen = page("operator1").get(address)
    assert seen.status_code == 200
    assert bench.batch.number in seen.text
    assert 'data-step="check_bag_intact"' in seen.text
    assert 'data-action="manufacturing.record_step"' in seen.text
    assert "STOP" not in seen.text
    part = page("operator1").get(f"{address}/execute", headers={"X-Part": "main"}).text
    assert "data-floor" in part
    assert "<header" not in part, "a script that replaces the main part alone is given that alone"
    for place in ("", "/exceptions", "/record.pdf"):
        assert page("supervisor").get(address + place).status_code == 200
        assert page("physician.rj").get(address + place).status_code == 403
    assert page("operator1").get(address, headers={"Accept-Language": "zh-hans"}).text.count("袋体完好") == 1
    assert bench.batch.number in page("operator1").get("/batches").text
    assert page("operator1").get("/lots").status_code == 200


def test_a_step_is_recorded_on_the_page_and_a_double_click_is_one(bench: Bench, page: SignIn) -> None:
    bench.to("check_bag_intact")
    form: dict[str, Any] = {
        "batch_id": str(bench.batch.pk),
        "step_code": "check_bag_intact",
        "answer": "yes",
        "_back": f"/batches/{bench.batch.pk}",
        "_key": "one-click",
    }
    client = page("operator1")
    first, again = (client.post("/act/manufacturing.record_step", form) for _ in range(2))
    assert (first.status_code, again.status_code) == (302, 302)
    stale = client.post("/act/manufacturing.record_step", form | {"_key": "another"})
    assert stale.status_code == 409
    assert "check_bag_intact" in stale.text


@pytest.mark.requirement("N1")
def test_an_occupied_workstation_is_refused_by_page_api_and_command(benches: list[Bench], page: SignIn) -> None:
    first, second = benches
    first.to("scan_leukapheresis")
    second.to("clear_receipt_bench")
    secret = demonstration_password()
    given: dict[str, Any] = {
        "batch_id": str(second.batch.pk),
        "step_code": "clear_receipt_bench",
        "equipment_code": make(Kind.EQUIPMENT, "RB-01"),
    }
    people: dict[str, Any] = {
        "_signer": "operator1",
        "_secret": secret,
        "_witness": "operator2",
        "_witness_secret": secret,
    }
    answer = page("operator1").post("/act/manufacturing.clear_line", given | people)
    assert answer.status_code == 422
    assert first.batch.number in answer.text

    def headers(username: str) -> dict[str, str]:
        from vein2vein.people.actions import issue_token

        who = second.find(username)
        asked: dict[str, Any] = {"label": "bench"}
        issued = issue_token(**asked, by=second.sign(who, "people.issue_token", **asked))
        return {"Authorization": f"Bearer {bearer(issued.pk)}"}

    def grant(username: str, known: dict[str, str]) -> str:
        body = {"action": "manufacturing.clear_line", "arguments": given, "username": username, "password": secret}
        signed = Client().post("/api/v1/signatures", body, content_type="application/json", headers=known)
        assert signed.status_code == 200, signed.text
        return str(signed.json()["grant"])

    one, two = headers("operator1"), headers("operator2")
    asked = one | {"Signature-Grant": grant("operator1", one), "Witness-Grant": grant("operator2", two)}
    answer = Client().post("/api/v1/manufacturing/clear-line", given, content_type="application/json", headers=asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["blockers"][0]["code"] == "manufacturing.workstation_occupied"

    arguments = [f"{name}={value}" for name, value in given.items()]
    command = ["manufacturing.clear_line", *arguments, "--as", "operator1", "--witness", "operator2"]
    result = CliRunner().invoke(act, command, input=f"{secret}\n{secret}\n")
    assert result.exit_code != 0
    assert "workstation_occupied" in repr(result.exception) or "occupied" in str(result.exception)
    assert Occupancy.objects.filter(during__endswith__isnull=True).count() == 1


def test_a_ruling_is_offered_where_a_clock_has_run_out(bench: Bench, page: SignIn) -> None:
    bench.clock.advance(timedelta(hours=80))
    seen = page("qareviewer").get(f"/batches/{bench.batch.pk}")
    assert 'data-action="manufacturing.rule_on_clock"' in seen.text
    assert 'value="starting_material"' in seen.text


def test_work_is_named_to_those_who_do_it(bench: Bench, page: SignIn) -> None:
    assert bench.batch.number in page("operator1").get("/").text
    assert bench.batch.number not in page("physician.rj").get("/").text


@pytest.mark.requirement("N1")
@pytest.mark.requirement("N7")
def test_a_wrong_scan_is_refused_at_the_scan_by_the_rules_of_the_act(benches: list[Bench], page: SignIn) -> None:
    first, second = benches
    client, strange = page("operator1"), second.container("leukapheresis_bag")
    asked = Asked(client, first)
    asked.at("scan_leukapheresis")
    own = first.container("leukapheresis_bag")
    before = list_stream(f"coi:{first.batch.coi_id}")
    refused = asked("scanned", strange)
    for words in ('data-code="manufacturing.wrong_patient"', strange, own, "call the supervisor"):
        assert words in refused
    assert "codes.bad_code" in asked("scanned", "the bag on the left")
    assert asked("scanned", own) == ""
    asked.at("measure_received_count")
    assert "network.wrong_equipment" in asked("equipment_code", first.equipment("balance"))
    assert asked("equipment_code", counter := first.equipment("cell_counter")) == ""
    asked.at("consume_wash_set")
    assert "materials.wrong_material" in asked("lot_code", first.lot("wash_buffer"))
    assert asked("lot_code", lot := first.lot("wash_set")) == ""
    assert list_stream(f"coi:{first.batch.coi_id}")[: len(before)] == before
    first.clock.advance(timedelta(days=3650))
    assert "materials.expired" in asked("lot_code", lot)
    asked.step = "measure_received_count"
    assert "network.calibration_due" in asked("equipment_code", counter)
    nurse = page("nurse.rj").get(f"/batches/{first.batch.pk}/scan", {"step_code": asked.step, "text": own})
    assert nurse.status_code == 403


class Asked:
    """What the tablet asks when something was scanned at a step: the words of the refusal, none where it is right."""

    def __init__(self, client: Client, bench: Bench) -> None:
        self.client, self.bench, self.step = client, bench, ""

    def at(self, step: str) -> None:
        """Carry the batch on until a step is next."""
        self.bench.to(step)
        self.step = step

    def __call__(self, field: str, text: str) -> str:
        given = {"step_code": self.step, "field": field, "text": text}
        answer = self.client.get(f"/batches/{self.bench.batch.pk}/scan", given)
        assert (answer.status_code == 204) is not answer.content.strip().startswith(b"<")
        return answer.text
