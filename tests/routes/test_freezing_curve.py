"""The freezing curve of frozen starting material's batch: without it on record nothing is released."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.attack.doors import Attack
from tests.attack.sql import sql
from tests.routes import world
from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.manufacturing.reads import list_next_steps
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.manufacturing.tests.test_other_definitions import LUPUS, Frozen
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.states import Decision, GateState

Find = Callable[[str], Actor]


@pytest.fixture
def bench(clock_at: SimulatedClock, actor: Find, sign: Callable[..., Actor]) -> Bench:
    """Give the batch of a lupus patient's frozen material, just before its curve is attached."""
    course = Frozen(clock_at, actor, sign)
    course.draft(**LUPUS, starting_material="cryopreserved")
    course.to("material_accepted")
    found = Bench(clock_at, actor, sign, 3)  # people who are nowhere else
    found.open(course.order)
    found.to("attach_curve")
    return found


def curve_gate(bench: Bench) -> Iterator[tuple[GateState, str]]:
    dossier = Dossier(bench.batch, by=bench.find("qp"), at=bench.clock.at)
    for gate in dossier.gates(Decision.RELEASE_BY_MANUFACTURER):
        if gate.code == "freezing_curve":
            yield gate.state, "".join(one.code for one in gate.blockers)


@pytest.mark.requirement("N6")
def test_no_release_without_the_freezing_curve(bench: Bench, attack: Attack) -> None:
    assert list(curve_gate(bench)) == [(GateState.NOT_MET, "quality.no_curve")]
    journal.run_followers()
    given: dict[str, Any] = {
        "batch_id": bench.batch.pk,
        "decision": Decision.RELEASE_BY_MANUFACTURER,
        "reason": "the freezer was fine",
    }
    attack("quality.no_curve", "quality.dispose_batch", "qp", **given)
    step = list_next_steps(bench.id, by=bench.find("supervisor"))[0]
    assert step.step_code == "attach_curve"
    bench.finish()
    assert list(curve_gate(bench)) == [(GateState.MET, "")]
    for statement in ("SET kind = 'photograph'", "SET content = ''"):
        with pytest.raises(IntegrityError, match="what was recorded stays"), transaction.atomic():
            sql(f"UPDATE manufacturing_rawattachment {statement} WHERE kind = 'freezing_curve'")
    assert list(curve_gate(bench)) == [(GateState.MET, "")]


def test_this_world_has_every_route(clock_at: SimulatedClock) -> None:
    routes = {world.quality_of(name, clock_at).batch.route for name in world.WAYS}
    assert routes == {"commercial", "named_patient", "clinical_trial"}
