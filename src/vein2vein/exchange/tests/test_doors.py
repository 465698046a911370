"""An order as a FHIR Bundle by page, by `POST /fhir` and by command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.cli.acting import act
from vein2vein.core.actor import Actor
from vein2vein.orders.models import Order
from vein2vein.people import actions as people
from vein2vein.people.models import Account
from vein2vein.people.reads import bearer, demonstration_password

__all__ = ["plain_static_files"]

EXAMPLE = Path(__file__).parents[4] / "examples" / "order-rapid-myeloma.json"
Find = Callable[[str], Actor]


def page(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def token(actor: Find, sign: Callable[..., Actor]) -> Callable[[str], dict[str, str]]:
    def issued(username: str) -> dict[str, str]:
        asked: dict[str, Any] = {"label": "hospital system"}
        made = people.issue_token(**asked, by=sign(actor(username), "people.issue_token", **asked))
        return {"Authorization": f"Bearer {bearer(made.pk)}"}

    return issued


def post(content: bytes, headers: dict[str, str]) -> Any:
    return Client().post("/fhir", content, content_type="application/fhir+json", headers=headers)


def test_fhir_in_and_out(token: Callable[[str], dict[str, str]]) -> None:
    known = token("physician.rj")
    first = post(EXAMPLE.read_bytes(), known)
    assert (first.status_code, first["Content-Type"]) == (201, "application/fhir+json")
    assert first.json()["issue"][0]["severity"] == "information"
    again = post(EXAMPLE.read_bytes(), known)
    assert again.status_code == 200
    assert again["Location"] == first["Location"]
    assert Order.objects.count() == 1


@pytest.mark.requirement("G")
def test_refusals_are_operation_outcomes(token: Callable[[str], dict[str, str]]) -> None:
    bundle = json.loads(EXAMPLE.read_text())
    bundle["entry"] = [one for one in bundle["entry"] if one["resource"]["resourceType"] != "Consent"]
    for content, headers, status in (
        (json.dumps(bundle).encode(), token("physician.rj"), 422),
        (b"\x00\x01", token("physician.rj"), 422),
        (b"x" * 5_500_000, token("physician.rj"), 422),
        (EXAMPLE.read_bytes(), token("physician.bj"), 404),
        (EXAMPLE.read_bytes(), token("operator1"), 403),
        (EXAMPLE.read_bytes(), {"Authorization": "Bearer nothing"}, 401),
        (EXAMPLE.read_bytes(), {}, 401),
    ):
        answer = post(content, headers)
        assert answer.status_code == status
        assert answer.json()["resourceType"] == "OperationOutcome"
        assert answer.json()["issue"][0]["severity"] == "error"
    assert not Order.objects.exists()


def test_the_page_takes_a_bundle_and_shows_the_order() -> None:
    client = page("coordinator.rj")
    assert client.get("/orders/bundle").status_code == 200
    answer = client.post("/orders/bundle", {"bundle": SimpleUploadedFile("o.json", EXAMPLE.read_bytes())})
    assert answer.status_code == 302
    shown = client.get(answer["Location"])
    assert shown.status_code == 200
    assert "for clinical trial only" in shown.text
    refused = client.post("/orders/bundle", {"bundle": SimpleUploadedFile("o.json", b"{}")})
    assert refused.status_code == 422


def test_the_command_takes_a_bundle(db: None) -> None:
    command = ["exchange.receive_order_bundle", f"bundle=@{EXAMPLE}", "--as", "physician.rj"]
    result = CliRunner().invoke(act, command, input=f"{demonstration_password()}\n")
    assert result.exit_code == 0, result.exception
    assert Order.objects.count() == 1
