"""Networks that nobody has, of any size, for tests, benchmarks and trying out: the same seed, the same network."""

from __future__ import annotations

from collections import Counter
from random import Random

from vein2vein.engines.networks.problem import Demand, Facility, Lane, NetworkProblem, Scenario, Therapy

YEAR_DAYS = 365


def invented_network(
    patients: int, *, seed: int, days: int = YEAR_DAYS, hospitals: int = 4, facilities: int = 6, therapies: int = 1
) -> NetworkProblem:
    """Return a network for `patients` therapies collected within `days`; cost data invented, sizes as published ones.

    Lines are sized so that one or two facilities are about enough, whatever the number of patients.
    """
    draw = Random(seed)  # noqa: S311 - invented data, no secret
    busy = patients * 7 / days
    places = [(draw.random(), draw.random()) for _ in range(facilities)]
    sites = [(draw.random(), draw.random()) for _ in range(hospitals)]
    sizes = [max(1, round(busy * draw.choice((0.4, 0.8, 1.0, 1.3, 1.6)) + draw.choice((1, 2, 3)))) for _ in places]
    plants = tuple(
        Facility(code=f"F{n}", lines=size, fixed_cents=days * size * draw.randrange(540_000, 600_000))
        for n, size in enumerate(sizes, 1)
    )
    lanes = []
    for s, (x, y) in enumerate(sites, 1):
        for f, (u, v) in enumerate(places, 1):
            cents = 40_000 + round(160_000 * ((x - u) ** 2 + (y - v) ** 2) ** 0.5)
            for mode, ride_days, dearer in (("express", 1, 2.2), ("road", 2, 1.0)):
                out, back = round(cents * dearer), round(cents * dearer * 1.1)
                lane = Lane(
                    hospital=f"H{s}", facility=f"F{f}", mode=mode, days=ride_days, out_cents=out, back_cents=back
                )
                lanes.append(lane)
    kinds = [_therapy(n) for n in range(1, therapies + 1)]
    drawn = Counter(
        (draw.randrange(days), f"H{draw.randrange(hospitals) + 1}", draw.choice(kinds).code) for _ in range(patients)
    )
    demands = tuple(
        Demand(day=day, hospital=hospital, therapy=code, count=count)
        for (day, hospital, code), count in sorted(drawn.items())
    )
    return NetworkProblem(
        facilities=plants,
        lanes=tuple(lanes),
        therapies=tuple(kinds),
        scenarios=(Scenario(code="demand", demands=demands),),
        at_most_open=2,
    )


def _therapy(number: int) -> Therapy:
    return Therapy(
        code=f"T{number}",
        collection_days=1,
        line_days=(7, 2, 9)[(number - 1) % 3],
        control_days=7,
        return_within_days=(19, 14, 23)[(number - 1) % 3],
        cents=1_978_800,
        hold_loss_ppm=(0, 15_000, 40_000),
        loss_cents=30_000_000,
    )
