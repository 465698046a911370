"""The same refusals by API and by command line: no door is softer than another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from vein2vein.cli.acting import act
from vein2vein.core.refusals import Refusal
from vein2vein.identity.states import ContainerKind, Occasion
from vein2vein.identity.tests.conftest import Bench, Course, everything
from vein2vein.identity.tests.test_actions import INTERNAL
from vein2vein.people import actions as people_actions
from vein2vein.people import reads as people


@pytest.fixture
def api(bench: Bench) -> Any:
    """Return a function that posts to the API as somebody, with a witness where one is named."""

    def token(username: str) -> str:
        told = {"label": "test", "days": 1}
        signed = bench.who(username).signing(str(bench.witness(username, "people.issue_token", told).grant))
        row = people_actions.issue_token(label="test", days=1, by=signed)
        return people.reveal_token(token_id=row.pk, by=bench.who(username))

    def post(username: str, verb: str, body: dict[str, Any], witness: str | None = None, **typed: Any) -> Any:
        headers = {"Authorization": f"Bearer {token(username)}"}
        if witness is not None:
            headers["Witness-Grant"] = str(bench.witness(witness, f"identity.{verb}", typed).grant)
        path = f"/api/v1/identity/{verb.replace('_', '-')}"
        return Client().post(path, json.dumps(body), content_type="application/json", headers=headers)

    return post


def check(course: Course, **change: Any) -> dict[str, Any]:
    return {
        "occasion": "collection",
        "coi_id": str(course.chain.pk),
        "scanned_wristband": course.band.code,
    } | change


def typed(course: Course, **change: Any) -> dict[str, Any]:
    return {
        "occasion": Occasion.COLLECTION,
        "coi_id": course.chain.pk,
        "scanned_wristband": course.band.code,
        "scanned_label": "",
        "manual": False,
        "entered_again": None,
    } | change


@pytest.mark.requirement("N4")
@pytest.mark.requirement("N5")
def test_checks_by_api(ours: Course, theirs: Course, api: Any) -> None:
    prepared = everything()
    for band, code in (
        ("QX 1961", "codes.bad_code"),
        (theirs.band.code, "identity.wristband_other_course"),
        (ours.kit.code, "identity.wrong_kind"),
    ):
        change = {"scanned_wristband": band}
        answer = api("nurse.rj", "record_identity_check", check(ours, **change), "nurse.rj2", **typed(ours, **change))
        assert (answer.status_code, answer.json()["blockers"][0]["code"]) == (422, code)
        assert theirs.chain.code not in answer.text
    assert api("nurse.rj", "record_identity_check", check(ours)).status_code == 422
    assert api("planner", "record_identity_check", check(ours), "nurse.rj2", **typed(ours)).status_code == 403
    assert api("nurse.hk", "record_identity_check", check(ours), "nurse.rj2", **typed(ours)).status_code == 404
    after = everything()
    assert {name: rows for name, rows in after.items() if name != "journal"} == {
        name: rows for name, rows in prepared.items() if name != "journal"
    }
    assert api("nurse.rj", "record_identity_check", check(ours), "nurse.rj2", **typed(ours)).status_code == 200


@pytest.mark.requirement("N2")
@pytest.mark.requirement("N6")
def test_internal_acts_have_no_door_at_all(ours: Course, api: Any) -> None:
    made = ours.derive([ours.collected()], ContainerKind.SAMPLE)
    before = everything()
    for verb in INTERNAL:
        assert api("supervisor", verb, {"container_id": str(made.pk)}).status_code in (404, 405)
        with pytest.raises(Refusal):
            CliRunner().invoke(
                act, [f"identity.{verb}", f"container_id={made.pk}", "--as", "supervisor"], catch_exceptions=False
            )
    assert {name: rows for name, rows in everything().items() if name != "journal"} == {
        name: rows for name, rows in before.items() if name != "journal"
    }


@pytest.mark.requirement("N3")
def test_kits_by_api(ours: Course, api: Any) -> None:
    kit = {"kit_id": str(ours.kit.pk)}
    counted = kit | {"counted_used": 0, "counted_voided": 3}
    assert api("coordinator.rj", "reconcile_labels", counted).status_code == 422
    assert api("coordinator.rj", "void_spare_labels", kit | {"reason": "not used"}).status_code == 200
    assert api("coordinator.rj", "reconcile_labels", counted).status_code == 200


@pytest.mark.requirement("N4")
def test_a_check_by_command_line(ours: Course, theirs: Course) -> None:
    def run(**change: str) -> Any:
        given = [f"{name}={value}" for name, value in check(ours, **change).items()]
        secrets = f"{people.demonstration_password()}\n{people.demonstration_password()}\n"
        return CliRunner().invoke(
            act,
            ["identity.record_identity_check", *given, "--as", "nurse.rj", "--witness", "nurse.rj2"],
            input=secrets,
            catch_exceptions=False,
        )

    for band in ("typed name", theirs.band.code):
        with pytest.raises(Refusal):
            run(scanned_wristband=band)
    done = run()
    assert done.exit_code == 0
    assert '"occasion": "collection"' in done.output
