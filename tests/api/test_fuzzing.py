"""Whatever is sent to whichever address: no answer is an error of the server (schemathesis, in-process)."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.attack.doors import Interface
from vein2vein import journal
from vein2vein.api.mount import api
from vein2vein.core.actor import Role
from vein2vein.doors.reading import READS

EACH = int(os.environ.get("V2V_FUZZ", "4"))
"""How many requests each operation gets; a long run sets V2V_FUZZ=200."""
DOCUMENT = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
_FOUND: list[Any] = list(schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())
OPERATIONS = [result.ok() for result in _FOUND]
BY_CONTEXT = sorted({one.path.split("/")[3] for one in OPERATIONS})


PEOPLE = {
    "supervisor": Role.SUPERVISOR,
    "physician.rj": Role.PHYSICIAN,
    "coordinator.rj": Role.COORDINATOR,
    "nurse.rj": Role.APHERESIS_NURSE,
    "celllab.rj": Role.CELL_LAB,
    "infusion.rj": Role.INFUSION_NURSE,
    "carrier.a": Role.CARRIER,
    "operator1": Role.OPERATOR,
    "warehouse": Role.WAREHOUSE,
    "analyst": Role.QC_ANALYST,
    "qcreviewer": Role.QC_REVIEWER,
    "qareviewer": Role.QA_REVIEWER,
    "qp": Role.QUALIFIED_PERSON,
    "planner": Role.PLANNER,
    "admin": Role.ADMINISTRATOR,
}


def _somebody(name: str) -> str:
    """Return the user name of somebody who may call the action or read."""
    spec = journal.ACTIONS.get(name) or READS.get(name)
    roles = None if spec is None else spec.roles
    return next(user for user, role in PEOPLE.items() if not roles or role in roles)


def _send(case: Any, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    for name, value in (case.headers or {}).items():
        if str(name).lower() not in ("authorization", "content-type", "content-length", "host"):
            headers[name] = str(value)
    client = Client(raise_request_exception=False)
    if case.method.upper() == "GET":
        query = case.query if isinstance(case.query, dict) else {}
        return client.get(case.formatted_path, query, headers=headers)
    body = case.body if isinstance(case.body, bytes) else json.dumps(case.body, default=repr).encode()
    body = b"" if type(case.body).__name__ == "NotSet" else body
    return client.post(case.formatted_path, body, content_type="application/json", headers=headers)


@pytest.mark.requirement("G")
@pytest.mark.parametrize("context", BY_CONTEXT)
def test_no_request_makes_the_server_fail(interface: Interface, context: str) -> None:
    answered: Counter[int] = Counter()
    for operation in OPERATIONS:
        if operation.path.split("/")[3] == context:
            token = interface.token(_somebody(str(operation.definition.raw.get("operationId", ""))))
            _asked(operation, token, answered)()
    assert answered


def _asked(operation: Any, token: str, answered: Counter[int]) -> Any:
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=_negative())))
    def ask(case: Any) -> None:
        with transaction.atomic():
            answer = _send(case, token)
            transaction.set_rollback(True)
        answered[answer.status_code] += 1
        assert answer.status_code < 500, (case.method, case.path, case.query, case.body)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", answer.content[:300]
            assert answer.json()["blockers"]

    return ask


def _negative() -> Any:
    return schemathesis.GenerationMode.NEGATIVE
