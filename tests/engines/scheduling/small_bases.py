"""Very small bases, drawn at random, with everything a problem can have: the oracle's and the checker's food."""

from __future__ import annotations

from random import Random

from vein2vein.engines.scheduling import (
    Batch,
    Calendar,
    Draw,
    Limit,
    Lot,
    Operation,
    Recipe,
    Resource,
    SchedulingProblem,
    Use,
)

HOUR, DAY = 60, 24 * 60


def small_base(seed: int, *, batches: int = 4) -> SchedulingProblem:
    draw = Random(seed)  # noqa: S311 - invented data
    operations = (
        Operation(code="collect", duration_min=4 * HOUR, uses=(Use(kind="chair", to_min=5 * HOUR),)),
        Operation(
            code="make",
            duration_min=6 * HOUR,
            wait_least_min=draw.choice((0, 2 * HOUR)),
            wait_most_min=draw.choice((None, 12 * HOUR, DAY)),
            uses=(
                Use(kind="station", to_min=8 * HOUR),
                Use(kind="person", qualification="make", to_min=2 * HOUR),
                Use(kind="person", from_min=HOUR, to_min=2 * HOUR),
            ),
            draws=(Draw(material="vector", quantity=draw.choice((1, 2))),),
        ),
        Operation(code="freeze", duration_min=2 * HOUR, wait_most_min=draw.choice((HOUR, 5 * HOUR))),
        Operation(
            code="test",
            duration_min=draw.choice((10, 20)) * HOUR,
            uses=(Use(kind="analyst", to_min=3 * HOUR, units=draw.choice((1, 1, 2))),),
        ),
    )
    limits = (Limit(after="collect", before="freeze", most_min=draw.choice((40, 60)) * HOUR),)
    day_shift = tuple((day * DAY + 8 * HOUR, day * DAY + 18 * HOUR) for day in range(draw.choice((5, 6, 7))))
    return SchedulingProblem(
        horizon_min=14 * DAY,
        calendars=(
            Calendar(code="always"),
            Calendar(code="day", weekly=day_shift, closed=((DAY, DAY + 12 * HOUR),) if draw.random() < 0.3 else ()),
            Calendar(code="night", weekly=tuple((day * DAY + 18 * HOUR, day * DAY + 32 * HOUR) for day in range(7))),
        ),
        resources=(
            Resource(code="chair", kind="chair", calendar="day", capacity=draw.choice((1, 2))),
            Resource(code="WS-1", kind="station", calendar="always"),
            *((Resource(code="WS-2", kind="station", calendar="always"),) if draw.random() < 0.5 else ()),
            Resource(code="Li", kind="person", calendar="day", qualifications=("make",)),
            Resource(code="Wang", kind="person", calendar="day", qualifications=("make", "test")),
            Resource(code="Zhao", kind="person", calendar="night"),
            Resource(code="analysts", kind="analyst", calendar="day", capacity=2),
        ),
        recipes=(Recipe(code="R", operations=operations, limits=limits),),
        batches=tuple(
            Batch(
                code=f"B{number}",
                recipe="R",
                ready_min=draw.randrange(48) * HOUR,
                weight=draw.choice((1, 2, 5)),
                due_min=draw.choice((None, 4 * DAY)),
                late_weight=draw.choice((0, 3)),
            )
            for number in range(batches)
        ),
        lots=(
            Lot(code="V1", material="vector", quantity=4, expires_min=5 * DAY),
            Lot(code="V2", material="vector", quantity=20, usable_from_min=draw.choice((0, 2 * DAY))),
        ),
    )
