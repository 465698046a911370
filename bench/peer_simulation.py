"""The peers of the twin's loop, each in a process of its own: a year simulated, its processor time as a line of JSON.

SimPy runs the tests' oracle: the whole demonstration base, numbers drawn before, equal to the loop to the last bit.
salabim and Ciw run a tandem of stages that both can express (`tandem`): queues, losses and repeats, without shifts,
stocks and tests in parallel, with numbers of their own.
"""

from __future__ import annotations

import gc
import importlib
import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

from bench import place

PEERS = place.LOCAL / "peers" / "simulation"
LUCK = random.Random(1)  # noqa: S311 - luck, not a secret
YEAR_H, PATIENTS = 8760.0, 2000.0
STAGES: tuple[tuple[str, tuple[str, float, float, float], int], ...] = (
    ("referral", ("lognormal", 528.0, 0.46, 0.0), 0),
    ("apheresis", ("triangular", 3.0, 4.5, 6.0), 3),
    ("transit", ("triangular", 4.0, 12.0, 36.0), 0),
    ("receipt", ("uniform", 0.5, 2.0, 0.0), 1),
    ("process", ("uniform", 26.0, 42.0, 0.0), 10),
    ("tests", ("triangular", 168.0, 192.0, 240.0), 0),
    ("review", ("triangular", 4.0, 12.0, 24.0), 4),
    ("decision", ("uniform", 0.5, 2.0, 0.0), 1),
    ("to_infusion", ("lognormal", 192.0, 0.5, 0.0), 0),
    ("bed", ("uniform", 240.0, 336.0, 0.0), 80),
)
"""Name, duration in hours, and how many can be served at once (0: any number)."""
AGAIN = ("lognormal", 240.0, 0.4, 0.0)
TERMINATED, MADE_AGAIN, LOST = 0.02, 0.033, 0.027
"""Shares: after the process to another apheresis, after the tests to another apheresis, after the tests lost."""


def tandem() -> dict[str, Any]:
    """Return the tandem as a model of the twin."""
    figures: dict[str, Any] = {"again": _figure(AGAIN)}
    operations: list[dict[str, Any]] = []
    for name, spread, servers in STAGES:
        figures[name] = _figure(spread)
        if name in {"apheresis", "bed"}:
            operations.append({"kind": "mark", "name": f"{name}_begins", "milestone": name})
        operations.append({"kind": "delay", "name": name, "figure": name, "using": [name] if servers else []})
        if name == "process":
            operations.append(_branch("terminated", ("terminated", "again")))
        if name == "tests":
            operations.append(_branch("conformity", ("made_again", "again"), ("lost", "lost")))
    operations += [
        {"kind": "end", "outcome": "infused"},
        {"kind": "delay", "name": "again", "figure": "again"},
        {"kind": "go", "to": "apheresis_begins"},
        {"kind": "end", "name": "lost", "outcome": "lost"},
    ]
    for name, share in (("terminated", TERMINATED), ("made_again", MADE_AGAIN), ("lost", LOST)):
        figures[name] = {"value": share, "unit": "1", "source": "bench"}
    return {
        "name": "tandem",
        "starts_at": datetime(2026, 1, 5, tzinfo=UTC).isoformat(),
        "days": 365,
        "run_out_days": 0,
        "vein_out": "apheresis",
        "vein_in": "bed",
        "figures": figures,
        "resources": [{"name": name, "capacity": servers} for name, _, servers in STAGES if servers],
        "routes": [{"name": "tandem", "operations": operations}],
        "demand": [{"name": "all", "market": "CN", "route": "tandem", "patients_per_year": PATIENTS}],
    }


def _branch(name: str, *ways: tuple[str, str]) -> dict[str, Any]:
    return {"kind": "branch", "name": name, "chances": [{"figure": figure, "to": to} for figure, to in ways]}


def _figure(spread: tuple[str, float, float, float]) -> dict[str, Any]:
    kind, *numbers = spread
    names = {"lognormal": ("median", "sigma"), "uniform": ("low", "high"), "triangular": ("low", "mode", "high")}[kind]
    return {"value": {"kind": kind, **dict(zip(names, numbers, strict=False))}, "unit": "h", "source": "bench"}


def draw(spread: tuple[str, float, float, float]) -> float:
    """Return a duration drawn with Python's own generator."""
    kind, a, b, c = spread
    if kind == "triangular":
        return LUCK.triangular(a, c, b)
    return LUCK.uniform(a, b) if kind == "uniform" else LUCK.lognormvariate(math.log(a), b)


def simpy_year() -> tuple[float, list[float]]:
    """Run the base in SimPy, its numbers drawn before; processor seconds, and what the loop must equal."""
    from tests.engines.twin.equality import difference
    from tests.engines.twin.oracle import Oracle
    from vein2vein.engines.twin.base import base_model
    from vein2vein.engines.twin.compiling import compiled
    from vein2vein.engines.twin.running import Runner

    table = compiled(year_of_base(base_model(PATIENTS)))
    drawn: dict[int, float] = {}
    Oracle(table, 7, 0, drawn).run()
    again = Oracle(table, 7, 0, drawn)
    seconds = _timed(again.run)
    run = Runner(table).run(7, 0)
    assert difference(run, again.told) == "", difference(run, again.told)
    return seconds, [float(len(again.told.arrived))]


def year_of_base(model: Any) -> Any:
    """Return a model that measures one year from an empty base: so many patients, and no more."""
    import dataclasses

    return dataclasses.replace(model, warm_up_days=0.0, days=365.0, run_out_days=0.0)


def salabim_year() -> tuple[float, list[float]]:
    """Run the tandem in salabim; processor seconds, and hours from apheresis to infusion."""
    salabim: Any = importlib.import_module("salabim")
    env = salabim.Environment(trace=False, yieldless=False)
    servers = {name: salabim.Resource(name, capacity=count) for name, _, count in STAGES if count}
    hours: list[float] = []

    class Course(salabim.Component):  # type: ignore[misc]  # the peer has no types
        def process(self) -> Iterator[Any]:
            place, out = 0, 0.0
            while place < len(STAGES):
                name, spread, count = STAGES[place]
                if name == "apheresis":
                    out = env.now()
                if count:
                    if name == "bed":
                        hours.append(env.now() - out)
                    yield self.request(servers[name])
                yield self.hold(draw(spread))
                if count:
                    self.release(servers[name])
                place += 1
                luck = LUCK.random() if name in {"process", "tests"} else 1.0
                if luck < (TERMINATED if name == "process" else MADE_AGAIN):
                    yield self.hold(draw(AGAIN))
                    place = 1
                elif name == "tests" and luck < MADE_AGAIN + LOST:
                    return

    class Arrivals(salabim.Component):  # type: ignore[misc]  # the peer has no types
        def process(self) -> Iterator[Any]:
            while True:
                yield self.hold(LUCK.expovariate(PATIENTS / YEAR_H))
                Course()

    Arrivals()
    return _timed(lambda: env.run(till=YEAR_H)), hours


def ciw_year() -> tuple[float, list[float]]:
    """Run the tandem in Ciw; processor seconds, and hours from apheresis to infusion."""
    ciw: Any = importlib.import_module("ciw")

    class Drawn(ciw.dists.Distribution):  # type: ignore[misc]  # the peer has no types
        def __init__(self, spread: tuple[str, float, float, float]) -> None:
            super().__init__()
            self.spread = spread

        def sample(self, t: float | None = None, ind: Any = None) -> float:
            del t, ind
            return draw(self.spread)

    count = len(STAGES) + 1
    routing = [[0.0] * count for _ in range(count)]
    for row in range(len(STAGES) - 1):
        routing[row][row + 1] = 1.0
    names = [name for name, _, _ in STAGES]
    process, tests, again = names.index("process"), names.index("tests"), len(STAGES)
    routing[process][process + 1], routing[process][again] = 1.0 - TERMINATED, TERMINATED
    routing[tests][tests + 1], routing[tests][again] = 1.0 - MADE_AGAIN - LOST, MADE_AGAIN
    routing[again][1] = 1.0
    ciw.seed(1)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=PATIENTS / YEAR_H)] + [None] * (count - 1),
        service_distributions=[Drawn(spread) for _, spread, _ in STAGES] + [Drawn(AGAIN)],
        number_of_servers=[servers or math.inf for _, _, servers in STAGES] + [math.inf],
        routing=routing,
    )
    simulation = ciw.Simulation(network)
    seconds = _timed(lambda: simulation.simulate_until_max_time(YEAR_H))
    out: dict[int, float] = {}
    hours = []
    for one in sorted(simulation.get_all_records(), key=lambda record: record.arrival_date):
        if one.node == 2:
            out[one.id_number] = one.arrival_date
        elif one.node == len(STAGES):
            hours.append(one.arrival_date - out[one.id_number])
    return seconds, hours


def _timed(run: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    run()
    return time.process_time() - began


if __name__ == "__main__":
    sys.path.append(str(PEERS))
    found, measured = {"simpy": simpy_year, "salabim": salabim_year, "ciw": ciw_year}[sys.argv[1]]()
    print(json.dumps({"seconds": found, "mean": fmean(measured), "count": len(measured)}))
