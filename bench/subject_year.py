"""Patients through the real actions at two thousand a year: what one costs, and whether the thousandth costs more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
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
    runs = {size: _run(size, options.minutes) for size in reversed(sizes)}
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
    parts = ", ".join(f"{told['parts']} of {size:,}" for size, told in runs.items() if told["parts"] > 1)
    if parts:
        notes.append(f"taken in parts, each going on where the one before had stopped ({parts} patients)")
    notes.append("an act with its signature, chain and followers; the database's commits do not wait for the disk")
    for size in sizes:
        _kept(size).unlink()
    return Report("Patients through the real actions", figures, notes)


def _run(patients: int, minutes: float) -> dict[str, Any]:
    """Let patients go through, or go on where an earlier call stopped; ends the program where this one stops too."""
    kept = _kept(patients)
    kept.parent.mkdir(parents=True, exist_ok=True)
    parts: list[dict[str, Any]] = json.loads(kept.read_text()) if kept.exists() else []
    if not parts or not parts[-1]["finished"]:
        command = [sys.executable, "-m", "vein2vein.cli", "demo", "--json", "--seed", "1", "--patients", str(patients)]
        command += ["--years", f"{patients / A_YEAR:g}"]
        command += ["--minutes", str(minutes)] if minutes else []
        command += ["--resume", parts[-1]["database"]] if parts else []
        environment = os.environ | {"V2V_STATE": str(place.STATE)}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False, cwd=place.PROJECT)
        parts.append(json.loads(done.stdout))
        kept.write_text(json.dumps(parts))
    if not parts[-1]["finished"]:
        acts = sum(part["acts"] for part in parts)
        sys.exit(f"{patients:,} patients: {acts:,} acts so far, on {parts[-1]['to'][:10]}; the next call goes on")
    return _joined(parts)


def _kept(patients: int) -> Path:
    """Return where the parts of a run are noted until all runs are over."""
    return place.STATE / "years" / f"{patients}.json"


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a run's parts as one: what was spent added up, how it ended as the last part tells."""
    acts, cpu_s, pace = 0, 0.0, list[list[float]]()
    for part in parts:
        pace += [[acts + done, cpu_s + seconds] for done, seconds in part["pace"]]
        acts, cpu_s = acts + part["acts"], cpu_s + part["cpu_s"]
    last = parts[-1]
    return last | {
        "parts": len(parts),
        "acts": acts,
        "wall_s": (wall_s := sum(part["wall_s"] for part in parts)),
        "s_per_patient": wall_s / last["patients"],
        "cpu_s": cpu_s,
        "memory_mib": max(part["memory_mib"] for part in parts),
        "pace": pace,
        "faults": [fault for part in parts for fault in part["faults"]],
        "whole": all(part["whole"] for part in parts),
    }


def _ended(told: dict[str, Any]) -> str:
    return ", ".join(f"{count} {name}" for name, count in told["endings"].items())


def _growth(told: dict[str, Any]) -> float:
    """Return what an act costs this program's core in a run's last fifth, as a multiple of that in the first."""
    pace = [(0, 0.0), *told["pace"]]
    some = max(1, int(len(pace) * ENDS))
    (first, began), (last, ended) = pace[some], pace[-1]
    before, since = pace[-1 - some]
    return ((ended - since) / (last - before)) / (began / first) if first and last > before else 1.0
