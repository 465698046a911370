"""What of a course has happened: it stays, and what remains follows from it. Plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vein2vein.engines.scheduling import Batch, Limit, Operation, Placed, Took
from vein2vein.planning.chains import Chain
from vein2vein.planning.frame import GRID_MIN, Frame


@dataclass(frozen=True, slots=True)
class Begun:
    """An operation that began, when it ended (None: it goes on), and when it is known to end otherwise than planned."""

    operation: str
    started_at: datetime
    ended_at: datetime | None = None
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A course as it stands: what is left of its chain to plan, and what is fixed of it."""

    operations: tuple[Operation, ...]
    limits: tuple[Limit, ...]
    batch: Batch
    fixed: tuple[Placed, ...]


def standing(
    chain: Chain, begun: Sequence[Begun], *, code: str, ready_at: datetime, now: datetime, frame: Frame
) -> Standing:
    """Return a course with what has begun fixed and free of needs: live bookings say what that occupies.

    Only the first operations of the chain without a gap count as begun; one that goes on ends as planned, or as
    expected, but not before the next minute of the grid.
    """
    known = {one.operation: one for one in begun}
    operations, fixed, took = list(chain.operations), [], []
    end = 0
    for number, operation in enumerate(chain.operations):
        one = known.get(operation.code)
        if one is None:
            break
        start = max(end, frame.floor(one.started_at))
        end = _end(one, start + operation.duration_min, start, now, frame)
        operations[number] = replace(operation, wait_least_min=0, wait_most_min=None, uses=(), draws=())
        fixed.append(Placed(batch=code, operation=operation.code, start_min=start))
        if end - start != operation.duration_min:
            took.append(Took(operation=operation.code, duration_min=end - start))
    done = {one.operation for one in fixed}
    ready = fixed[0].start_min if fixed else max(frame.ceil(now), frame.floor(ready_at))
    return Standing(
        operations=tuple(operations),
        limits=tuple(one for one in chain.limits if one.before not in done),
        batch=Batch(code=code, recipe="", ready_min=ready, took=tuple(took)),
        fixed=tuple(fixed),
    )


def _end(one: Begun, planned: int, start: int, now: datetime, frame: Frame) -> int:
    if one.ended_at is not None:
        return max(start, frame.floor(one.ended_at))
    if one.expected_at is not None:
        planned = frame.ceil(one.expected_at)
    return max(planned, frame.ceil(now), start + GRID_MIN)
