"""N6: a release that must not be, tried at every gate; and a deviation opened at the very moment of a release."""

from __future__ import annotations

import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import Refusal, Refused
from vein2vein.identity.models import Container, Kit, Label
from vein2vein.laboratory.tests import worlds
from vein2vein.manufacturing.models import Batch, BatchStep, Recording
from vein2vein.materials.models import Lot
from vein2vein.network.models import Authorisation
from vein2vein.orders.models import Order
from vein2vein.quality.models import (
    Assessment,
    DeclaredDose,
    Deviation,
    Disposition,
    EnvironmentRecord,
)
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.conftest import WORLD
from vein2vein.quality.tests.ready import Quality
from vein2vein.quality.tests.test_actions import opened, refused

pytestmark = pytest.mark.requirement("N6")

FIRST, LAST = Decision.RELEASE_BY_MANUFACTURER, Decision.RELEASE_BY_SPONSOR


def _no_authorisation(quality: Quality) -> None:
    Authorisation.objects.all().update(valid_to_on=quality.clock.at.date() - timedelta(days=1))


def _other_market(quality: Quality) -> None:
    Batch.objects.filter(pk=quality.batch.pk).update(market="JP")


def _conditional(quality: Quality) -> None:
    Batch.objects.filter(pk=quality.batch.pk).update(route="conditional")


def _record_open(quality: Quality) -> None:
    Batch.objects.filter(pk=quality.batch.pk).update(state="completed")


def _unverified(quality: Quality) -> None:
    step = BatchStep.objects.filter(batch=quality.batch, state="verified").earliest("ordinal")
    BatchStep.objects.filter(pk=step.pk).update(state="done", verified_by=None, verified_at=None)


def _no_environment(quality: Quality) -> None:
    record = EnvironmentRecord.objects.filter(batch=quality.batch).earliest("id")
    EnvironmentRecord.objects.filter(pk=record.pk).update(ended_at=record.ended_at - timedelta(seconds=1))


def _spare_label(quality: Quality) -> None:
    label = Label.objects.filter(coi_id=quality.batch.coi_id, kind="container", kit__isnull=False).earliest("id")
    copied = {"coi_id": label.coi_id, "kit_id": label.kit_id, "printed_at": label.printed_at, "purpose": label.purpose}
    Label.objects.create(code="LBL-SPARE", state="printed", **copied)


def _kit_open(quality: Quality) -> None:
    at = quality.clock.at
    Kit.objects.create(coi_id=quality.batch.coi_id, code="KIT-OPEN", printed_at=at, labels_printed=1, state="printed")


def _recalled(quality: Quality) -> None:
    lot = Recording.objects.filter(step__batch=quality.batch, lot__isnull=False).earliest("id").lot_id
    Lot.objects.filter(pk=str(lot)).update(state="recalled")


def _deviation(quality: Quality) -> None:
    opened(quality, hold=False)


def _hold(quality: Quality) -> None:
    deviation = opened(quality)
    Deviation.objects.filter(pk=deviation.pk).update(severity="minor", blocks_release=False)


def _stale(quality: Quality) -> None:
    Assessment.objects.filter(batch=quality.batch).update(case_hash="0" * 64)


def _no_material(quality: Quality) -> None:
    Container.objects.filter(coi_id=quality.batch.coi_id, kind="starting_material").update(disposition="quarantined")


def _heavier(quality: Quality) -> None:
    Order.objects.filter(pk=quality.batch.order_id).update(weight_kg=61)


def _cancelled(quality: Quality) -> None:
    Order.objects.filter(pk=quality.batch.order_id).update(state="cancelled")


def _unfollowed(quality: Quality) -> None:
    quality.lab.record("sterility_compendial", "growth")
    quality.lab.review("sterility_compendial")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_no_authorisation, "quality.not_authorised"),
        (_other_market, "quality.no_release_rule"),
        (_conditional, "quality.not_authorised"),
        (_record_open, "quality.not_reviewed"),
        (_unverified, "quality.unverified"),
        (_no_environment, "quality.environment_missing"),
        (_spare_label, "quality.spare_label"),
        (_kit_open, "quality.kit_open"),
        (_recalled, "quality.lot"),
        (_deviation, "quality.deviation_open"),
        (_hold, "quality.on_hold"),
        (_stale, "quality.assessment_old"),
        (_no_material, "quality.not_accepted"),
        (_heavier, "quality.dose_weight"),
        (_cancelled, "quality.order_state"),
        (_unfollowed, "journal.not_caught_up"),
    ],
)
def test_every_gate_keeps_the_product_in(quality: Quality, spoil: Callable[[Quality], None], code: str) -> None:
    spoil(quality)
    for decision in (FIRST, LAST):
        refused(quality, partial(quality.decide, decision), Refused)
    refused(quality, lambda: quality.decide(FIRST), Refused, code)
    _still_quarantined(quality)


def _still_quarantined(quality: Quality) -> None:
    found = Container.objects.filter(coi_id=quality.batch.coi_id, kind="final_product")
    assert set(found.values_list("disposition", flat=True)) == {"quarantined"}
    assert Order.objects.get(pk=quality.batch.order_id).rfi_number == ""


@pytest.mark.parametrize("table", [Assessment, DeclaredDose])
def test_nothing_is_released_without_assessment_and_dose(quality: Quality, table: Any) -> None:
    table.objects.filter(batch=quality.batch).update(batch_id=_another_batch(quality))
    code = {Assessment: "quality.not_assessed", DeclaredDose: "quality.no_dose"}[table]
    refused(quality, lambda: quality.decide(FIRST), Refused, code)


def _another_batch(quality: Quality) -> Any:
    batch = Batch.objects.get(pk=quality.batch.pk)
    Batch.objects.filter(pk=batch.pk).update(state="terminated")
    copy = {item.attname: getattr(batch, item.attname) for item in Batch._meta.concrete_fields}
    from vein2vein.core.ids import new_id

    made = Batch.objects.create(**(copy | {"id": new_id(), "number": "BAT-OTHER", "state": "terminated"}))
    Batch.objects.filter(pk=batch.pk).update(state=batch.state)
    return made.pk


def test_releases_come_in_their_order_and_once(quality: Quality) -> None:
    refused(quality, lambda: quality.decide(LAST), Refused, "quality.order_of_releases")
    refused(quality, lambda: quality.decide(Decision.RELEASE_BY_MAH), Refused, "quality.order_of_releases")
    quality.decide(FIRST)
    _still_quarantined(quality)
    refused(quality, lambda: quality.decide(FIRST), Refused, "quality.order_of_releases")
    quality.decide(LAST)
    for decision in Decision:
        refused(quality, partial(quality.decide, decision), Refusal)


def test_who_worked_on_the_batch_does_not_release_it(quality: Quality) -> None:
    step = BatchStep.objects.filter(batch=quality.batch, state="verified").earliest("ordinal")
    BatchStep.objects.filter(pk=step.pk).update(verified_by=quality.find("qp").account_id)
    refused(quality, lambda: quality.decide(FIRST), Refused, "quality.signer_worked_on_batch")


def test_a_delegate_signs_for_the_qualified_person_and_it_is_said_so(quality: Quality) -> None:
    from vein2vein.core.actor import Role

    quality.act(
        "people.delegate_role",
        "qp",
        delegate_id=quality.find("qp2").account_id,
        role=Role.QUALIFIED_PERSON,
        starts_at=quality.clock.at - timedelta(minutes=1),
        ends_at=quality.clock.at + timedelta(days=1),
        reason="at a congress",
    )
    row = quality.decide(FIRST, "qp2")
    assert row.delegated_from == quality.find("qp").name
    quality.clock.advance(timedelta(days=2))
    assert "quality.not_qualified" in [one.code for one in quality.blockers(LAST, "qp2")]


def test_the_database_refuses_a_release_that_rests_on_nothing(quality: Quality) -> None:
    quality.decide(FIRST)
    for change in ("assessment_id = NULL", "dose_id = NULL", "final = true", "decision = 'sold'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE quality_disposition SET {change}")


@pytest.mark.race
def test_a_deviation_opened_at_the_moment_of_release_is_seen_or_comes_after(made: str) -> None:
    name = f"{made}_race_{os.getpid()}"
    with worlds.clone(made, name):
        worlds.point_to(name)
        with clock.use(SimulatedClock(worlds.FOUND[WORLD][0])) as simulated:
            quality = Quality(worlds.laboratory(WORLD, simulated))
            quality.decide(FIRST)
            barrier = Barrier(2)
            outcomes = _together(
                lambda: _after(barrier, lambda: quality.decide(LAST)),
                lambda: _after(barrier, lambda: opened(quality)),
            )
            released = not isinstance(outcomes[0], Exception)
            order = Order.objects.get(pk=quality.batch.order_id)
            assert (order.state == "released") is released
            if isinstance(outcomes[0], Exception):
                assert isinstance(outcomes[0], Refused)
                _still_quarantined(quality)
            first = Disposition.objects.filter(decision=LAST)
            assert first.exists() is released
            if released and not isinstance(outcomes[1], Exception):
                assert _order_in_journal(quality) == ["quality.BatchDisposed", "quality.DeviationOpened"]


def _order_in_journal(quality: Quality) -> list[str]:
    from vein2vein.quality.tests.test_actions import entries

    wanted = ("quality.BatchDisposed", "quality.DeviationOpened")
    return [one.fact for one in entries(quality) if one.fact in wanted][-2:]


def _after(barrier: Barrier, act: Callable[[], Any]) -> Any:
    barrier.wait(30)
    return act()


def _together(*acts: Callable[[], Any]) -> list[Any]:
    """Do acts at once, each on a connection of its own; return what each gave, or the refusal it met."""

    def alone(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(contextvars.copy_context().run, alone, act) for act in acts]
        return [one.result(60) for one in running]
