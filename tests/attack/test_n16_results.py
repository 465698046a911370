"""N16: no result without its raw data, and no test until it passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.attack.doors import Attack, Command, Interface, Page, changed
from tests.attack.sql import forbidden, sql
from tests.routes import world
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import new_id
from vein2vein.core.uploads import Upload
from vein2vein.laboratory.models import Investigation, Test
from vein2vein.laboratory.states import Conclusion
from vein2vein.laboratory.tests.assays import Laboratory
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality

pytestmark = pytest.mark.requirement("N16")
RECORD, CORRECT, INVALIDATE = "laboratory.record_result", "laboratory.correct_result", "laboratory.invalidate_result"
CONCLUDE, OPEN = "laboratory.conclude_investigation", "laboratory.open_investigation"
LATE = "sterility_compendial"


@pytest.fixture(scope="session")
def _worker_database(routes_database: str) -> str:
    return routes_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(world.FOUND["commercial"].at)) as simulated:
        yield simulated


@pytest.fixture
def quality(clock_at: SimulatedClock) -> Quality:
    """Give a batch with one test still to be done."""
    return world.quality_of("commercial", clock_at)


@pytest.fixture
def lab(quality: Quality) -> Laboratory:
    return quality.lab


def test_no_door_takes_a_result_without_raw_data(lab: Laboratory, attack: Attack) -> None:
    empty = lab.payload(LATE, "no_growth", raw_file=Upload("empty.csv", b""))
    attack("laboratory.no_raw_data", RECORD, "analyst", **empty)
    given = lab.payload(LATE, "no_growth")
    del given["raw_file"]
    for door in attack.doors:
        assert not door.act(RECORD, "analyst", **given).done, door
    assert lab.test(LATE).state == "planned"
    for stranger in ("operator1", "qp", "physician.rj"):
        for door in attack.doors[1:]:
            assert door.act(RECORD, stranger, **lab.payload(LATE, "no_growth")).status == 403


def test_a_result_that_stands_is_not_replaced_by_a_better_one(lab: Laboratory, attack: Attack) -> None:
    lab.record(LATE, "growth")
    better = lab.payload(LATE, "no_growth")
    attack("laboratory.test_state", RECORD, "analyst", **better)
    correcting: dict[str, Any] = {
        "test_id": lab.test(LATE).pk,
        "raw_file": Upload("second.csv", b"another tube;no_growth\n"),
        "reason": "the other tube was clear",
        "outcome": "no_growth",
    }
    attack("laboratory.other_raw_data", CORRECT, "analyst", **correcting)
    lab.review(LATE)
    same = lab.payload(LATE, "growth")["raw_file"]
    attack("laboratory.test_state", CORRECT, "analyst", **changed(correcting, raw_file=same))
    attack("laboratory.test_state", RECORD, "analyst", **better)


def test_a_result_is_invalidated_only_by_its_own_concluded_investigation(
    lab: Laboratory, quality: Quality, attack: Attack
) -> None:
    lab.record(LATE, "growth")
    lab.review(LATE)
    test = lab.test(LATE).pk
    attack("laboratory.not_found", INVALIDATE, "qcreviewer", test_id=test, investigation="DOC-NONE")
    other = lab.test("mycoplasma").pk
    quality.act(OPEN, "analyst", test_id=other, suspicion="a spill")
    elsewhere = Investigation.objects.get().code
    error: dict[str, Any] = {"conclusion": Conclusion.LABORATORY_ERROR, "finding": "a spill"}
    quality.act(CONCLUDE, "qareviewer", investigation=elsewhere, **error)
    attack("laboratory.no_investigation", INVALIDATE, "qcreviewer", test_id=test, investigation=elsewhere)
    quality.act(OPEN, "qcreviewer", test_id=test, suspicion="we do not like it")
    code = Investigation.objects.get(test_id=test).code
    attack("laboratory.no_investigation", INVALIDATE, "qareviewer", test_id=test, investigation=code)
    attack("laboratory.own_investigation", CONCLUDE, "qcreviewer", investigation=code, **error)
    attack("laboratory.no_reason", CONCLUDE, "qareviewer", investigation=code, **changed(error, finding=" "))
    none: dict[str, Any] = {"conclusion": Conclusion.NO_LABORATORY_ERROR, "finding": "nothing was wrong"}
    quality.act(CONCLUDE, "qareviewer", investigation=code, **none)
    attack("laboratory.no_investigation", INVALIDATE, "qcreviewer", test_id=test, investigation=code)
    for stranger in ("analyst", "qp", "supervisor"):
        for door in attack.doors[1:]:
            assert door.act(INVALIDATE, stranger, test_id=test, investigation=code).status == 403


def test_who_may_conclude_for_sterility(lab: Laboratory, quality: Quality, attack: Attack) -> None:
    lab.record(LATE, "growth")
    test = lab.test(LATE).pk
    quality.act(OPEN, "analyst", test_id=test, suspicion="growth in the negative control")
    code = Investigation.objects.get().code
    error: dict[str, Any] = {"conclusion": Conclusion.LABORATORY_ERROR, "finding": "hood"}
    attack("laboratory.quality_concludes", CONCLUDE, "qcreviewer", investigation=code, **error)


def test_a_retest_is_walked_through_the_doors_once_and_no_more(lab: Laboratory, quality: Quality) -> None:
    page, interface, command = Page(), Interface(), Command()
    lab.record(LATE, "growth")
    lab.review(LATE)
    first = lab.test(LATE)
    shown = page.client("qareviewer").get(f"/laboratory/{quality.batch.pk}").content.decode()
    assert "Open investigation" in shown
    assert interface.act(OPEN, "analyst", test_id=first.pk, suspicion="growth in the negative control").done
    code = Investigation.objects.get().code
    blocked = [one.code for one in quality.blockers(Decision.RELEASE_BY_MANUFACTURER)]
    assert "quality.investigating" in blocked
    error: dict[str, Any] = {"conclusion": Conclusion.LABORATORY_ERROR, "finding": "control and hood contaminated"}
    assert page.act(CONCLUDE, "qareviewer", investigation=code, **error).done
    assert command.act(INVALIDATE, "qcreviewer", test_id=first.pk, investigation=code).done
    again = lab.test(LATE)
    assert (again.attempt, again.state, Test.objects.get(pk=first.pk).state) == (2, "planned", "invalidated")
    assert interface.act(RECORD, "analyst", **lab.payload(LATE, "growth")).done
    assert not page.act("laboratory.review_result", "analyst", test_id=again.pk).done
    assert page.act("laboratory.review_result", "qcreviewer", test_id=again.pk).done
    journal.run_followers()
    quality.act("quality.assess_batch", "qcreviewer", batch_id=quality.batch.pk)
    assert "quality.test_failed" in [one.code for one in quality.blockers(Decision.RELEASE_BY_MANUFACTURER)]
    quality.act(OPEN, "analyst", test_id=again.pk, suspicion="again")
    second = Investigation.objects.get(test=again).code
    quality.act(CONCLUDE, "qareviewer", investigation=second, **error)
    last = quality.act(INVALIDATE, "qcreviewer", test_id=again.pk, investigation=second)
    assert (last.pk, last.state) == (again.pk, "invalidated")  # the retest rule allows no third
    assert not interface.act(RECORD, "analyst", **changed(lab.payload(LATE, "no_growth"), test_id=again.pk)).done


def test_raw_sql_writes_no_result_without_raw_data_and_no_second_test(lab: Laboratory) -> None:
    lab.record(LATE, "growth")
    test = lab.test(LATE)
    result = test.results.get()
    with forbidden("laboratory_result_has_raw_data"):
        sql("UPDATE laboratory_result SET raw_file_id = NULL WHERE id = %s", result.pk)
    with forbidden("laboratory_test_one_stands"):
        copied = ", ".join(
            str(one.column) for one in Test._meta.concrete_fields if one.column not in ("id", "attempt", "state")
        )
        sql(
            f"INSERT INTO laboratory_test (id, attempt, state, {copied}) "
            f"SELECT %s, 2, 'planned', {copied} FROM laboratory_test WHERE id = %s",
            new_id(),
            test.pk,
        )
    with forbidden("laboratory_investigation_concluded"):
        sql(
            "INSERT INTO laboratory_investigation (id, code, test_id, suspicion, state, opened_at, opened_by_id, "
            "conclusion, finding) SELECT %s, 'DOC-SQL', %s, 'none', 'concluded', now(), recorded_by_id, '', '' "
            "FROM laboratory_result WHERE id = %s",
            new_id(),
            test.pk,
            result.pk,
        )
