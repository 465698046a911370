"""Really concurrent people: of two who want the same thing one gets it, and what commits is whole."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connections

from vein2vein.core.refusals import Conflict, Refused
from vein2vein.identity import actions, reads
from vein2vein.identity.states import ContainerKind
from vein2vein.identity.tests.conftest import Bench, Course, make_course
from vein2vein.journal.verification import verify_chain, verify_fold

pytestmark = pytest.mark.race


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts together, each with a connection of its own; return results or what was raised."""
    gate = threading.Barrier(len(acts))
    found: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            found[place] = act()
        except (Conflict, Refused) as refusal:
            found[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.fixture
def course(committed: Bench) -> Course:
    made = make_course(committed, "rj", "CN-RJ-DEMO", "ZYH-0047113", date(1961, 5, 17))
    made.check_collection()
    return made


def whole() -> bool:
    return verify_chain() == [] and not [one for one in verify_fold() if one.startswith("identity_")]


def refused(found: list[Any]) -> int:
    return sum(isinstance(one, Conflict | Refused) for one in found)


@pytest.mark.requirement("N3")
def test_one_label_makes_one_container(course: Course) -> None:
    label = course.labels()[0]
    found = at_once(*[lambda: course.activate(label)] * 4)
    assert refused(found) == 3
    assert course.chain.containers.count() == 1
    assert whole()


@pytest.mark.requirement("N3")
def test_a_label_is_not_voided_and_activated_at_once(course: Course) -> None:
    label = course.labels()[0]

    def void() -> Any:
        return course.bench.public("identity.void_label", by="nurse.rj2", scanned_label=label.code, reason="torn")

    found = at_once(lambda: course.activate(label), void)
    assert refused(found) == 1
    label.refresh_from_db()
    assert (label.state == "voided") == (course.chain.containers.count() == 0)
    assert whole()


@pytest.mark.requirement("N5")
def test_a_bag_has_one_custodian_whoever_is_quicker(course: Course) -> None:
    course.collected()
    code = course.labels()[0].code
    people = ("operator1", "operator2", "warehouse", "warehouse2")

    def take(username: str) -> Callable[[], Any]:
        return lambda: course.bench.public("identity.take_container", by=username, scanned_label=code)

    at_once(*[take(username) for username in people])
    bag = reads.container_scanned(code)
    rows = list(bag.custodies.order_by("during"))
    assert [row.during.upper for row in rows[:-1]] == [row.during.lower for row in rows[1:]]
    assert rows[-1].during.upper is None
    assert whole()


def test_a_chain_is_not_closed_under_a_container_in_the_making(course: Course) -> None:
    bag = course.collected()

    def close() -> Any:
        return course.bench.do(actions.close_chain, by="coordinator.rj", coi_id=course.chain.pk)

    at_once(
        close, lambda: course.derive([bag], ContainerKind.SAMPLE), lambda: course.derive([bag], ContainerKind.SAMPLE)
    )
    course.chain.refresh_from_db()
    assert course.chain.state == "closed"
    assert whole()
