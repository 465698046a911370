"""Interleaved people doing right and wrong things to seven patients: after each act, every invariant holds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, core, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.attack.ward import TEMPTING, WRONG, Do, Ward, refused
from vein2vein import journal
from vein2vein.core import clock, ids
from vein2vein.core.clock import SimulatedClock
from vein2vein.driver.invariants import entries, standing
from vein2vein.journal.followers import halted
from vein2vein.journal.verification import verify_chain, verify_fold

ACTS = int(os.environ.get("V2V_ACTS", "5000"))
"""How many acts are tried; a long run sets V2V_ACTS, or is many runs with `--hypothesis-seed` 1, 2, …"""
STEPS = 100
WHO = st.integers(0, 6)
PICK = st.integers(0, 11)
PATIENCE = 15
"""How many right acts are done, at most, to come to a step at which a wrong one is possible."""
RARELY_MISSED = 0 if ACTS >= 20_000 else 3
"""How many kinds of wrong act a run may never come to: some are possible at few steps; each has tests of its own."""
tried: Counter[str] = Counter()


def enough() -> bool:
    """Say whether all acts were tried; what is left of a run then passes quickly."""
    return tried["refused"] + tried["done"] >= ACTS


class Interleaved(RuleBasedStateMachine):
    """Whoever comes next does something; `ward` is set by the test.

    What is drawn never depends on how things stand (no preconditions; numbers are mapped onto what is possible
    when the act is done), and ids and clock begin alike in every run: a replay is exact.
    """

    ward: Ward

    def __init__(self) -> None:
        super().__init__()
        self.around = ExitStack()
        self.idle = enough()
        if self.idle:
            return
        savepoint = transaction.atomic()
        setattr(savepoint, "_from_testcase", True)  # noqa: B010 - as the fixture's own
        self.around.enter_context(savepoint)
        self.around.callback(transaction.set_rollback, True)
        self.around.enter_context(ids.seeded(1))
        self.ward.again()
        self.before = entries()
        self.last: Do | None = None

    def teardown(self) -> None:
        with self.around:
            if not self.idle:
                assert verify_chain() == []
                assert verify_fold() == []
                assert halted() == []

    def _do(self, what: str, do: Do, *, must_refuse: bool = False) -> None:
        refusal = refused(do)
        tried["refused" if refusal else "done"] += 1
        tried[what] += 1
        now, faults = standing()
        if refusal is not None:
            assert now == self.before, (what, str(refusal))
            assert all(one.code and one.message for one in refusal.blockers)
        else:
            assert not must_refuse, what
        self.before = now
        assert faults == [], what
        self.ward.clock.advance(timedelta(minutes=1))

    def _go_on(self, who: int) -> None:
        do = self.ward.patients[who].next()
        if do is not None:
            self.last = do
            self._do("go on", do)

    def _do_wrong(self, kind: str, who: int, other: int, pick: int) -> bool:
        made = self.ward.wrong(kind, self.ward.patients[who], self.ward.patients[other], pick)
        if made is not None:
            self._do(kind, made[1], must_refuse=True)
        return made is not None

    @rule(who=WHO)
    def go_on(self, who: int) -> None:
        if not enough():
            self._go_on(who)

    @rule(who=st.integers(2, 5))
    def go_on_where_it_matters(self, who: int) -> None:
        self.go_on(who)

    @rule()
    def do_it_again(self) -> None:
        if self.idle or enough() or self.last is None:
            return
        self._do("again", self.last)

    @rule(who=WHO, other=st.integers(1, 6), kind=st.sampled_from(WRONG), pick=PICK)
    def do_wrong(self, who: int, other: int, kind: str, pick: int) -> None:
        if not enough():
            self._do_wrong(kind, who, (who + other) % 7, pick)

    @rule(who=st.integers(2, 3), kind=st.sampled_from(TEMPTING), pick=PICK)
    def come_where_it_tempts(self, who: int, kind: str, pick: int) -> None:
        """Go on with a batch until this wrong act is possible, and do it."""
        for _ in range(PATIENCE):
            if enough() or self._do_wrong(kind, who, 5 - who, pick):
                return
            self._go_on(who)

    @rule(minutes=st.sampled_from([5, 30, 120]))
    def let_time_pass(self, minutes: int) -> None:
        if not self.idle:
            self.ward.clock.advance(timedelta(minutes=minutes))

    @rule()
    def let_followers_read(self) -> None:
        if enough():
            return
        journal.run_followers()
        self.before, faults = standing()
        assert faults == []


@pytest.fixture
def ward(db: None) -> Iterator[Ward]:
    with clock.use(SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))) as simulated:
        yield Ward(simulated)


@pytest.mark.requirement("N1")
@pytest.mark.requirement("N2")
@pytest.mark.requirement("N3")
@pytest.mark.requirement("N4")
@pytest.mark.requirement("N5")
@pytest.mark.requirement("N6")
@pytest.mark.requirement("N15")
@pytest.mark.requirement("F")
def test_whatever_people_do_the_invariants_hold(ward: Ward, capsys: Any) -> None:
    made: Any = type("Course", (Interleaved,), {"ward": ward})
    tried.clear()
    runs = 0
    while not enough():
        run_state_machine_as_test(
            made,
            settings=settings(
                max_examples=ACTS // STEPS + 5,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                derandomize=runs == 0 and core.global_force_seed is None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
        runs += 1
    with capsys.disabled():
        print(
            f"\n{tried['refused'] + tried['done']} acts tried, {tried['done']} done, {tried['refused']} refused; "
            + ", ".join(f"{name} {count}" for name, count in sorted(tried.items()))
        )
    missing = {*WRONG, "go on", "again"} - set(tried)
    assert len(missing) <= RARELY_MISSED or ACTS < 1000, missing
