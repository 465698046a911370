"""N16: a result without raw data, or tests repeated until one passes, through every way there is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from vein2vein.core.refusals import Refused
from vein2vein.core.uploads import Upload
from vein2vein.laboratory.tests.assays import Laboratory
from vein2vein.laboratory.tests.test_actions import investigation, refused

pytestmark = pytest.mark.requirement("N16")


def test_no_result_without_raw_data(lab: Laboratory) -> None:
    lab.receive()
    given = lab.payload("endotoxin", raw_file=Upload("nothing.csv", b""))
    refused(
        lab,
        lambda: lab.act("laboratory.record_result", lab.analyst, **given),
        Refused,
        "laboratory.no_raw_data",
    )


def test_a_result_that_stands_is_not_replaced_by_a_better_one(lab: Laboratory) -> None:
    lab.receive()
    lab.record("endotoxin", "7.5")
    refused(lab, lambda: lab.record("endotoxin", "0.2"), Refused, "laboratory.test_state")
    lab.review("endotoxin")
    refused(lab, lambda: lab.record("endotoxin", "0.2"), Refused, "laboratory.test_state")


@pytest.mark.parametrize("conclusion", ["no_laboratory_error", ""])
def test_no_result_is_invalidated_without_an_error_of_the_laboratory(lab: Laboratory, conclusion: str) -> None:
    if conclusion:
        code = investigation(lab, conclusion=conclusion).code
    else:
        lab.receive()
        lab.record("endotoxin")
        given: dict[str, Any] = {"test_id": lab.test("endotoxin").pk, "suspicion": "too high"}
        code = lab.act("laboratory.open_investigation", lab.analyst, **given).code
    given = {"test_id": lab.test("endotoxin").pk, "investigation": code}
    refused(
        lab,
        lambda: lab.act("laboratory.invalidate_result", lab.reviewer, **given),
        Refused,
        "laboratory.no_investigation",
    )


def test_an_investigation_of_one_test_does_not_invalidate_another(lab: Laboratory) -> None:
    code = investigation(lab).code
    lab.record("residual_beads", "250")
    given = {"test_id": lab.test("residual_beads").pk, "investigation": code}
    refused(
        lab,
        lambda: lab.act("laboratory.invalidate_result", lab.reviewer, **given),
        Refused,
        "laboratory.no_investigation",
    )


def test_the_database_refuses_a_result_without_raw_data_and_a_second_standing_test(lab: Laboratory) -> None:
    lab.receive()
    lab.record("endotoxin")
    test = lab.test("endotoxin").pk
    twice = """
        INSERT INTO laboratory_test SELECT (jsonb_populate_record(
            t, jsonb_build_object('id', gen_random_uuid(), 'attempt', 2, 'state', 'planned'))).*
        FROM laboratory_test t WHERE id = %s
    """
    for statement in ("UPDATE laboratory_result SET raw_file_id = NULL WHERE test_id = %s", twice):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [test])
