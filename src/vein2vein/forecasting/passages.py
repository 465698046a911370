"""From a course's journal entries to where it stands and how long everything took: pure, one fold.

What the twin calls an operation began and ended with entries; what has not ended is still running. Times are the
acts' own (`performed_at`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vein2vein.engines.twin.learning import Observation
from vein2vein.engines.twin.presence import Position, Thread
from vein2vein.therapies.assumed import APPOINTED_D

FACTS = (
    "orders.CollectionStarted",
    "orders.CollectionRecorded",
    "orders.CollectionRescheduled",
    "orders.OrderAdvanced",
    "orders.ReleaseRecorded",
    "orders.LymphodepletionReported",
    "orders.LymphodepletionBeforeClearance",
    "orders.InfusionStarted",
    "orders.CourseStopped",
    "orders.CourseDecided",
    "orders.OrderCancelled",
    "orders.CourseEnded",
    "orders.ConsentWithdrawn",
    "orders.DeathReported",
    "manufacturing.BatchOpened",
    "manufacturing.OperationStarted",
    "manufacturing.OperationCompleted",
    "laboratory.ResultReviewed",
)
"""What is read of a course."""
_FAILED = {
    "collection_failed": "apheresis_repeated",
    "material_rejected": "material_rejected",
    "shipment_lost": "excursion",
    "batch_terminated": "terminated",
    "batch_rejected": "oos",
    "product_rejected": "oos",
    "product_recalled": "bag_lost",
    "infusion_refused": "bag_lost",
}
"""Which chance came true, by what stopped a course."""
TOGETHER = timedelta(hours=24)
"""Results that are reviewed no earlier than this before the last one were looked at with it."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a course: the fact's name, when, and what it carries."""

    fact: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is known of a course besides its entries; `tests` are the release tests by group."""

    name: str
    demand: str
    ordered_at: datetime
    planned_at: datetime
    operations: tuple[str, ...] = ()
    tests: Mapping[str, frozenset[str]] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    """What the demand calls a figure of its route."""
    customs_h: float = 0.0
    """What of a journey the customs take as a rule; the rest is the lane's."""


@dataclass(slots=True)
class Story:
    """A course as far as it has come: what is under way since when, what is behind it, what came true."""

    subject: Subject
    under_way: dict[str, datetime] = field(default_factory=dict)
    milestones: dict[str, datetime] = field(default_factory=dict)
    seen: list[Observation] = field(default_factory=list)
    open_tests: dict[str, set[str]] = field(default_factory=dict)
    tested: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    infused_at: datetime | None = None
    ended: bool = False

    def thread(self) -> Thread | None:
        """Return the course as the twin takes it; None for one that is over or has its dose."""
        if self.ended or self.infused_at is not None or not self.under_way:
            return None
        beside = self._unseen()
        slowest = {name: since for name, since in self.under_way.items() if name not in beside} or self.under_way
        at = tuple(Position(operation=name, since=since) for name, since in slowest.items())
        return Thread(name=self.subject.name, demand=self.subject.demand, at=at, milestones=self.milestones)

    def observations(self, until: datetime) -> tuple[Observation, ...]:
        """Return what the course showed of every figure, what is still under way at `until` included."""
        running = [
            self.observed(name, until - since, running=True)
            for name, since in self.under_way.items()
            if not self.ended and self.infused_at is None and name not in self._unseen() and until > since
        ]
        return (*self.seen, *running)

    def _unseen(self) -> set[str]:
        """Return what is under way and tells nothing of its own length: appointments, tests beside the slowest."""
        return {"appointed", *list(self.subject.tests)[:-1]}

    def begin(self, operation: str, at: datetime) -> None:
        """Note that only this is under way from now on."""
        self.under_way = {operation: at}

    def finish(self, operation: str, at: datetime) -> None:
        """Note that something under way has ended; nothing where it was not under way."""
        since = self.under_way.pop(operation, None)
        if since is not None and at >= since:
            self.seen.append(self.observed(operation, at - since))

    def chance(self, figure: str, *, happened: bool) -> None:
        """Note whether a chance came true."""
        self.seen.append(Observation(figure=self._figure(figure), happened=happened))

    def observed(self, operation: str, span: timedelta, *, running: bool = False) -> Observation:
        """Return how long an operation took, or has lasted so far, as its figure's observation."""
        hours = span.total_seconds() / 3600.0
        if operation in {"transit", "product_transit"}:
            hours = max(hours - self.subject.customs_h, 0.0)
        return Observation(figure=self._figure(operation), hours=hours, running=running)

    def _figure(self, name: str) -> str:
        return self.subject.figures.get(name, name)


def told(subject: Subject, events: Sequence[Event]) -> Story:
    """Return the story that a course's events tell, in their order; facts that are not of `FACTS` are passed over."""
    story = Story(subject)
    story.milestones["ordered"] = subject.ordered_at
    story.begin("appointed", subject.planned_at - timedelta(days=APPOINTED_D))
    for event in events:
        tell = _TELLERS.get(event.fact)
        if tell is not None and not story.ended:
            tell(story, event)
    return story


def _collection_started(story: Story, event: Event) -> None:
    first = "apheresis" not in story.milestones
    if first:
        referral = (event.at - story.subject.ordered_at).total_seconds() / 3600.0
        story.seen.append(Observation(figure="referral", hours=max(referral, 0.0)))
        story.chance("not_collected", happened=False)
    if first and not any(one.figure == "postponed" for one in story.seen):
        story.chance("postponed", happened=False)
    story.milestones["apheresis"] = event.at
    story.begin("apheresis", event.at)


def _collection_recorded(story: Story, event: Event) -> None:
    at = datetime.fromisoformat(str(event.data.get("ended_at", event.at.isoformat())))
    story.finish("apheresis", at)
    story.begin("transit", at)


def _rescheduled(story: Story, event: Event) -> None:
    if not any(one.figure == "postponed" for one in story.seen):
        story.chance("postponed", happened=True)
    if "appointed" in story.under_way:
        planned = datetime.fromisoformat(str(event.data["became_at"]))
        story.begin("appointed", planned - timedelta(days=APPOINTED_D))


def _advanced(story: Story, event: Event) -> None:
    match str(event.data["to_state"]):
        case "received":
            story.finish("transit", event.at)
            story.begin("to_start", event.at)
        case "material_accepted":
            for name in ("material_rejected", "excursion", "apheresis_repeated"):
                story.chance(name, happened=False)
            story.milestones["received"] = event.at
        case "manufactured":
            _manufactured(story, event.at)
        case "dispatched":
            story.finish("dispatch", event.at)
            story.begin("product_transit", event.at)
        case "at_site" | "cleared" if not {"preparation", "lymphodepletion"} & set(story.under_way):
            story.finish("product_transit", event.at)
            story.begin("preparation", event.at)


def _manufactured(story: Story, at: datetime) -> None:
    story.chance("terminated", happened=False)
    story.milestones["manufactured"] = at
    story.open_tests = {group: set(tests) for group, tests in story.subject.tests.items()}
    story.under_way = dict.fromkeys(story.open_tests, at) or {"review": at}


def _batch_opened(story: Story, event: Event) -> None:
    story.finish("to_start", event.at)
    story.begin("turnaround", event.at)


def _operation_started(story: Story, event: Event) -> None:
    story.finish("turnaround", event.at)
    code = str(event.data["operation_code"])
    if code in story.subject.operations:
        story.begin(code, event.at)


def _operation_completed(story: Story, event: Event) -> None:
    code = str(event.data["operation_code"])
    operations = story.subject.operations
    if code not in operations:
        return
    story.finish(code, event.at)
    story.milestones[code] = event.at
    following = operations[operations.index(code) + 1 : operations.index(code) + 2]
    story.begin(following[0] if following else code, event.at)


def _result_reviewed(story: Story, event: Event) -> None:
    for group, waiting in story.open_tests.items():
        waiting.discard(str(event.data["test_code"]))
        if not waiting and group in story.under_way:
            story.tested[group] = (story.under_way.pop(group), event.at)
            story.milestones[group] = event.at
    if story.open_tests and not any(story.open_tests.values()):
        _tested(story, event.at)
        story.begin("review", event.at)


def _tested(story: Story, at: datetime) -> None:
    """Note how long the tests took; what was only looked at together with the slowest says nothing of its own test."""
    slowest = [one for one in reversed(list(story.subject.tests)) if one in story.tested][:1]
    for group, (since, until) in story.tested.items():
        if group in slowest or at - until > TOGETHER:
            story.seen.append(story.observed(group, until - since))
    story.open_tests, story.tested = {}, {}


def _released(story: Story, event: Event) -> None:
    story.finish("review", event.at)
    story.seen.append(story.observed("decision", timedelta(0)))  # it lies within what was seen of the review
    story.chance("oos", happened=False)
    story.open_tests = {}
    story.milestones["released"] = event.at
    story.begin("dispatch", event.at)


def _lymphodepleted(story: Story, event: Event) -> None:
    if "preparation" in story.under_way:
        at = datetime.fromisoformat(str(event.data["started_at"]))
        story.finish("preparation", at)
        story.begin("lymphodepletion", at)


def _infused(story: Story, event: Event) -> None:
    if story.infused_at is not None:
        return
    story.finish("preparation", event.at)
    story.finish("lymphodepletion", event.at)
    story.chance("bag_lost", happened=False)
    _lost(story, event.at, happened=False)
    story.infused_at = story.milestones["infusion"] = event.at


def _lost(story: Story, at: datetime, *, happened: bool) -> None:
    since = story.milestones.get("apheresis")
    if since is not None and at > since:
        hours = (at - since).total_seconds() / 3600.0
        story.seen.append(Observation(figure="attrition", hours=hours, happened=happened))


def _stopped(story: Story, event: Event) -> None:
    figure = _FAILED.get(str(event.data["cause"]))
    if figure is not None:
        story.chance(figure, happened=True)
    story.open_tests = {}
    story.begin("apheresis_again", event.at)


_GOES_ON = {"material_accepted": "to_start", "manufactured": "review", "released": "dispatch"}
"""Where a stopped course is, by the state that its physician brought it to."""


def _decided(story: Story, event: Event) -> None:
    state = str(event.data["to_state"])
    if state in {"accepted", "material_accepted"}:
        story.chance("made_again", happened=True)
    slot = event.data.get("slot_from_at")
    if state == "accepted" and slot:
        story.begin("appointed", datetime.fromisoformat(str(slot)) - timedelta(days=APPOINTED_D + 1.0))
    elif state != "accepted":
        story.begin(_GOES_ON.get(state, "preparation"), event.at)


def _over(story: Story, event: Event) -> None:
    if event.data.get("from_state") in {"drafted", "submitted"}:
        pass  # never accepted: for want of a slot, say, which tells nothing of the patient
    elif "apheresis" not in story.milestones:
        story.chance("not_collected", happened=True)
    elif event.data.get("from_state") == "stopped":
        story.chance("made_again", happened=False)
    elif story.infused_at is None:
        _lost(story, event.at, happened=True)
    story.ended = True


_TELLERS: dict[str, Callable[[Story, Event], None]] = {
    "orders.CollectionStarted": _collection_started,
    "orders.CollectionRecorded": _collection_recorded,
    "orders.CollectionRescheduled": _rescheduled,
    "orders.OrderAdvanced": _advanced,
    "orders.ReleaseRecorded": _released,
    "orders.LymphodepletionReported": _lymphodepleted,
    "orders.LymphodepletionBeforeClearance": _lymphodepleted,
    "orders.InfusionStarted": _infused,
    "orders.CourseStopped": _stopped,
    "orders.CourseDecided": _decided,
    "orders.OrderCancelled": _over,
    "orders.CourseEnded": _over,
    "orders.ConsentWithdrawn": _over,
    "orders.DeathReported": _over,
    "manufacturing.BatchOpened": _batch_opened,
    "manufacturing.OperationStarted": _operation_started,
    "manufacturing.OperationCompleted": _operation_completed,
    "laboratory.ResultReviewed": _result_reviewed,
}
