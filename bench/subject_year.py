"""Patients through the real actions at two thousand a year: what one costs, and whether the thousandth costs more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from bench import place
from bench.registry import Figure, Options, Report

A_YEAR = 2000
SIZES = (100, 500, 2000)
"""How many patients a run has; of these, those that `--patients` allows for."""
ENDS = 0.2
"""Which share of a run, at its beginning and at its end, is compared."""


def measure(options: Options) -> Report:
    """Let each number of patients go through in a simulated database of its own, one run after the other."""
    sizes = [one for one in SIZES if one <= options.patients] or [options.patients]
    runs = {size: _run(size) for size in sizes}
    figures, notes = [], []
    for size, told in runs.items():
        acts = told["acts"]
        figures += [
            Figure(f"{size:,} patients: by the clock", told["wall_s"], "s"),
            Figure(f"{size:,} patients: a patient", told["s_per_patient"], "s"),
            Figure(f"{size:,} patients: an act", 1000 * told["wall_s"] / acts, "ms"),
            Figure(f"{size:,} patients: an act, of this program's core", 1000 * told["cpu_s"] / acts, "ms"),
            Figure(f"{size:,} patients: memory of this program", told["memory_mib"], "MiB"),
        ]
        notes.append(f"{size:,} patients: {acts:,} acts, {told['entries']:,} journal entries; ended: {_ended(told)}")
        notes.append(
            f"{size:,} patients: " + ("every invariant holds" if told["whole"] else f"faults: {told['faults']}")
        )
    largest = runs[sizes[-1]]
    figures.append(Figure("an act at the end of the largest run, beside one at its beginning", _growth(largest), "×"))
    notes.append(f"at {A_YEAR:,} patients a year, on a base enlarged for so many; the shorter runs are parts of a year")
    notes.append("an act with its signature, chain and followers; the database's commits do not wait for the disk")
    return Report("Patients through the real actions", figures, notes)


def _run(patients: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "vein2vein.cli", "demo", "--json", "--seed", "1", "--patients", str(patients)]
    environment = os.environ | {"V2V_STATE": str(place.STATE)}
    years = f"{patients / A_YEAR:g}"
    done = subprocess.run(
        [*command, "--years", years], env=environment, stdout=subprocess.PIPE, check=False, cwd=place.PROJECT
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _ended(told: dict[str, Any]) -> str:
    return ", ".join(f"{count} {name}" for name, count in told["endings"].items())


def _growth(told: dict[str, Any]) -> float:
    """Return what an act costs in the last fifth of a run, as a multiple of what it costs in the first."""
    pace = [(0, 0.0), *told["pace"]]
    some = max(1, int(len(pace) * ENDS))
    (first, began), (last, ended) = pace[some], pace[-1]
    before, since = pace[-1 - some]
    return ((ended - since) / (last - before)) / (began / first) if first and last > before else 1.0
