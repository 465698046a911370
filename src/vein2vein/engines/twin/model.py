"""The model of a base: what there is, what is done with each patient's cells, who comes, and every figure's source.

A model is data: JSON in (`reading.read_model`), JSON out (`reading.model_to_json`). Figures stand in one place with
unit and source, and routes name them, so that each can be changed, learnt and shown by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from vein2vein.engines.twin.spreads import Spread

FORMAT = "vein2vein twin 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A duration, chance, rate or limit with its unit (`h`, `d`, `min`; `1`, `%`; `1/d`, `1/h`) and where it is from.

    `worth` says how many observations the figure is worth when the twin learns (`learning.learn`).
    """

    value: float | Spread
    unit: str
    source: str
    worth: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A weekly window in local time with the capacity that is there; `until` 24:00 is midnight at the day's end."""

    days: tuple[str, ...]
    begins: str
    until: str
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Whole days, first and last included, on which only `capacity` is there."""

    first: date
    last: date
    capacity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """People, rooms or equipment of one kind: alike, each serving one course at a time.

    Without `shifts` all of `capacity` is there day and night; with them, what the shifts say and nothing outside.
    Who has begun finishes, also past the end of a shift. `zone` is the time zone of shifts and closures.
    """

    name: str
    capacity: int = 0
    zone: str = "UTC"
    shifts: tuple[Shift, ...] = ()
    closures: tuple[Closure, ...] = ()
    cost_per_hour: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An amount of a stock that comes in, `day` days after the model's start (0: there at the start)."""

    day: float
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What is used up, one for each taking (vector doses, kits), and comes in by deliveries."""

    name: str
    deliveries: tuple[Delivery, ...]
    cost_each: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationBase:
    """What every operation has; `name` is what others go to, `cost` is spent each time that it begins."""

    kind: ClassVar[str]
    name: str = ""
    cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seize(OperationBase):
    """Wait for one unit of a resource, first come first served within a priority, and hold it."""

    kind: ClassVar[str] = "seize"
    resource: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(OperationBase):
    """Give a held unit back."""

    kind: ClassVar[str] = "release"
    resource: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Take(OperationBase):
    """Wait for one of a stock and use it up."""

    kind: ClassVar[str] = "take"
    stock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(OperationBase):
    """Let a duration pass, holding what `using` names meanwhile.

    With `working` only the time counts in which that resource has any capacity: a review rests at night.
    """

    kind: ClassVar[str] = "delay"
    figure: str
    using: tuple[str, ...] = ()
    working: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """With the probability that a figure says, go to an operation."""

    figure: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(OperationBase):
    """At most one of the chances comes true; otherwise what stands next follows."""

    kind: ClassVar[str] = "branch"
    chances: tuple[Chance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(OperationBase):
    """Go to `to` when more than the figure has passed since a milestone: a hold time, a shelf life."""

    kind: ClassVar[str] = "limit"
    since: str
    figure: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attrition(OperationBase):
    """Go to `to` when the patient was lost since a milestone, at the constant rate that the figure says."""

    kind: ClassVar[str] = "attrition"
    since: str
    figure: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(OperationBase):
    """Note the time of a milestone; a later passage overwrites an earlier one."""

    kind: ClassVar[str] = "mark"
    milestone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Go(OperationBase):
    """Go to an operation."""

    kind: ClassVar[str] = "go"
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End(OperationBase):
    """The course ends with an outcome."""

    kind: ClassVar[str] = "end"
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Together(OperationBase):
    """Several rows of operations at once, as release tests are; what follows waits for the last of them."""

    kind: ClassVar[str] = "together"
    branches: tuple[tuple[Operation, ...], ...]


Operation = Seize | Release | Take | Delay | Branch | Limit | Attrition | Mark | Go | End | Together


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What is done for one course, in order."""

    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Patients of one market and indication who take one route.

    `instead` replaces names of figures, resources or stocks of the route. `growth_per_year` 0.2 is 20 % more each
    year. `pattern` is `poisson` (by chance) or `even` (equal gaps). Smaller `priority` goes first in every queue.
    """

    name: str
    market: str
    route: str
    patients_per_year: float
    growth_per_year: float = 0.0
    pattern: str = "poisson"
    priority: int = 1
    instead: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A base: measured are patients who arrive in the `days` after `warm_up_days`, followed for `run_out_days` more.

    `vein_out` and `vein_in` are the milestones between which vein to vein is measured; courses that end with
    `infused` got their dose, all others were lost.
    """

    name: str
    starts_at: datetime
    days: float = 365.0
    warm_up_days: float = 0.0
    run_out_days: float = 365.0
    vein_out: str
    vein_in: str
    infused: str = "infused"
    figures: Mapping[str, Figure]
    resources: tuple[Resource, ...] = ()
    stocks: tuple[Stock, ...] = ()
    routes: tuple[Route, ...]
    demand: tuple[Demand, ...]
    format: str = FORMAT
