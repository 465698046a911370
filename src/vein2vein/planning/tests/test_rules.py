"""Frame, history and refusals: plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from vein2vein.engines.scheduling import Limit, Operation, Use
from vein2vein.orders.states import OrderState
from vein2vein.planning import rules
from vein2vein.planning.chains import Chain
from vein2vein.planning.frame import Frame, down, up
from vein2vein.planning.history import Begun, standing

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
CHAIN = Chain(
    (
        Operation(code="collect", duration_min=300),
        Operation(code="travel", duration_min=240, uses=(Use(kind="courier", to_min=240),)),
        Operation(code="make", duration_min=600, wait_most_min=60, uses=(Use(kind="line", to_min=600),)),
        Operation(code="freeze", duration_min=120, wait_most_min=15),
    ),
    (
        Limit(after="collect", before="travel", most_min=100),
        Limit(after="collect", before="make", most_min=72 * 60),
    ),
    ("make", "freeze"),
)


def test_minutes_are_counted_from_a_monday_on_a_grid() -> None:
    frame = Frame.around(MONDAY + timedelta(days=2, hours=3), "Asia/Shanghai")
    assert frame.origin == datetime(2026, 11, 22, 16, tzinfo=UTC)
    at = frame.origin + timedelta(minutes=67, seconds=5)
    assert (frame.floor(at), frame.ceil(at)) == (60, 75)
    assert frame.ceil(frame.at(60)) == frame.floor(frame.at(60)) == 60
    assert frame.floor(frame.origin - timedelta(days=3)) == 0
    assert (up(timedelta(minutes=31)), down(timedelta(minutes=44))) == (45, 30)


def test_what_began_is_fixed_and_free_of_needs() -> None:
    frame = Frame(MONDAY)
    began = [
        Begun("collect", MONDAY + timedelta(minutes=7), MONDAY + timedelta(minutes=290)),
        Begun("travel", MONDAY + timedelta(minutes=300)),
    ]
    now = MONDAY + timedelta(minutes=700)
    found = standing(CHAIN, began, code="A", ready_at=MONDAY, now=now, frame=frame)
    assert [(one.operation, one.start_min) for one in found.fixed] == [("collect", 0), ("travel", 300)]
    # It goes on longer than planned: until the next minute of the grid at least.
    assert {one.operation: one.duration_min for one in found.batch.took} == {"collect": 285, "travel": 405}
    assert [one.uses for one in found.operations[:2]] == [(), ()]
    assert found.operations[2] == CHAIN.operations[2]
    assert [one.before for one in found.limits] == ["make"]
    late = [began[0], Begun("travel", began[1].started_at, None, MONDAY + timedelta(hours=30))]
    told = standing(CHAIN, late, code="A", ready_at=MONDAY, now=now, frame=frame)
    assert told.batch.took[1].duration_min == 30 * 60 - 300


def test_a_gap_in_what_began_ends_it() -> None:
    began = [Begun("collect", MONDAY), Begun("make", MONDAY + timedelta(hours=20))]
    found = standing(CHAIN, began, code="A", ready_at=MONDAY, now=MONDAY + timedelta(hours=1), frame=Frame(MONDAY))
    assert [one.operation for one in found.fixed] == ["collect"]
    nothing = standing(CHAIN, [], code="A", ready_at=MONDAY, now=MONDAY + timedelta(hours=5), frame=Frame(MONDAY))
    assert (nothing.fixed, nothing.batch.ready_min) == ((), 300)


def test_what_keeps_a_plan_from_being_signed() -> None:
    late = rules.ChangeView("ORD-1", MONDAY, MONDAY + timedelta(days=1), confirmed=False)

    def codes(
        *,
        state: str = "draft",
        now: datetime = MONDAY,
        changes: Sequence[rules.ChangeView] = (),
        happened_since: int = 0,
    ) -> list[str]:
        found = rules.adoption_blockers(state, as_of_at=MONDAY, now=now, changes=changes, happened_since=happened_since)
        return [one.code for one in found]

    assert codes() == []
    assert codes(now=MONDAY + timedelta(hours=5)) == ["planning.too_old"]
    assert codes(happened_since=2) == ["planning.overtaken"]
    assert codes(changes=[late]) == ["planning.date_unconfirmed"]
    assert codes(state="adopted") == ["planning.no_draft"]


def test_for_whom_a_date_is_promised() -> None:
    for state in OrderState:
        hospital = rules.promise_blockers(state, planner=False)
        planner = rules.promise_blockers(state, planner=True)
        assert (not hospital) == (state in (OrderState.DRAFTED, OrderState.SUBMITTED))
        assert (not planner) == (state in rules.PROMISABLE)
