"""One base, ten bases, seventy markets: how long a year takes to live, whole and by base; the growth as a plot."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np

from bench.registry import Figure, Options, Report
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.compiling import compiled
from vein2vein.engines.twin.measures import measured
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.running import Runner
from vein2vein.engines.twin.world import part_of, world_model

PLOT = Path(__file__).parents[1] / "docs" / "growth.svg"
SIZES = (100, 300, 1000, 3000, 10_000, 30_000, 100_000)
WORLDS = ((1, 1), (10, 10), (10, 70))
NOTES = """\
seconds of processor time of one core for one year lived, with its warm-up and run-out; compiling is not measured
growth: the demonstration base with its capacities in proportion to the patients; drawn in [growth.svg](growth.svg)
worlds: bases of 2,000 patients a year; one base serves a market, at home or across a border (`engines/twin/world.py`)
by base: each base's part lived by itself; the same numbers to the bit (`tests/engines/twin/test_world.py`)
""".splitlines()


def measure(options: Options) -> Report:
    """Measure the growth and the worlds, and draw the growth."""
    del options
    grown = [(patients, _year(base_model(float(patients)))) for patients in SIZES]
    PLOT.write_text(_plot(grown), "utf-8")
    figures = [Figure(f"{patients:,} patients a year", seconds * 1000.0, "ms of a core") for patients, seconds in grown]
    for bases, markets in WORLDS:
        world = world_model(bases, markets)
        parts = [_year(part_of(world, base)) for base in range(bases)]
        name = f"{bases} base{'s' if bases > 1 else ''}, {markets} market{'s' if markets > 1 else ''}"
        figures.append(Figure(f"{name}: the whole", _year(world) * 1000.0, "ms of a core"))
        figures.append(Figure(f"{name}: all parts, each by itself", sum(parts) * 1000.0, "ms of a core"))
        figures.append(Figure(f"{name}: the slowest part, a core for each", max(parts) * 1000.0, "ms"))
        days, lost = _found(world)
        figures.append(Figure(f"{name}: vein to vein, median", days, "days"))
        figures.append(Figure(f"{name}: patients lost", lost * 100.0, "%"))
    return Report("The twin at scale", figures, NOTES)


def _year(model: Model) -> float:
    runner = Runner(compiled(model))
    runner.run(7, 0)
    found = []
    for replication in range(3):
        began = time.process_time()
        runner.simulate(7, replication)
        found.append(time.process_time() - began)
    return min(found)


def _found(model: Model) -> tuple[float, float]:
    from vein2vein.engines.twin.measures import measure_names

    runner = Runner(compiled(model))
    names = measure_names(runner.table)
    values = np.array([measured(run, runner.window) for run in runner.each(7, range(3))])
    mean = np.nanmean(values, axis=0)
    return float(mean[names.index("vein_to_vein_d_p50")]), float(mean[names.index("lost_share")])


def _plot(grown: list[tuple[int, float]]) -> str:
    """Return the growth as an SVG: both scales logarithmic, the diagonal of proportion beside it."""
    left, top, width, height = 80, 20, 560, 300
    least, most = 2.0, 5.0
    low, high = -4.0, 0.0

    def x(patients: float) -> float:
        return left + width * (math.log10(patients) - least) / (most - least)

    def y(seconds: float) -> float:
        return top + height * (high - math.log10(seconds)) / (high - low)

    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 380" font-family="sans-serif" font-size="13">',
        '<rect width="680" height="380" fill="#fff"/>',
    ]
    for power in range(2, 6):
        at = x(10.0**power)
        lines.append(f'<line x1="{at:.0f}" x2="{at:.0f}" y1="{top}" y2="{top + height}" stroke="#ddd"/>')
        lines.append(f'<text x="{at:.0f}" y="{top + height + 20}" text-anchor="middle">{10**power:,}</text>')
    for power in range(-4, 1):
        at = y(10.0**power)
        label = f"{10.0**power * 1000:g} ms"
        lines.append(f'<line x1="{left}" x2="{left + width}" y1="{at:.0f}" y2="{at:.0f}" stroke="#ddd"/>')
        lines.append(f'<text x="{left - 8}" y="{at + 4:.0f}" text-anchor="end">{label}</text>')
    first = grown[0]
    points = " ".join(f"{x(one):.1f},{y(seconds):.1f}" for one, seconds in grown)
    end = grown[-1][0]
    proportion = f"{x(first[0]):.1f},{y(first[1]):.1f} {x(end):.1f},{y(first[1] * end / first[0]):.1f}"
    lines.append(f'<polyline points="{proportion}" fill="none" stroke="#999" stroke-dasharray="5 5"/>')
    lines.append(f'<polyline points="{points}" fill="none" stroke="#155e75" stroke-width="2.5"/>')
    lines += [f'<circle cx="{x(one):.1f}" cy="{y(seconds):.1f}" r="4" fill="#155e75"/>' for one, seconds in grown]
    lines.append('<text x="360" y="365" text-anchor="middle">patients a year (dashed: in proportion)</text></svg>')
    return "\n".join(lines) + "\n"
