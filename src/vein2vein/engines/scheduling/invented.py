"""Bases that nobody has, of any size, for tests, benchmarks and trying out: the same seed, the same problem.

The chain is that of a rapid (next-day) product with typical published times; resources are as many as keep each so
busy as asked for. All times are whole hours.
"""

from __future__ import annotations

import math
from random import Random

from vein2vein.engines.scheduling.problem import (
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

DAY_MIN = 24 * 60
YEAR_MIN = 365 * DAY_MIN
HOSPITALS = 4
WORK_DAYS = tuple((day * DAY_MIN + 8 * 60, day * DAY_MIN + 18 * 60) for day in range(5))
LONG_DAYS = tuple((day * DAY_MIN + 6 * 60, day * DAY_MIN + 22 * 60) for day in range(7))
BATCHES_A_LOT = 80
DRAIN_MIN = 60 * DAY_MIN
"""How long after the last batch is ready the horizon ends."""


def invented_base(
    batches: int, *, seed: int, span_min: int = YEAR_MIN, busy: float = 0.75, promised: bool = False
) -> SchedulingProblem:
    """Return a base for `batches` courses ready within `span_min`, its resources `busy` for that part of their time.

    With `promised`, each has a due time that leaves it a few days, and lateness costs.
    """
    draw = Random(seed)  # noqa: S311 - invented data, no secret
    recipes = tuple(_recipe(hospital) for hospital in range(1, HOSPITALS + 1))
    weeks = math.ceil((span_min + DRAIN_MIN) / (7 * DAY_MIN))
    made = []
    for number in range(1, batches + 1):
        ready = draw.randrange(0, span_min // 60) * 60
        weight = draw.choice((1, 1, 1, 1, 2, 2, 4))
        recipe = draw.choice(recipes)
        due = ready + draw.randrange(17, 24) * DAY_MIN if promised else None
        late = 4 * weight if promised else 0
        made.append(
            Batch(
                code=f"B{number:05d}",
                recipe=recipe.code,
                ready_min=ready,
                weight=weight,
                due_min=due,
                late_weight=late,
            )
        )
    made.sort(key=lambda one: (one.ready_min, one.code))
    return SchedulingProblem(
        horizon_min=weeks * 7 * DAY_MIN,
        calendars=(
            Calendar(code="always"),
            Calendar(code="work-days", weekly=WORK_DAYS),
            Calendar(code="long-days", weekly=LONG_DAYS),
        ),
        resources=_resources(batches, span_min, busy),
        recipes=recipes,
        batches=tuple(made),
        lots=tuple(
            Lot(code=f"V{number}", material="vector", quantity=BATCHES_A_LOT)
            for number in range(1, math.ceil(batches / BATCHES_A_LOT) + 2)
        ),
    )


def _recipe(hospital: int) -> Recipe:
    place = f"hospital-{hospital}"
    return Recipe(
        code=f"rapid-{hospital}",
        operations=(
            Operation(code="collect", duration_min=300, uses=(Use(kind="chair", qualification=place, to_min=360),)),
            Operation(
                code="ship-in",
                duration_min=600 + 120 * hospital,
                wait_most_min=240,
                uses=(Use(kind="courier", to_min=600 + 120 * hospital),),
            ),
            Operation(code="receive", duration_min=60, wait_most_min=480, uses=(Use(kind="operator", to_min=60),)),
            Operation(
                code="activate",
                duration_min=300,
                uses=(Use(kind="workstation", to_min=360), Use(kind="operator", to_min=240)),
                draws=(Draw(material="vector"),),
            ),
            Operation(code="culture", duration_min=1200, wait_most_min=60, uses=(Use(kind="incubator", to_min=1260),)),
            Operation(
                code="harvest",
                duration_min=240,
                wait_most_min=480,
                uses=(
                    Use(kind="workstation", to_min=360),
                    Use(kind="operator", to_min=240),
                    Use(kind="operator", from_min=120, to_min=240),
                ),
            ),
            Operation(code="freeze", duration_min=120, wait_most_min=60, uses=(Use(kind="freezer", to_min=180),)),
            Operation(
                code="test",
                duration_min=7 * DAY_MIN,
                wait_most_min=4 * DAY_MIN,
                uses=(Use(kind="analyst", to_min=300), Use(kind="cytometer", from_min=60, to_min=180)),
            ),
            Operation(code="review", duration_min=180, uses=(Use(kind="reviewer", to_min=180),)),
            Operation(code="release", duration_min=60, uses=(Use(kind="qualified-person", to_min=60),)),
            Operation(code="ship-out", duration_min=DAY_MIN, uses=(Use(kind="courier", to_min=DAY_MIN),)),
            Operation(
                code="infuse",
                duration_min=120,
                wait_least_min=4 * DAY_MIN,
                uses=(Use(kind="bed", qualification=place, to_min=240),),
            ),
        ),
        limits=(Limit(after="collect", before="activate", most_min=3 * DAY_MIN),),
    )


def _resources(batches: int, span_min: int, busy: float) -> tuple[Resource, ...]:
    """Return one pool of each kind; chairs and beds for each hospital."""
    by_batch_min = {"courier": 3 * DAY_MIN, "operator": 660, "workstation": 720, "incubator": DAY_MIN, "freezer": 400}
    by_batch_min |= {"analyst": 300, "cytometer": 270, "reviewer": 200, "qualified-person": 60}
    calendars = {"operator": "long-days", "analyst": "work-days", "cytometer": "work-days"}
    calendars |= {"reviewer": "work-days", "qualified-person": "work-days"}
    pools = {"always": span_min, "long-days": span_min * 16 // 24, "work-days": span_min * 50 // 168}
    found = []
    for kind, minutes in by_batch_min.items():
        calendar = calendars.get(kind, "always")
        # A workstation works while operators are there.
        open_min = pools["long-days" if kind == "workstation" else calendar]
        units = math.ceil(batches * minutes / (open_min * busy))
        cents = {"operator": 9000, "analyst": 8000, "workstation": 30000}.get(kind, 2000)
        found.append(Resource(code=kind, kind=kind, calendar=calendar, capacity=max(2, units), cents_per_hour=cents))
    for hospital in range(1, HOSPITALS + 1):
        place = f"hospital-{hospital}"
        for kind, minutes in (("chair", 600), ("bed", 300)):
            units = math.ceil(batches / HOSPITALS * minutes / (pools["work-days"] * busy))
            found.append(
                Resource(
                    code=f"{kind}-{hospital}",
                    kind=kind,
                    calendar="work-days",
                    capacity=max(2, units),
                    qualifications=(place,),
                )
            )
    return tuple(found)
