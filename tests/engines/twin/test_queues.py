"""Queueing theory: Erlang's waiting time for M/M/c, Little's law, and more demand never makes waits shorter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vein2vein.core.records import read
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.compiling import compiled
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.running import Runner


def queue(servers: int, load: float, service_h: float = 10.0) -> Model:
    return read(
        Model,
        {
            "name": "M/M/c",
            "starts_at": "2026-01-05T00:00:00+00:00",
            "days": 3650,
            "warm_up_days": 100,
            "vein_out": "in",
            "vein_in": "out",
            "figures": {"service": {"value": {"kind": "exponential", "mean": service_h}, "unit": "h", "source": "-"}},
            "resources": [{"name": "server", "capacity": servers}],
            "routes": [
                {
                    "name": "only",
                    "operations": [
                        {"kind": "mark", "milestone": "in"},
                        {"kind": "delay", "name": "service", "figure": "service", "using": ["server"]},
                        {"kind": "mark", "milestone": "out"},
                        {"kind": "end", "outcome": "infused"},
                    ],
                }
            ],
            "demand": [
                {"name": "all", "market": "-", "route": "only", "patients_per_year": 8760 * load * servers / service_h}
            ],
        },
    )


def erlang_wait_h(servers: int, load: float, service_h: float = 10.0) -> float:
    offered = load * servers
    full = offered**servers / math.factorial(servers) / (1.0 - load)
    waiting = full / (sum(offered**n / math.factorial(n) for n in range(servers)) + full)
    return waiting * service_h / (servers - offered)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (3, 0.7), (10, 0.9)])
def test_waiting_time_is_erlang_c(servers: int, load: float) -> None:
    runner = Runner(compiled(queue(servers, load)))
    means = [float(run.waited[(run.arrived >= 2400.0)].mean()) for run in runner.each(3, range(40))]
    error = np.std(means, ddof=1) / math.sqrt(len(means))
    assert abs(np.mean(means) - erlang_wait_h(servers, load)) < 4.0 * error
    assert error < 0.05 * erlang_wait_h(servers, load)


def test_little_holds_for_queue_and_servers() -> None:
    runner = Runner(compiled(queue(3, 0.8)))
    for run in runner.each(4, range(5)):
        begins, ends = runner.window
        inside = (run.arrived >= begins) & (run.arrived < ends)
        hours = ends - begins
        queue_length, rate = run.queued[0] / hours, inside.sum() / hours
        assert queue_length == pytest.approx(rate * run.waited[inside].mean(), rel=0.01)
        served = run.ended[inside] - run.arrived[inside] - run.waited[inside]
        assert run.busy[0] / hours == pytest.approx(rate * served.mean(), rel=0.01)


def test_more_demand_waits_no_less() -> None:
    waits = [
        np.mean([run.waited.mean() for run in Runner(compiled(queue(3, load))).each(5, range(5))])
        for load in (0.5, 0.7, 0.85, 0.95)
    ]
    assert waits == sorted(waits)


def test_every_course_of_the_base_ends() -> None:
    run = Runner(compiled(base_model(400.0))).run(1, 0)
    assert (run.outcome >= 0).all()
    assert not np.isnan(run.ended).any()
