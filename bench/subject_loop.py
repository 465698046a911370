"""The closed loop: a plan of a year made, lived in 300 futures, and made again until promises keep."""

from __future__ import annotations

import time

from bench.registry import Figure, Options, Report
from vein2vein.engines.scheduling.invented import invented_base
from vein2vein.forecasting.closing import FUTURES, close_loop

PATIENTS, SECONDS = 2_000, 5.0
NOTES = f"""\
bases of `engines/scheduling/invented.py`; durations spread, and batches are lost, as `engines/twin/figures.py` says
one turn is a plan of the whole year by ruin and recreate, and {FUTURES} futures of it, until nine of ten promises keep
a promise is kept by an end within a day of the planned one; slack is time, and no occupancy
seconds are those of one core, compiled code loaded before
""".splitlines()


def measure(options: Options) -> Report:
    """Measure the loop for a base of two thousand patients a year, over three seeds; the slowest counts."""
    del options
    close_loop(invented_base(20, seed=1), futures=5)
    taken, figures = [], []
    for seed in (1, 2, 3):
        problem = invented_base(PATIENTS, seed=seed)
        began = time.process_time()
        turns = close_loop(problem, seed=seed)
        taken.append(time.process_time() - began)
        figures += [
            Figure(f"promises kept by the first plan, seed {seed}", round(100.0 * turns[0].kept, 1), "%"),
            Figure(f"promises kept by the last plan, seed {seed}", round(100.0 * turns[-1].kept, 1), "%", 90.0),
            Figure(f"days promised later for it, seed {seed}", round(turns[-1].planned_d - turns[0].planned_d, 1), "d"),
        ]
    figures.insert(0, Figure("processor seconds, the slowest of three", round(max(taken), 2), "s"))
    figures.insert(1, Figure(f"{SECONDS:g} s as a part of these", round(SECONDS / max(taken), 2), "×", 1.0))
    return Report("Closed loop of plan and twin", figures, NOTES)
