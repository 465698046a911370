"""Sweeps: the same bytes whatever the workers, also when some are killed; progress, cancelling and resuming."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from vein2vein.core.records import plain
from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.blocks import Block, from_bytes, perform, to_bytes
from vein2vein.engines.twin.models import model_from, model_to_json
from vein2vein.engines.twin.sweeps import Cancelled, Folder, Memory, blocks_of, carry_out, sweep
from vein2vein.engines.twin.workers import Here, Processes, Workers, WorkersLost

MODEL = base_model(40.0)
BLOCKS = blocks_of("measure", model_to_json(MODEL), 3, 20, size=3)
EXPECTED = [perform(one) for one in BLOCKS]


class Counted(Here):
    """Counts what it performs."""

    def __init__(self) -> None:
        self.done = 0

    def perform(self, blocks: Sequence[Block]) -> Iterator[tuple[Block, bytes]]:
        for block, made in super().perform(blocks):
            self.done += 1
            yield block, made


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_same_bytes_whatever_the_number_of_workers(count: int) -> None:
    assert carry_out(BLOCKS, workers=Processes(count)) == EXPECTED


def test_the_same_measures_whatever_the_size_of_blocks() -> None:
    once = sweep(MODEL, seed=3, replications=20)
    assert b"".join(EXPECTED) == once.values.astype("<f8").tobytes()


def test_a_killed_worker_is_replaced() -> None:
    workers = Processes(2)
    killed: list[int] = []

    def kill(done: int, _: int) -> None:
        if done >= 3 and len(killed) < 2:
            killed.extend(workers.pids[-1:])
            os.kill(workers.pids[-1], signal.SIGKILL)

    assert carry_out(BLOCKS, workers=workers, on_progress=kill) == EXPECTED
    assert len(killed) == 2


def test_workers_end_with_the_work() -> None:
    workers = Processes(2)
    carry_out(BLOCKS[:2], workers=workers)
    for pid in workers.pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_workers_that_never_live_are_given_up() -> None:
    class Dead(Processes):
        def _start(self) -> object:  # type: ignore[override]  # a process that is over at once
            made = super()._start()
            made.kill()
            return made

    with pytest.raises(WorkersLost):
        carry_out(BLOCKS[:1], workers=Dead(1))


@pytest.mark.parametrize("workers", [Here(), Processes(2)])
def test_a_cancelled_sweep_is_resumed(workers: Workers, tmp_path: Path) -> None:
    kept, told = Folder(tmp_path), list[int]()
    with pytest.raises(Cancelled):
        carry_out(
            BLOCKS,
            workers=workers,
            finished=kept,
            on_progress=lambda done, _: told.append(done),
            cancelled=lambda: True,
        )
    there = len(list(tmp_path.iterdir()))
    assert 1 <= there < len(BLOCKS)
    rest = Counted()
    assert carry_out(BLOCKS, workers=rest, finished=kept) == EXPECTED
    assert rest.done == len(BLOCKS) - there


def test_workers_end_also_when_the_sweep_is_cancelled() -> None:
    workers = Processes(2)
    with pytest.raises(Cancelled):
        carry_out(BLOCKS, workers=workers, cancelled=lambda: True)
    for pid in workers.pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("workers", [Here(), Processes(1)])
def test_what_a_worker_refuses_is_refused_here(workers: Workers) -> None:
    raw = plain(MODEL, complete=True)
    raw["figures"]["material_rejected"]["value"], raw["figures"]["apheresis_again"]["value"] = 100.0, 0.0
    for name in ("excursion", "apheresis_repeated", "attrition"):
        raw["figures"][name]["value"] = 0.0
    for name in ("transit", "transit_abroad", "customs", "apheresis", "receipt"):
        raw["figures"][name]["value"] = 0.0
    for one in raw["resources"]:
        one.update(capacity=50, shifts=[])
    endless = blocks_of("measure", model_to_json(model_from(raw)), 1, 1)
    with pytest.raises(Refused, match="without an end"):
        carry_out(endless, workers=workers)


def test_a_damaged_block_is_done_again(tmp_path: Path) -> None:
    kept = Folder(tmp_path)
    carry_out(BLOCKS, finished=kept)
    victim = sorted(tmp_path.iterdir())[0]
    victim.write_bytes(victim.read_bytes()[:-1])
    again = Counted()
    assert carry_out(BLOCKS, workers=again, finished=kept) == EXPECTED
    assert again.done == 1


def test_progress_begins_with_what_is_there() -> None:
    kept, told = Memory(), list[tuple[int, int]]()
    carry_out(BLOCKS[:3], finished=kept)
    carry_out(BLOCKS, finished=kept, on_progress=lambda done, of: told.append((done, of)))
    assert told[0] == (9, 20)
    assert told[-1] == (20, 20)


def test_a_block_goes_there_and_back() -> None:
    assert from_bytes(to_bytes(BLOCKS[0])) == BLOCKS[0]
    assert len({one.key for one in BLOCKS}) == len(BLOCKS)
