"""Everything can be reached: each public act and each read is in the document, and the document's addresses answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.doors import Interface
from vein2vein import journal
from vein2vein.api.mount import api
from vein2vein.doors.reading import READS

PUBLIC = sorted(name for name, one in journal.ACTIONS.items() if not one.internal)
pytestmark = pytest.mark.requirement("E")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    return made


def _path(name: str) -> str:
    return "/api/v1/" + name.replace(".", "/").replace("_", "-")


def test_every_public_act_is_a_post(document: dict[str, Any]) -> None:
    for name in PUBLIC:
        described = document["paths"][_path(name)]["post"]
        assert described["operationId"] == name
        assert described["description"].strip()


def test_every_read_is_a_get(document: dict[str, Any]) -> None:
    for name in READS:
        assert document["paths"][_path(name)]["get"]["operationId"] == name


def test_no_internal_act_is_in_the_document(document: dict[str, Any]) -> None:
    known = {*PUBLIC, *READS}
    told = {one["operationId"] for path in document["paths"].values() for one in path.values()}
    assert {name for name in told if "." in name and not name.startswith("vein2vein")} <= known
    assert not {name for name, one in journal.ACTIONS.items() if one.internal} & told


def test_every_act_refuses_an_unknown_argument_as_a_problem(interface: Interface) -> None:
    for name in PUBLIC:
        answer = interface.post(_path(name).removeprefix("/api/v1/"), {"no_such_thing": 1}, "admin")
        assert answer.status_code == 422, (name, answer.content)
        assert answer["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert {"type", "title", "status", "detail", "blockers"} <= set(told)
        assert told["status"] == 422
        assert any(one["field"].endswith("no_such_thing") for one in told["blockers"]), told
        assert all(set(one) - {"label"} == {"code", "field", "value", "message", "mend"} for one in told["blockers"])


def test_every_read_answers_or_says_why_not(interface: Interface) -> None:
    for name in sorted(READS):
        answer = interface.get(_path(name).removeprefix("/api/v1/"), "supervisor")
        assert answer.status_code in (200, 403, 422), (name, answer.content)
        if answer.status_code != 200:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["blockers"]


def test_what_is_not_there_is_a_problem_too(interface: Interface) -> None:
    answer = interface.get("orders/list-nothing", "planner")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["blockers"][0]["code"] == "doors.nothing_here"
    broken = interface.post("orders/cancel-order", "not an object", "planner")
    assert (broken.status_code, broken["Content-Type"]) == (422, "application/problem+json")
