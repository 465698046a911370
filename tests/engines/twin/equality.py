"""Whether the loop and the oracle say the same, to the last bit."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from tests.engines.twin.oracle import Oracle, Told
from vein2vein.engines.twin.running import Run, Runner
from vein2vein.engines.twin.table import Table


def difference(run: Run, told: Told) -> str:
    """Return what differs first, or nothing; NaN is equal to NaN."""
    for one in fields(Told):
        ours = np.asarray(getattr(run, one.name))
        theirs = np.asarray(getattr(told, one.name), dtype=ours.dtype)
        if ours.size != theirs.size:
            return f"{one.name}: {ours.size} are not {theirs.size}"
        theirs = theirs.reshape(ours.shape)
        if ours.tobytes() != theirs.tobytes():
            where = np.argwhere(~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs))))
            if len(where):
                place = tuple(int(part) for part in where[0])
                return f"{one.name}{place}: {ours[place]!r} is not {theirs[place]!r}"
    return ""


def assert_equal(table: Table, seed: int, replications: range = range(1)) -> None:
    runner = Runner(table)
    for replication in replications:
        assert difference(runner.run(seed, replication), Oracle(table, seed, replication).run()) == ""
