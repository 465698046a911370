"""What a replication comes to, in a fixed row of numbers: waiting, vein to vein, utilisation, losses, cost per dose.

Patients counted are those who arrive in the measured window; resources are measured within it. Sums run in the order
of patients, so that the same replication gives the same bytes everywhere.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vein2vein.engines.twin.running import Run
from vein2vein.engines.twin.table import Table

HOURS_A_DAY = 24.0
_FIRST = (
    "patients",
    "infused",
    "lost",
    "unfinished",
    "lost_share",
    "waiting_d_mean",
    "waiting_d_p90",
    "vein_to_vein_d_p10",
    "vein_to_vein_d_p50",
    "vein_to_vein_d_p90",
    "arrival_to_infusion_d_p50",
    "doses",
    "cost",
    "cost_per_dose",
)


def measure_names(table: Table) -> tuple[str, ...]:
    """Return the names of a table's measures, in their order.

    `lost_share` is of all patients; waits are those in queues; `doses` are given, and `cost` spent, in the window.
    """
    resources = [one.name for one in table.model.resources]
    return (
        *_FIRST,
        *(f"outcome[{name}]" for name in table.outcomes),
        *(f"utilisation[{name}]" for name in resources),
        *(f"queue_d[{name}]" for name in table.resources),
    )


def measured(run: Run, window: tuple[float, float]) -> NDArray[np.float64]:
    """Return one replication's measures in the order of `measure_names`; NaN for what nobody reached."""
    table = run.table
    inside = run.arrived >= window[0]
    outcome = run.outcome[inside]
    patients = len(outcome)
    counts = [int((outcome == place).sum()) for place in range(len(table.outcomes))]
    unfinished = int((outcome < 0).sum())
    lost = patients - counts[0] - unfinished
    waiting = np.sort(run.waited[inside] / HOURS_A_DAY)
    given = _times(run, table.model.vein_in)
    veins = np.sort((given - _times(run, table.model.vein_out))[inside] / HOURS_A_DAY)
    whole = np.sort((given - run.arrived)[inside] / HOURS_A_DAY)
    doses = int(((given >= window[0]) & (given < window[1])).sum())
    opened = [steps.open_hours(*window) for steps in table.steps[: len(table.model.resources)]]
    kept = zip(table.model.resources, opened, strict=True)
    cost = run.money + math.fsum(one.cost_per_hour * hours for one, hours in kept)
    return np.array(
        [
            patients,
            counts[0],
            lost,
            unfinished,
            lost / patients if patients else math.nan,
            total(waiting) / patients if patients else math.nan,
            share_of(waiting, 0.9),
            *(share_of(veins, share) for share in (0.1, 0.5, 0.9)),
            share_of(whole, 0.5),
            doses,
            cost,
            cost / doses if doses else math.nan,
            *counts,
            *(busy / hours if hours else 0.0 for busy, hours in zip(run.busy, opened, strict=False)),
            *(run.queued / HOURS_A_DAY),
        ],
        np.float64,
    )


def _times(run: Run, milestone: str) -> NDArray[np.float64]:
    return run.times[:, run.table.milestones.index(milestone)]


def total(values: NDArray[np.float64]) -> float:
    """Return a sum taken in order."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0


def share_of(ascending: NDArray[np.float64], share: float) -> float:
    """Return the value below which a share of sorted values lies, between neighbours by a straight line; NaN last."""
    count = len(ascending) - int(np.isnan(ascending).sum())
    if count == 0:
        return math.nan
    place = share * (count - 1)
    low = int(place)
    high = min(low + 1, count - 1)
    if place == low or ascending[low] == ascending[high]:
        return float(ascending[low])  # also where the neighbour is infinite
    return float(ascending[low] + (place - low) * (ascending[high] - ascending[low]))
