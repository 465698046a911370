"""A course's entries told as a story: where it stands, how long everything took, what came true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from vein2vein.forecasting.passages import Event, Story, Subject, told

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
SUBJECT = Subject(
    name="ORD-1",
    demand="d",
    ordered_at=BEGAN,
    planned_at=BEGAN + timedelta(days=9),
    operations=("receive", "wash"),
    tests={"panel": frozenset({"count"}), "sterility": frozenset({"growth"})},
    figures={"transit": "lane A", "wash": "t/wash", "panel": "t/panel"},
    customs_h=4.0,
)


def at(hours: float) -> datetime:
    return BEGAN + timedelta(hours=hours)


def event(fact: str, hours: float, **data: Any) -> Event:
    return Event(fact, at(hours), data)


WAY = (
    event("orders.CollectionStarted", 216),
    event("orders.CollectionRecorded", 221, ended_at=at(220).isoformat()),
    event("orders.OrderAdvanced", 236, to_state="received"),
    event("orders.OrderAdvanced", 237, to_state="material_accepted"),
    event("manufacturing.BatchOpened", 240),
    event("manufacturing.OperationStarted", 241, operation_code="receive"),
    event("manufacturing.OperationCompleted", 242, operation_code="receive"),
    event("manufacturing.OperationStarted", 243, operation_code="wash"),
    event("manufacturing.OperationCompleted", 245, operation_code="wash"),
    event("orders.OrderAdvanced", 260, to_state="manufactured"),
    event("laboratory.ResultReviewed", 270, test_code="count"),
    event("laboratory.ResultReviewed", 430, test_code="growth"),
    event("orders.ReleaseRecorded", 460),
    event("orders.OrderAdvanced", 480, to_state="dispatched"),
    event("orders.OrderAdvanced", 500, to_state="at_site"),
    event("orders.LymphodepletionReported", 560, started_at=at(550).isoformat()),
    event("orders.InfusionStarted", 650),
)


def hours_of(story: Story, figure: str) -> float | None:
    return next(one.hours for one in story.observations(at(9999)) if one.figure == figure)


def test_a_whole_course_shows_every_figure_by_the_name_of_its_demand() -> None:
    story = told(SUBJECT, WAY)
    assert story.infused_at == at(650)
    assert story.thread() is None
    found = {one.figure: one.hours for one in story.observations(at(700)) if one.hours is not None}
    assert found["referral"] == 216
    assert found["apheresis"] == 4
    assert found["lane A"] == 12  # sixteen hours, of which four are the customs'
    assert (found["to_start"], found["turnaround"], found["receive"], found["t/wash"]) == (4, 1, 1, 2)
    assert (found["t/panel"], found["sterility"], found["review"]) == (10, 170, 30)
    assert (found["dispatch"], found["product_transit"], found["preparation"]) == (20, 16, 50)
    assert found["lymphodepletion"] == 100
    happened = {one.figure: one.happened for one in story.seen if one.happened is not None}
    assert not any(happened.values())
    assert {"not_collected", "terminated", "oos", "attrition"} <= set(happened)


def test_an_open_course_stands_where_its_last_entry_left_it_and_what_runs_is_seen_as_running() -> None:
    waiting = told(SUBJECT, ())
    thread = waiting.thread()
    assert thread is not None
    assert thread.at[0].operation == "appointed"
    assert thread.at[0].since + timedelta(days=400) == SUBJECT.planned_at
    assert waiting.observations(at(1)) == ()

    tested = told(SUBJECT, WAY[:11])
    thread = tested.thread()
    assert thread is not None
    assert [(one.operation, one.since) for one in thread.at] == [("sterility", at(260))]
    milestones = thread.milestones
    together = told(SUBJECT, WAY[:10])  # nothing has a result yet: the slowest decides, and it alone tells its length
    thread = together.thread()
    assert thread is not None
    assert [one.operation for one in thread.at] == ["sterility"]
    (running,) = (one for one in together.observations(at(300)) if one.running)
    assert running.figure == "sterility"
    (running,) = (one for one in tested.observations(at(300)) if one.running)
    assert (running.figure, running.hours) == ("sterility", 40)
    assert set(milestones) == {"ordered", "apheresis", "received", "receive", "wash", "manufactured", "panel"}


def test_what_stops_a_course_is_the_chance_that_came_true_and_a_decision_takes_it_on() -> None:
    stop = event("orders.CourseStopped", 250, cause="batch_terminated")
    again = event("orders.CourseDecided", 260, to_state="material_accepted", slot_from_at=None)
    stopped = told(SUBJECT, (*WAY[:7], stop))
    thread = stopped.thread()
    assert thread is not None
    assert thread.at[0].operation == "apheresis_again"
    assert next(one.happened for one in stopped.seen if one.figure == "terminated")
    decided = told(SUBJECT, (*WAY[:7], stop, again))
    assert next(one.happened for one in decided.seen if one.figure == "made_again")
    thread = decided.thread()
    assert thread is not None
    assert thread.at[0].operation == "to_start"


def test_an_order_that_was_never_accepted_says_nothing_of_its_patient() -> None:
    refused = told(SUBJECT, (event("orders.OrderCancelled", 3, from_state="submitted"),))
    assert refused.ended
    assert refused.seen == []
    withdrawn = told(SUBJECT, (event("orders.OrderCancelled", 30, from_state="accepted"),))
    assert [(one.figure, one.happened) for one in withdrawn.seen] == [("not_collected", True)]
    assert withdrawn.thread() is None
