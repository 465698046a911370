"""One-year replications per second of processor time: the twin's loop beside SimPy, salabim and Ciw."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from statistics import median

from bench import peer_simulation, place
from bench.registry import Figure, Options, Report

VERSIONS = {"simpy": "4.1.2", "salabim": "26.0.9", "ciw": "3.2.7"}
ALSO = ("networkx", "tqdm", "greenlet")
ROUNDS, REPLICATIONS = 3, 60
NOTES = """\
seconds of processor time, one core; the loop and its peers in turn, three rounds, medians; compiling is not measured
SimPy: the same base (two routes, shifts, stock, tests in parallel, losses and repeats), every number drawn before its \
time is taken, while the loop draws its own within the time; equal to the last bit for every patient and resource
salabim and Ciw: a tandem of ten stages that both can express, numbers from Python's generator; the loop runs the same
""".splitlines()


def measure(options: Options) -> Report:
    """Measure in turn, so that a busy moment of the machine falls on all alike."""
    del options
    _install()
    ours, theirs = {"base": list[float](), "tandem": list[float]()}, {one: list[float]() for one in VERSIONS}
    means = {one: list[float]() for one in ("loop", "salabim", "ciw")}
    for _ in range(ROUNDS):
        for peer in VERSIONS:
            told = _peer(peer)
            theirs[peer].append(told["seconds"])
            if peer != "simpy":
                means[peer].append(told["mean"] / 24.0)
        ours["base"].append(_base())
        seconds, days = _tandem()
        ours["tandem"].append(seconds)
        means["loop"].append(days)
    base, tandem = median(ours["base"]), median(ours["tandem"])
    against = {one: median(theirs[one]) for one in VERSIONS}
    shown = ", ".join(f"{one} {median(found):.1f}" for one, found in means.items())
    return Report(
        "The twin: one year of 2,000 patients",
        [
            Figure("replications of the demonstration base", 1.0 / base, "per s of a core"),
            Figure(f"SimPy {VERSIONS['simpy']}: the same, equal to the bit", 1.0 / against["simpy"], "per s of a core"),
            Figure("the loop, as a multiple of SimPy", against["simpy"] / base, "×", least=85.0),
            Figure("replications of a tandem of ten stages", 1.0 / tandem, "per s of a core"),
            Figure(f"salabim {VERSIONS['salabim']}: the same tandem", 1.0 / against["salabim"], "per s of a core"),
            Figure("the loop, as a multiple of salabim", against["salabim"] / tandem, "×", least=400.0),
            Figure(f"Ciw {VERSIONS['ciw']}: the same tandem", 1.0 / against["ciw"], "per s of a core"),
            Figure("the loop, as a multiple of Ciw", against["ciw"] / tandem, "×", least=250.0),
            *(_growth(patients) for patients in (100, 1000, 10_000, 100_000)),
        ],
        [*NOTES, f"the tandem, mean days from apheresis to infusion: {shown}"],
    )


def _base() -> float:
    from vein2vein.engines.twin.base import base_model
    from vein2vein.engines.twin.compiling import compiled
    from vein2vein.engines.twin.running import Runner

    runner = Runner(compiled(peer_simulation.year_of_base(base_model(peer_simulation.PATIENTS))))
    runner.run(7, 0)
    began = time.process_time()
    for _ in runner.each(7, range(REPLICATIONS)):
        pass
    return (time.process_time() - began) / REPLICATIONS


def _growth(patients: int) -> Figure:
    """Measure a year of the base with so many patients, its capacities in proportion."""
    from vein2vein.engines.twin.base import base_model
    from vein2vein.engines.twin.compiling import compiled
    from vein2vein.engines.twin.running import Runner

    runner = Runner(compiled(peer_simulation.year_of_base(base_model(float(patients)))))
    runner.run(7, 0)
    began = time.process_time()
    for _ in runner.each(7, range(3)):
        pass
    return Figure(
        f"the base with {patients:,} patients a year", (time.process_time() - began) / 3 * 1000.0, "ms of a core"
    )


def _tandem() -> tuple[float, float]:
    import numpy as np

    from vein2vein.engines.twin.compiling import compiled
    from vein2vein.engines.twin.models import model_from
    from vein2vein.engines.twin.running import Runner

    table = compiled(model_from(peer_simulation.tandem()))
    runner, days = Runner(table), list[float]()
    out, given = table.milestones.index("apheresis"), table.milestones.index("bed")
    runner.run(7, 0)
    began = time.process_time()
    for _ in runner.each(7, range(REPLICATIONS)):
        pass
    seconds = (time.process_time() - began) / REPLICATIONS
    for run in runner.each(7, range(10)):
        days.append(float(np.nanmean(run.times[:, given] - run.times[:, out])) / 24.0)
    return seconds, float(np.mean(days))


def _peer(name: str) -> dict[str, float]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(place.PROJECT / "src"), str(place.PROJECT)])}
    command = [sys.executable, "-m", "bench.peer_simulation", name]
    done = subprocess.run(command, check=True, cwd=place.PROJECT, env=environment, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _install() -> None:
    if (peer_simulation.PEERS / "finished").exists():
        return
    uv = str(place.LOCAL / "tools" / "bin" / "uv")
    words = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        sys.executable,
        "--target",
        str(peer_simulation.PEERS),
        "--no-deps",
    ]
    subprocess.run([*words, *(f"{one}=={version}" for one, version in VERSIONS.items()), *ALSO], check=True)
    shutil.rmtree(peer_simulation.PEERS / "tests", ignore_errors=True)  # a peer's own, which would hide ours
    (peer_simulation.PEERS / "finished").touch()
