"""Trying to make the never-events happen: by the acts, by raw SQL as the run-time role, and by two people at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from tests import template as worlds
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import Conflict, Refusal, Refused
from vein2vein.engines.codes import Kind, issue, make
from vein2vein.identity.models import Container
from vein2vein.journal.reads import list_stream
from vein2vein.manufacturing import actions
from vein2vein.manufacturing.models import Occupancy, Recording
from vein2vein.manufacturing.states import Answer
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.manufacturing.tests.conftest import opened
from vein2vein.manufacturing.tests.test_actions import refused
from vein2vein.network.models import Equipment

OCCUPY = """
INSERT INTO manufacturing_occupancy (id, workstation_id, batch_id, coi_id, during)
VALUES (gen_random_uuid(), %s, %s, %s, tstzrange(%s, NULL))
"""


def raw(statement: str, *values: Any) -> None:
    """Run SQL as the run-time role, with every deferred constraint asked at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.requirement("N1")
def test_two_patients_never_share_a_workstation(benches: list[Bench]) -> None:
    bench, other_bench = benches
    bench.to("scan_leukapheresis")
    other_bench.to("clear_receipt_bench")
    step: dict[str, Any] = {"batch_id": other_bench.id, "step_code": "clear_receipt_bench"}
    taken: dict[str, Any] = {**step, "equipment_code": make(Kind.EQUIPMENT, "RB-01")}
    operator = bench.find("operator1")
    clear = "manufacturing.clear_line"
    found = refused(
        Refused,
        "manufacturing.workstation_occupied",
        lambda: other_bench.act(clear, operator, "operator2", **taken),
    )
    assert bench.batch.number in str(found)
    free: dict[str, Any] = {**step, "equipment_code": make(Kind.EQUIPMENT, "RB-02")}
    other_bench.act(clear, bench.find("operator3"), "operator2", **free)
    assert Occupancy.objects.filter(during__endswith__isnull=True).count() == 2


@pytest.mark.requirement("N1")
def test_raw_sql_cannot_put_two_patients_at_a_workstation(benches: list[Bench]) -> None:
    bench, other_bench = benches
    bench.to("scan_leukapheresis")
    one, other = bench.batch, other_bench.batch
    station = Equipment.objects.get(code="RB-01").pk
    free = Equipment.objects.get(code="RB-02").pk
    earlier = bench.clock.at - timedelta(hours=1)
    for values in (
        (station, other.pk, other.coi_id, bench.clock.at),
        (station, other.pk, other.coi_id, earlier),
        (free, other.pk, one.coi_id, earlier),
    ):
        with pytest.raises(DatabaseError):
            raw(OCCUPY, *values)
    for statement in (
        "UPDATE manufacturing_occupancy SET coi_id = %s, batch_id = %s WHERE workstation_id = %s",
        "DELETE FROM manufacturing_occupancy WHERE coi_id <> %s AND batch_id <> %s AND workstation_id = %s",
    ):
        with pytest.raises(DatabaseError):
            raw(statement, other.coi_id, other.pk, station)
    with pytest.raises(DatabaseError):
        raw("UPDATE manufacturing_batch SET coi_id = %s WHERE id = %s", other.coi_id, one.pk)
    with pytest.raises(DatabaseError):
        raw(
            "INSERT INTO manufacturing_occupancy (id, workstation_id, batch_id, coi_id, during) "
            "VALUES (gen_random_uuid(), %s, %s, %s, 'empty'::tstzrange)",
            station,
            other.pk,
            other.coi_id,
        )


@pytest.mark.requirement("N15")
def test_raw_sql_cannot_change_what_was_recorded(bench: Bench) -> None:
    bench.to("sign_receipt")
    for statement in (
        "UPDATE manufacturing_recording SET value = 1 WHERE id = %s",
        "UPDATE manufacturing_recording SET performed_at = performed_at - interval '1 day' WHERE id = %s",
        "DELETE FROM manufacturing_recording WHERE id = %s",
    ):
        with pytest.raises(DatabaseError):
            raw(statement, Recording.objects.latest("id").pk)


@pytest.mark.requirement("N1")
@pytest.mark.requirement("N5")
def test_another_patients_bag_is_stopped_at_every_scan(benches: list[Bench]) -> None:
    bench, other_bench = benches
    bench.to("scan_leukapheresis")
    foreign = other_bench.container("leukapheresis_bag")
    own = bench.container("leukapheresis_bag")
    operator = bench.find("operator1")

    def attack(step: str, **changed: Any) -> None:
        guide = bench.to(step)
        given: dict[str, Any] = bench.payload(guide) | changed
        found = refused(
            Refused, "manufacturing.wrong_patient", lambda: bench.act(guide.action, operator, "operator2", **given)
        )
        assert "is expected" in str(found)

    attack("scan_leukapheresis", scanned=foreign)
    found = None
    try:
        bench.perform(bench.guide("scan_leukapheresis"), scanned=foreign)
    except Refusal as refusal:
        found = str(refusal)
    assert found is not None
    assert own in found
    attack("scan_bag_for_wash", scanned=foreign)
    attack("produce_washed_bag", scanned=foreign)
    attack("scan_washed_bag", scanned=foreign)
    attack("consume_beads", scanned=foreign)


@pytest.mark.requirement("N2")
def test_no_container_without_a_scanned_parent(bench: Bench) -> None:
    guide = bench.to("produce_washed_bag")
    operator = bench.find("operator1")
    base: dict[str, Any] = {"batch_id": bench.id, "step_code": guide.step_code}

    def produce(scanned: str | None) -> Any:
        return actions.record_step(**base, scanned=scanned, by=operator)

    refused(Refused, "manufacturing.scan_missing", lambda: produce(None))
    refused(Refused, "manufacturing.scan_missing", lambda: produce(""))
    good = bench.container("leukapheresis_bag")
    refused(Refused, "codes.bad_code", lambda: produce(good[:-1] + ("A" if good[-1] != "A" else "B")))
    refused(Refused, "codes.bad_code", lambda: produce("the bag on the left"))
    refused(Refused, "identity.wrong_kind", lambda: produce(bench.batch.coi.code))
    with pytest.raises(Refusal):
        produce(issue(Kind.CONTAINER))
    produce(good)
    made = Container.objects.get(coi_id=bench.batch.coi_id, role="washed_bag")
    assert made.coi_id == bench.batch.coi_id
    refused(Conflict, "manufacturing.step_done", lambda: produce(good))


@pytest.mark.requirement("N4")
def test_typed_identity_is_refused(bench: Bench) -> None:
    guide = bench.to("scan_leukapheresis")
    operator = bench.find("operator1")
    for typed in ("leukapheresis bag of patient ZM", "DEMO-0001", bench.container("leukapheresis_bag")[4:]):
        given: dict[str, Any] = bench.payload(guide) | {"scanned": typed}
        refused(Refused, "codes.bad_code", partial(bench.act, guide.action, operator, "operator2", **given))


@pytest.mark.race
def test_two_people_record_one_step_at_once(
    committed_db: str, actor: Callable[[str], Actor], sign: Callable[..., Actor]
) -> None:
    worlds.simulate(committed_db)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    with clock.use(SimulatedClock(at)) as simulated:
        bench = opened(simulated, actor, sign, "rj")[0]
        bench.to("check_bag_intact")
        step: dict[str, Any] = {
            "batch_id": bench.id,
            "step_code": "check_bag_intact",
            "answer": Answer.YES,
        }
        people = [actor("operator1"), actor("operator2")]
        start = Barrier(2)
        now = simulated.at

    def record(who: Actor) -> str:
        try:
            with clock.use(SimulatedClock(now)):
                start.wait()
                actions.record_step(**step, by=who)
        except Conflict as conflict:
            return conflict.blockers[0].code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(record, people))
    assert outcomes == ["done", "manufacturing.step_done"]
    assert Recording.objects.filter(step__batch=bench.batch, step__code="check_bag_intact").count() == 1
    recorded = [
        entry
        for entry in list_stream(f"coi:{bench.batch.coi_id}")
        if entry.fact == "manufacturing.StepRecorded" and entry.data["step_code"] == "check_bag_intact"
    ]
    assert len(recorded) == 1


@pytest.mark.race
@pytest.mark.requirement("N1")
def test_two_patients_clear_one_workstation_at_once(
    committed_db: str, actor: Callable[[str], Actor], sign: Callable[..., Actor]
) -> None:
    worlds.simulate(committed_db)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    with clock.use(SimulatedClock(at)) as simulated:
        benches = opened(simulated, actor, sign, "rj", "bj")
        for bench in benches:
            bench.to("clear_receipt_bench")
        now = simulated.at
    start = Barrier(2)

    def clear(bench: Bench) -> str:
        given: dict[str, Any] = {
            "batch_id": bench.id,
            "step_code": "clear_receipt_bench",
            "equipment_code": make(Kind.EQUIPMENT, "RB-01"),
        }
        try:
            with clock.use(SimulatedClock(now)):
                by = sign(actor("operator1"), "manufacturing.clear_line", **given)
                witness = sign(actor("operator2"), "manufacturing.clear_line", **given)
                start.wait()
                actions.clear_line(**given, by=by, witness=witness)
        except (Conflict, Refused) as refusal:
            return refusal.blockers[0].code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(clear, benches))
    assert outcomes == ["done", "network.taken"]
    assert Occupancy.objects.count() == 1
