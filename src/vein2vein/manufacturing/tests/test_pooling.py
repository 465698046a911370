"""Two bags of one patient, of two collections, become one starting material where the definition pools them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import ContainerId, OrderId
from vein2vein.core.refusals import Refused
from vein2vein.engines.definitions.model.process import Produce
from vein2vein.identity.actions import set_disposition
from vein2vein.identity.models import Container, Parentage
from vein2vein.identity.states import Disposition
from vein2vein.journal.reads import list_stream
from vein2vein.journal.verification import verify_fold
from vein2vein.manufacturing import actions, reads
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.orders import actions as orders
from vein2vein.orders.states import Moment
from vein2vein.orders.tests.conftest import Course

pytestmark = pytest.mark.requirement("N2")
STEP = "produce_washed_bag"


@pytest.fixture
def bench(clock_at: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]) -> Bench:
    """A batch of a course that was collected twice, the second time the day after."""
    course = Course(clock_at, actor, sign)
    course.to("collected")
    clock_at.advance(timedelta(hours=20))
    course.reconfirm("coordinator", Moment.COLLECTION)
    told: dict[str, Any] = {"order_id": course.order_id, "scanned_wristband": course.wristband}
    course.witnessed(course.who("nurse"), course.second("nurse"), "orders.start_collection", **told)
    course.activate()
    clock_at.advance(timedelta(hours=3))
    orders.record_collection(order_id=course.order_id, volume_ml=Decimal(180), by=course.who("nurse"))
    course.again()
    course.to("material_accepted")
    made = Bench(clock_at, actor, sign)
    for bag in bags(course.order.coi_id):
        accept(bag)
    made.batch = made_batch(made, course)
    return made


def accept(bag: Container) -> None:
    if bag.disposition != "accepted":
        system = journal.system("test")
        set_disposition(container_id=ContainerId(bag.pk), disposition=Disposition.ACCEPTED, reason="test", by=system)


def made_batch(bench: Bench, course: Course) -> Any:
    return actions.open_batch(order_id=OrderId(course.order.pk), by=bench.find("supervisor"))


def bags(coi_id: Any) -> list[Container]:
    return list(Container.objects.filter(coi_id=coi_id, kind="starting_material").order_by("id"))


@pytest.fixture
def pooling(bench: Bench) -> Iterator[Bench]:
    """The batch at a step that pools, by its definition."""
    step = reads.definition_of(bench.batch).process.step(STEP)
    assert isinstance(step, Produce)
    object.__setattr__(step, "pools", True)
    try:
        bench.to(STEP)
        yield bench
    finally:
        object.__setattr__(step, "pools", None)


def test_both_bags_become_one_with_two_parents(pooling: Bench) -> None:
    guide = pooling.guide(STEP)
    assert guide.pools
    first, second = bags(pooling.batch.coi_id)
    row = pooling.perform(guide, scanned=first.code, pooled_with=[second.code])
    made = Container.objects.get(coi_id=pooling.batch.coi_id, role="washed_bag")
    parents = Parentage.objects.filter(child=made)
    assert set(parents.values_list("parent_id", "coi_id")) == {(one.pk, made.coi_id) for one in (first, second)}
    assert {one.state for one in bags(pooling.batch.coi_id)} == {"consumed"}
    assert row.recordings.get().scanned == f"{first.code}, {second.code}"
    entry = next(one for one in reversed(list_stream(f"coi:{made.coi_id}")) if one.fact.endswith("StepRecorded"))
    assert {f"container:{one.pk}" for one in (first, second, made)} <= set(entry.payload["refs"])
    assert row.state in ("done", "verified")
    assert pooling.finish().state == "completed"
    assert verify_fold() == []


def test_one_bag_alone_may_be_made_and_the_other_kept(pooling: Bench) -> None:
    first, second = bags(pooling.batch.coi_id)
    pooling.perform(pooling.guide(STEP), scanned=first.code)
    second.refresh_from_db()
    assert (second.state, Parentage.objects.filter(parent=second).exists()) == ("active", False)


def test_what_is_pooled_is_this_patients_scanned_once_and_where_the_definition_says_so(
    pooling: Bench, clock_at: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]
) -> None:
    first, second = bags(pooling.batch.coi_id)
    other = Course(clock_at, actor, sign, place="bj")
    other.to("collected")
    (theirs,) = bags(other.order.coi_id)
    guide = pooling.guide(STEP)
    for code, more in (
        ("manufacturing.wrong_patient", [second.code, theirs.code]),
        ("manufacturing.scanned_twice", [first.code]),
        ("manufacturing.scanned_twice", [second.code, second.code]),
    ):
        refused(pooling, guide, code, scanned=first.code, pooled_with=more)
    object.__setattr__(reads.definition_of(pooling.batch).process.step(STEP), "pools", None)
    refused(pooling, guide, "manufacturing.not_pooled_here", scanned=first.code, pooled_with=[second.code])


def refused(bench: Bench, guide: Any, code: str, **changed: Any) -> None:
    with pytest.raises(Refused) as caught:
        bench.perform(guide, **changed)
    assert caught.value.blockers[0].code == code
    assert {one.state for one in bags(bench.batch.coi_id)} == {"active"}
