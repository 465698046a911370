"""A second person compares a result with its raw data and signs; what rests on it is then computed."""

from __future__ import annotations

from datetime import datetime

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import TestId
from vein2vein.core.refusals import N_, NotAllowed, refuse_any
from vein2vein.engines.definitions import FormulaFault, evaluate
from vein2vein.engines.definitions.formulas import names_in
from vein2vein.journal.followers import SYSTEM_ACCOUNT
from vein2vein.laboratory import facts, reads, rules
from vein2vein.laboratory.actions.planning import refs, stream
from vein2vein.laboratory.actions.recording import recorded_fact
from vein2vein.laboratory.models import Result, Test
from vein2vein.laboratory.states import TestState


@journal.action("laboratory.review_result", roles=[Role.QC_REVIEWER], signed=N_("result reviewed against its raw data"))
def review_result(*, test_id: TestId, comment: str = "", by: Actor) -> Test:
    """Sign that a result agrees with its raw data; never one's own. What is computed from it follows."""
    test = reads.get_test(test_id=test_id, by=by)
    refuse_any(rules.state_blockers(reads.view_test(test), TestState.RESULTED))
    result = reads.latest_result(test)
    if result is None:
        raise AssertionError("a test with a result has one")
    if own := rules.own_review_blockers(recorded_by=str(result.recorded_by_id), by=str(by.account_id), name=by.name):
        raise NotAllowed(own)
    at = journal.current().at
    columns = {"reviewed_at": at, "reviewed_by_id": by.account_id, "reviewed_by_name": by.name}
    journal.transition(
        test,
        "review",
        _reviewed(test, result, by),
        stream=stream(test.batch),
        refs=refs(test.batch),
        changes=[(result, columns | ({"comment": comment} if comment else {}))],
    )
    compute_results(test, by)
    return test


def _reviewed(test: Test, result: Result, by: Actor) -> facts.ResultReviewed:
    return facts.ResultReviewed(
        batch_id=test.batch_id,
        batch_number=test.batch.number,
        coi_id=test.coi_id,
        order_id=test.batch.order_id,
        test_id=test.pk,
        test_code=test.code,
        stage=test.stage,
        attempt=test.attempt,
        result_id=result.pk,
        value=result.value,
        unit=result.unit,
        outcome=result.outcome,
        shown=rules.shown(result.value, result.unit, result.outcome),
        reviewed_by=by.name,
    )


def compute_results(reviewed: Test, by: Actor) -> None:
    """Compute the tests of a batch whose formula rests on a result just reviewed, where all it needs is there.

    What is computed from reviewed results alone is reviewed with the last of them: the same signature stands for it.
    """
    waiting = list(
        Test.objects.filter(batch_id=reviewed.batch_id, computed=True, state=TestState.PLANNED).order_by("id")
    )
    standing = reads.standing_results(reviewed.batch_id) if waiting else []
    for test in waiting:
        test.batch = reviewed.batch
        _compute(test, standing, by)


def _compute(test: Test, standing: list[tuple[Test, Result | None]], by: Actor) -> None:
    formula = reads.definition_of(test).formula
    if formula is None:
        return
    values = reads.formula_values(standing, test)
    names = sorted(set(names_in(formula.expression)))
    if any(name not in values for name in names):
        return
    try:
        found = evaluate(formula.expression, values, test.unit)
    except FormulaFault:
        return  # the test stays planned, and the assessment says that it is missing
    at = journal.current().at
    result = Result(
        test=test,
        revision=test.results.count() + 1,
        value=found.magnitude,
        unit=test.unit,
        computed=True,
        inputs={name: {"value": str(values[name].magnitude), "unit": values[name].unit} for name in names}
        | {"formula": formula.text},
        method_version=test.method_version,
        measured_at=_latest(standing, names, at),
        recorded_at=at,
        recorded_by_id=SYSTEM_ACCOUNT,
        recorded_by_name=N_("computed by the system"),
        reason=N_("computed again") if test.results.exists() else "",
        reviewed_at=at,
        reviewed_by_id=by.account_id,
        reviewed_by_name=by.name,
    )
    journal.transition(
        test,
        "record",
        recorded_fact(test, result),
        stream=stream(test.batch),
        refs=refs(test.batch),
        inserts=[result],
    )
    journal.transition(test, "review", _reviewed(test, result, by), stream=stream(test.batch), refs=refs(test.batch))


def _latest(standing: list[tuple[Test, Result | None]], names: list[str], at: datetime) -> datetime:
    times = [result.measured_at for test, result in standing if test.code in names and result is not None]
    return max(times, default=at)
