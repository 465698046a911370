"""Whether parallel lines can take all arrivals in time: closed forms, no search.

Days are whole numbers; `arrivals[..., d]` is the number of therapies that reach the plant on day d at the earliest;
leading axes are independent cases, decided together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def started_by(arrivals: Counts, lines: int, days_on_line: int) -> Counts:
    """Return how many therapies can have started by the end of each day, first come first served.

    At most `lines` of those started in any `days_on_line` consecutive days: N(u) = min(A(u), N(u - p) + m). With equal
    times on the line no other order starts the k-th therapy earlier, whichever k.
    """
    arrived = np.cumsum(arrivals, axis=-1)
    started = np.empty_like(arrived)
    for day in range(arrived.shape[-1]):
        before = started[..., day - days_on_line] if day >= days_on_line else 0
        started[..., day] = np.minimum(arrived[..., day], before + lines)
    return started


def started_by_each(arrivals: Sequence[int], lines: int, days_on_line: int) -> list[int]:
    """Return the same for one case, in plain numbers: quicker for a single one."""
    started: list[int] = []
    arrived = 0
    for day, count in enumerate(arrivals):
        arrived += count
        before = started[day - days_on_line] if day >= days_on_line else 0
        started.append(min(arrived, before + lines))
    return started


def can_take(arrivals: Counts, lines: int, days_on_line: int, slack_days: int) -> Flags:
    """Say for each case whether every therapy can start within `slack_days` of its arrival.

    Exact where all therapies need the same days on a line and whoever arrives first must also start first.
    """
    tail = np.zeros((*arrivals.shape[:-1], slack_days), dtype=arrivals.dtype)
    started = started_by(np.concatenate([arrivals, tail], axis=-1), lines, days_on_line)
    must = np.cumsum(arrivals, axis=-1)
    taken: Flags = np.all(started[..., slack_days:] >= must, axis=-1)
    return taken
