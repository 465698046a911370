"""Network design beside general solvers on the per-patient model, and the published labels."""

from __future__ import annotations

import os
import time
from pathlib import Path

from bench.peer_per_patient import PEERS, in_ppm, per_patient
from bench.registry import Figure, Options, Report
from vein2vein.engines.networks import NetworkProblem, design, label
from vein2vein.engines.networks.invented import invented_network

ROOT = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("VEIN2VEIN_CONFORMANCE", ROOT / "../shared/conformance")) / "network-design"
LABELLED = FOLDER / "demands-1-3000.csv"
SIZES = (200, 1000, 3000)
WITH_PEERS = (200, 1000)
SEED = 1


def measure(options: Options) -> Report:
    """Measure ours at every size, and the peers where they have a chance, each for three times `--seconds` at most."""
    figures, notes = [], []
    limit_s = 3 * options.seconds
    design(invented_network(100, seed=SEED))
    for patients in SIZES:
        problem = invented_network(patients, seed=SEED)
        ours, ours_s = _ours(problem)
        figures.append(Figure(f"{patients:,} patients a year, proven optimum", 1000 * ours_s, "ms of a core"))
        if patients in WITH_PEERS:
            figure, note = _peers(problem, patients, ours, ours_s, limit_s)
            figures.append(figure)
            notes.append(note)
    if LABELLED.exists():
        count, wall_s = _labels()
        figures.append(Figure(f"{count:,} published scenarios labelled in", 1000 * wall_s, "ms of a core"))
        figures.append(Figure("of a second left", 1000 * (1 - wall_s), "ms", least=0.0))
    else:
        notes.append("the published scenarios are not here, and were not labelled")
    notes.append("a peer that proved nothing within its time counts as that time: the multiple is then a least one")
    notes.append(
        "invented cost data, one therapy, four hospitals, six facilities, two open; routes folded for all alike"
    )
    return Report("Network design", figures, notes)


def _ours(problem: NetworkProblem) -> tuple[int, float]:
    best = float("inf")
    for _time in range(3):
        began = time.process_time()
        found = design(problem)
        best = min(best, time.process_time() - began)
    return found.cost_ppm_cents, best


def _peers(problem: NetworkProblem, patients: int, ours: int, ours_s: float, limit_s: float) -> tuple[Figure, str]:
    given = per_patient(problem)
    said, fastest = [], float("inf")
    for name, solve in PEERS.items():
        answer = solve(given, limit_s)
        if answer.cents is not None and in_ppm(answer.cents) != ours:
            raise AssertionError(f"{name} proved {answer.cents}, ours is {ours / 1_000_000}")
        said.append(f"{name} {answer.seconds:.1f} s" + ("" if answer.cents is not None else ", not proven"))
        fastest = min(fastest, answer.seconds)
    least = 100.0 if patients >= 1000 else None
    figure = Figure(f"{patients:,} patients: the best peer's time, as a multiple", fastest / ours_s, "×", least=least)
    return figure, f"{patients:,} patients, the same objective: {'; '.join(said)}"


def _labels() -> tuple[int, float]:
    began = time.process_time()
    with LABELLED.open(newline="", encoding="utf-8") as file:
        count = sum(1 for _one in label(file))
    return count, time.process_time() - began
