"""Suspect results: investigated, and invalidated only for an error of the laboratory (N16)."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import TestId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, refuse_any
from vein2vein.engines.codes import Kind, issue
from vein2vein.engines.definitions.formulas import names_in
from vein2vein.laboratory import facts, reads, rules
from vein2vein.laboratory.actions.planning import planned_test, refs, stream
from vein2vein.laboratory.models import Investigation, Test
from vein2vein.laboratory.states import Conclusion, TestState
from vein2vein.manufacturing.reads import definition_of as batch_definition

journal.explain(
    "laboratory_investigation_one",
    Blocker(
        code="laboratory.investigated_already",
        message=N_("This result is being investigated already"),
        field="test_id",
        mend=N_("Conclude that investigation"),
    ),
)
journal.explain(
    "laboratory_test_one_stands",
    Blocker(
        code="laboratory.one_result_stands",
        message=N_("This test stands already: it is not done again until it passes"),
        field="test_code",
        mend=N_("Investigate the result that stands"),
    ),
)


@journal.action("laboratory.open_investigation", roles=[Role.QC_ANALYST, Role.QC_REVIEWER, Role.QA_REVIEWER])
def open_investigation(*, test_id: TestId, suspicion: str, by: Actor) -> Investigation:
    """Open a laboratory investigation of a result, saying what is suspect."""
    test = reads.get_test(test_id=test_id, by=by)
    refuse_any(
        [
            *rules.state_blockers(reads.view_test(test), TestState.RESULTED, TestState.REVIEWED),
            *rules.reason_blockers(suspicion, "suspicion"),
        ]
    )
    investigation = Investigation(
        code=issue(Kind.DOCUMENT),
        test=test,
        suspicion=suspicion,
        opened_at=journal.current().at,
        opened_by_id=by.account_id,
    )
    journal.record(
        facts.InvestigationOpened(
            batch_id=test.batch_id,
            batch_number=test.batch.number,
            coi_id=test.coi_id,
            test_id=test.pk,
            test_code=test.code,
            investigation=investigation.code,
            suspicion=suspicion,
        ),
        stream=stream(test.batch),
        refs=refs(test.batch),
        inserts=[investigation],
    )
    return investigation


@journal.action(
    "laboratory.conclude_investigation",
    roles=[Role.QC_REVIEWER, Role.QA_REVIEWER],
    signed=N_("laboratory investigation concluded"),
)
def conclude_investigation(*, investigation: str, conclusion: Conclusion, finding: str, by: Actor) -> Investigation:
    """Sign what an investigation (by its code) found; for some tests the retest rule asks that QA does."""
    row = reads.get_investigation(investigation, by=by)
    test = row.test
    result = reads.latest_result(test)
    found = rules.conclusion_blockers(
        rule=reads.definition_of(test).retest.rule.value,
        roles=by.roles,
        opened_by=str(row.opened_by_id),
        by=str(by.account_id),
        finding=finding,
        recorded_by="" if result is None else str(result.recorded_by_id),
        name=by.name,
    )
    if people := [one for one in found if one.field == "by"]:
        raise NotAllowed(people)
    refuse_any(found)
    journal.transition(
        row,
        "conclude",
        facts.InvestigationConcluded(
            batch_id=test.batch_id,
            batch_number=test.batch.number,
            coi_id=test.coi_id,
            test_id=test.pk,
            test_code=test.code,
            investigation=row.code,
            conclusion=conclusion.value,
            finding=finding,
        ),
        stream=stream(test.batch),
        refs=refs(test.batch),
        conclusion=conclusion.value,
        finding=finding,
        concluded_at=journal.current().at,
        concluded_by_id=by.account_id,
    )
    return row


@journal.action(
    "laboratory.invalidate_result",
    roles=[Role.QC_REVIEWER, Role.QA_REVIEWER],
    signed=N_("result invalidated for an error of the laboratory"),
)
def invalidate_result(*, test_id: TestId, investigation: str, by: Actor) -> Test:
    """Invalidate a result by a concluded investigation of it; the test is planned again where its retest rule allows.

    Returns the test that stands from now on: the repeat, or the invalidated one when no repeat is allowed.
    """
    test = reads.get_test(test_id=test_id, by=by)
    row = reads.get_investigation(investigation, by=by)
    refuse_any(rules.state_blockers(reads.view_test(test), TestState.RESULTED, TestState.REVIEWED))
    refuse_any(
        rules.invalidation_blockers(test=str(test.pk), investigation_of=str(row.test_id), conclusion=row.conclusion)
    )
    result = reads.latest_result(test)
    if result is not None and result.recorded_by_id == by.account_id:
        raise NotAllowed(
            rules.own_review_blockers(recorded_by=str(result.recorded_by_id), by=str(by.account_id), name=by.name)
        )
    rule = reads.definition_of(test)
    retest = rules.retest_allowed(rule.retest.rule.value, rule.retest.maximum, test.attempt)
    journal.transition(
        test,
        "invalidate",
        facts.ResultInvalidated(
            batch_id=test.batch_id,
            batch_number=test.batch.number,
            coi_id=test.coi_id,
            test_id=test.pk,
            test_code=test.code,
            attempt=test.attempt,
            investigation=row.code,
            retest=retest,
        ),
        stream=stream(test.batch),
        refs=refs(test.batch),
    )
    _withdraw_computed(test)
    return _plan_again(test) if retest else test


def _plan_again(test: Test) -> Test:
    definition = batch_definition(test.batch)
    again = planned_test(test.batch, definition.specification, reads.definition_of(test), attempt=test.attempt + 1)
    journal.record(
        facts.RetestPlanned(
            batch_id=test.batch_id,
            batch_number=test.batch.number,
            coi_id=test.coi_id,
            test_id=again.pk,
            test_code=again.code,
            attempt=again.attempt,
        ),
        stream=stream(test.batch),
        refs=refs(test.batch),
        inserts=[again],
    )
    return again


def _withdraw_computed(invalid: Test) -> None:
    """Take back what was computed from a result that does not count any more."""
    rows = Test.objects.select_related("batch").filter(batch=invalid.batch_id, computed=True)
    for test in rows.filter(state__in=[TestState.RESULTED, TestState.REVIEWED]).order_by("id"):
        formula = reads.definition_of(test).formula
        if formula is None or invalid.code not in set(names_in(formula.expression)):
            continue
        journal.transition(
            test,
            "withdraw",
            facts.ResultWithdrawn(
                batch_id=test.batch_id,
                batch_number=test.batch.number,
                coi_id=test.coi_id,
                test_id=test.pk,
                test_code=test.code,
                reason=f"{invalid.code} invalidated",
            ),
            stream=stream(test.batch),
            refs=refs(test.batch),
        )
