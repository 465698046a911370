"""A world of bases is the sum of its parts, to the bit: each base can be lived where its records lie."""

from __future__ import annotations

import dataclasses

import numpy as np

from vein2vein.engines.twin.compiling import compiled
from vein2vein.engines.twin.models import checked
from vein2vein.engines.twin.running import Runner
from vein2vein.engines.twin.world import part_of, world_model


def test_parts_of_a_world_live_as_they_do_within_it() -> None:
    world = dataclasses.replace(world_model(3, 7, patients_per_base=60.0), warm_up_days=30.0, days=120.0)
    whole = Runner(compiled(checked(world))).run(5, 2)
    names = [one.name for one in world.demand]
    assert len(names) == 7
    seen = 0
    for base in range(3):
        part = checked(part_of(world, base))
        assert len(part.demand) == (3 if base == 0 else 2)
        run = Runner(compiled(part)).run(5, 2)
        for place, demand in enumerate(part.demand):
            mine, there = run.demand == place, whole.demand == names.index(demand.name)
            assert np.array_equal(run.arrived[mine], whole.arrived[there])
            assert np.array_equal(run.outcome[mine] == 0, whole.outcome[there] == 0)
            of = [run.table.milestones.index(one) for one in ("apheresis", "infusion")]
            within = [whole.table.milestones.index(one) for one in ("apheresis", "infusion")]
            assert np.array_equal(run.times[mine][:, of], whole.times[there][:, within], equal_nan=True)
            seen += int(mine.sum())
    assert seen == len(whole.arrived) > 50
