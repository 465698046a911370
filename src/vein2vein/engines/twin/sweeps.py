"""Sweeps: many replications in blocks, the same bytes whatever the number of workers, resumed from what is there."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vein2vein.core.records import Faults
from vein2vein.core.refusals import N_
from vein2vein.engines.twin.blocks import Block, runner
from vein2vein.engines.twin.measures import measure_names
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.models import model_to_json
from vein2vein.engines.twin.workers import Here, Workers

BLOCK = 25
MOST_REPLICATIONS = 1_000_000


class Cancelled(Exception):
    """The sweep was ended on request; finished blocks are kept and found again by the next one."""


class Finished(Protocol):
    """Keeps the bytes of finished blocks."""

    def get(self, key: str) -> bytes | None:
        """Return a block's bytes, or None."""
        ...

    def put(self, key: str, made: bytes) -> None:
        """Keep a block's bytes."""
        ...


class Memory(dict[str, bytes]):
    """Keeps finished blocks as long as this process lives."""

    def put(self, key: str, made: bytes) -> None:
        """Keep a block's bytes."""
        self[key] = made


@dataclass(frozen=True, slots=True)
class Folder:
    """Keeps finished blocks as files: whole or not at all, whoever is killed meanwhile."""

    path: Path

    def get(self, key: str) -> bytes | None:
        """Return a block's bytes; None also for a file that is damaged."""
        try:
            content = (self.path / key).read_bytes()
        except OSError:
            return None
        return content[32:] if sha256(content[32:]).digest() == content[:32] else None

    def put(self, key: str, made: bytes) -> None:
        """Keep a block's bytes."""
        self.path.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.path, delete=False) as file:
            file.write(sha256(made).digest() + made)
        Path(file.name).replace(self.path / key)


@dataclass(frozen=True, slots=True)
class Swept:
    """The measures of every replication: `values[replication, measure]`."""

    names: tuple[str, ...]
    values: NDArray[np.float64]


Progress = Callable[[int, int], None]
"""Told (finished, all) replications."""


def carry_out(
    blocks: Sequence[Block],
    *,
    workers: Workers | None = None,
    finished: Finished | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[bytes]:
    """Return the bytes of every block in order; raises `Cancelled` as soon as a block ends after `cancelled()`."""
    kept = Memory() if finished is None else finished
    made = {block.key: found for block in blocks if (found := kept.get(block.key)) is not None}
    missing = list({block.key: block for block in blocks if block.key not in made}.values())
    everything, done = sum(one.count for one in blocks), sum(one.count for one in blocks if one.key in made)
    if on_progress is not None:
        on_progress(done, everything)
    if missing:
        for block, found in (workers or Here()).perform(missing):
            kept.put(block.key, found)
            made[block.key] = found
            done += block.count
            if on_progress is not None:
                on_progress(done, everything)
            if cancelled is not None and cancelled() and len(made) < len(blocks):
                raise Cancelled
    return [made[block.key] for block in blocks]


def blocks_of(task: str, model: str, seed: int, replications: int, given: str = "", size: int = BLOCK) -> list[Block]:
    """Return the blocks of a model's replications; raises `Refused` for a count that is none."""
    faults = Faults()
    if not 1 <= replications <= MOST_REPLICATIONS:
        message, mend = N_("this is no number of replications"), N_("write a whole number from 1 to 1,000,000")
        faults.add("replications", replications, message, mend)
    if not 0 <= seed < 2**63:
        faults.add("seed", seed, N_("this is no seed"), N_("write a whole number from 0 on"))
    faults.refuse_any()
    return [
        Block(task, model, seed, first, min(size, replications - first), given)
        for first in range(0, replications, size)
    ]


def sweep(
    model: Model,
    *,
    seed: int,
    replications: int,
    workers: Workers | None = None,
    finished: Finished | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Swept:
    """Return the measures of a checked model's replications."""
    text = model_to_json(model)
    blocks = blocks_of("measure", text, seed, replications)
    made = carry_out(blocks, workers=workers, finished=finished, on_progress=on_progress, cancelled=cancelled)
    names = measure_names(runner(text).table)
    return Swept(names, np.frombuffer(b"".join(made), "<f8").reshape(replications, len(names)))


def interval(values: NDArray[np.float64], level: float = 0.95) -> tuple[float, float, float]:
    """Return mean, low and high of the mean's confidence interval (Student's t), over values that are not NaN."""
    from scipy.special import stdtrit

    there = values[~np.isnan(values)]
    count = len(there)
    if count == 0:
        return (math.nan, math.nan, math.nan)
    mean = math.fsum(there) / count
    if count == 1:
        return (mean, -math.inf, math.inf)
    error = math.sqrt(math.fsum((one - mean) ** 2 for one in there) / (count - 1) / count)
    reach = float(stdtrit(count - 1, 0.5 + level / 2.0)) * error
    return (mean, mean - reach, mean + reach)
