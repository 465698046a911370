"""What is planned: batches that go through chains of operations, and everything finite that these need.

All times are whole minutes from minute 0 of the horizon, a Monday at 00:00 in the site's zone. An interval holds its
first minute and not its last. A plan's cost is in weighted minutes (see `Batch` and `SchedulingProblem.move_cost`).
"""

from __future__ import annotations

from dataclasses import dataclass

WEEK_MIN = 7 * 24 * 60
FORMAT = "vein2vein scheduling problem 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When something is open: windows that come back every week, less closures on given dates."""

    code: str
    weekly: tuple[tuple[int, int], ...] = ((0, WEEK_MIN),)
    """(from, to) in minutes of the week, Monday 00:00 is 0; windows that touch are one."""
    closed: tuple[tuple[int, int], ...] = ()
    """(from, to) in minutes of the horizon: holidays, repairs, illness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something finite: a workstation, a shift of operators, a freezer, couriers, beds."""

    code: str
    kind: str
    calendar: str
    capacity: int = 1
    qualifications: tuple[str, ...] = ()
    cents_per_hour: int = 0
    """What an hour of one unit costs; shown beside promises, no part of a plan's cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A lot of vector or reagent: so many whole units, usable within two times."""

    code: str
    material: str
    quantity: int
    usable_from_min: int = 0
    expires_min: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A need of an operation: units of one resource of a kind, for a part of the operation or beyond its end.

    `from_min` and `to_min` count from the operation's start: an operator's hour within a workstation's night, or the
    clearance of the workstation afterwards.
    """

    kind: str
    to_min: int
    from_min: int = 0
    units: int = 1
    qualification: str = ""
    """What the resource must be qualified for; empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What an operation takes from one lot of a material; the lot is in date until the operation's end."""

    material: str
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of a chain: how long it takes, how long it may wait for its start, what it needs."""

    code: str
    duration_min: int
    wait_least_min: int = 0
    """From the end of the operation before."""
    wait_most_min: int | None = None
    uses: tuple[Use, ...] = ()
    draws: tuple[Draw, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From the end of one operation to the start of a later one at most so long: shelf lives, ages of cells."""

    after: str
    before: str
    most_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A therapy's operations in their order, with the limits across several of them."""

    code: str
    operations: tuple[Operation, ...]
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """An operation of one batch that takes another time than its recipe says."""

    operation: str
    duration_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One patient's batch.

    It costs `weight` for each minute from `ready_min` to its end, `late_weight` more for each minute after `due_min`;
    after `latest_min` it must not end.
    """

    code: str
    recipe: str
    ready_min: int
    weight: int = 1
    due_min: int | None = None
    """The promised end."""
    late_weight: int = 0
    latest_min: int | None = None
    """The patient's own limit."""
    took: tuple[Took, ...] = ()
    waives_limits: bool = False
    """Longest waits and limits do not count for it: people have decided, or must decide, on the deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An operation in its place: its start, a resource for each use and a lot for each draw, in their order."""

    batch: str
    operation: str
    start_min: int
    resources: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulingProblem:
    """All that a plan must respect.

    What is `fixed` stays as it is: the first operations of their batches, begun or frozen. Nothing else starts before
    `frozen_until_min`. What began before `now_min` is history: it occupies what it occupies, whatever the calendars
    say now. An operation that is not fixed and does not start where `previous` has it costs `move_cost`.
    """

    horizon_min: int
    calendars: tuple[Calendar, ...]
    resources: tuple[Resource, ...]
    recipes: tuple[Recipe, ...]
    batches: tuple[Batch, ...]
    lots: tuple[Lot, ...] = ()
    fixed: tuple[Placed, ...] = ()
    previous: tuple[Placed, ...] = ()
    now_min: int = 0
    frozen_until_min: int = 0
    move_cost: int = 0
