"""Blocks of replications: the unit of work that goes to a worker, and whose bytes do not depend on which one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any

import numpy as np

from vein2vein.core.refusals import Blocker, Refused
from vein2vein.engines.twin.compiling import compiled
from vein2vein.engines.twin.measures import measured
from vein2vein.engines.twin.models import model_from_json
from vein2vein.engines.twin.presence import present_from_json
from vein2vein.engines.twin.running import Runner
from vein2vein.engines.twin.standing import threads_of

_ONE_AT_A_TIME = Lock()
"""A runner has one room, which two threads of a server must not share."""


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


@lru_cache(maxsize=2)
def runner_from(model: str, present: str) -> Runner:
    """Return a runner that begins with a present state."""
    table = compiled(model_from_json(model))
    return Runner(table, threads_of(table, present_from_json(present)))


def _forecast(block: Block) -> bytes:
    one = runner_from(block.model, block.given)
    infused = one.table.milestones.index(one.table.model.vein_in)
    made = []
    for run in one.each(block.seed, range(block.first, block.first + block.count)):
        hours = run.times[: one.open, infused]
        made.append(np.where(np.isnan(hours) & (run.outcome[: one.open] < 0), np.inf, hours))
    return np.array(made, "<f8").tobytes()


TASKS: Mapping[str, Callable[[Block], bytes]] = {"measure": _measure, "forecast": _forecast}


def perform(block: Block) -> bytes:
    """Return a block's bytes: little-endian doubles, one row for each replication; one block at a time."""
    with _ONE_AT_A_TIME:
        return TASKS[block.task](block)


def answered(block: Block) -> bytes:
    """Return what a worker answers: a block's bytes, or why they were refused."""
    try:
        return b"\0" + perform(block)
    except Refused as refused:
        fields = ("code", "message", "field", "value", "mend", "params")
        return b"\1" + json.dumps([{name: getattr(one, name) for name in fields} for one in refused.blockers]).encode()


def told(answer: bytes) -> bytes:
    """Return the bytes that a worker answered; raises `Refused` as it did."""
    if answer[:1] == b"\1":
        raise Refused([Blocker(**one) for one in json.loads(answer[1:])])
    return answer[1:]


def to_bytes(block: Block) -> bytes:
    """Return a block as a line of JSON."""
    fields: dict[str, Any] = {name: getattr(block, name) for name in Block.__slots__}
    return json.dumps(fields).encode() + b"\n"


def from_bytes(line: bytes) -> Block:
    """Return the block that `to_bytes` wrote."""
    return Block(**json.loads(line))
