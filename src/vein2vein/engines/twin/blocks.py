"""Blocks of replications: the unit of work that goes to a worker, and whose bytes do not depend on which one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np

from vein2vein.engines.twin.compiling import compiled
from vein2vein.engines.twin.measures import measured
from vein2vein.engines.twin.models import model_from_json
from vein2vein.engines.twin.presence import present_from_json
from vein2vein.engines.twin.running import Runner
from vein2vein.engines.twin.standing import threads_of


@dataclass(frozen=True, slots=True)
class Block:
    """Replications `first` … `first + count - 1` of a model under a seed; `task` says what is made of them.

    `given` is what the task needs besides, as JSON text: a present state for a forecast.
    """

    task: str
    model: str
    seed: int
    first: int
    count: int
    given: str = ""

    @property
    def key(self) -> str:
        """Return the digest of everything that the block's bytes depend on."""
        return sha256(
            json.dumps([self.task, self.model, self.seed, self.first, self.count, self.given]).encode()
        ).hexdigest()


@lru_cache(maxsize=8)
def runner(model: str) -> Runner:
    """Return a runner of a model's text; a worker that gets many blocks of one model compiles it once."""
    return Runner(compiled(model_from_json(model)))


def _measure(block: Block) -> bytes:
    one = runner(block.model)
    replications = range(block.first, block.first + block.count)
    return np.array([measured(run, one.window) for run in one.each(block.seed, replications)], "<f8").tobytes()


def _forecast(block: Block) -> bytes:
    model, present = model_from_json(block.model), present_from_json(block.given)
    one = Runner(compiled(model), threads_of(compiled(model), present))
    infused = one.table.milestones.index(model.vein_in) if model.vein_in in one.table.milestones else -1
    made = []
    for run in one.each(block.seed, range(block.first, block.first + block.count)):
        hours = run.times[: one.open, infused] if infused >= 0 else np.full(one.open, np.nan)
        made.append(np.where(np.isnan(hours) & (run.outcome[: one.open] < 0), np.inf, hours))
    return np.array(made, "<f8").tobytes()


TASKS: Mapping[str, Callable[[Block], bytes]] = {"measure": _measure, "forecast": _forecast}


def perform(block: Block) -> bytes:
    """Return a block's bytes: little-endian doubles, one row for each replication."""
    return TASKS[block.task](block)


def to_bytes(block: Block) -> bytes:
    """Return a block as a line of JSON."""
    fields: dict[str, Any] = {name: getattr(block, name) for name in Block.__slots__}
    return json.dumps(fields).encode() + b"\n"


def from_bytes(line: bytes) -> Block:
    """Return the block that `to_bytes` wrote."""
    return Block(**json.loads(line))
