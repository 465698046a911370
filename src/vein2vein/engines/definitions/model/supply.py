"""supply.yaml: starting-material limits, packaging, lanes, materials, hold times, bedside rules, follow-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from vein2vein.core.actor import Role
from vein2vein.engines.definitions.model.spread import Spread
from vein2vein.engines.definitions.values import Quantity, Range, Text
from vein2vein.engines.definitions.vocabulary import Leg, MaterialKind, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A storage condition: a name and its temperature bounds (degC)."""

    id: str
    name: Text
    temperature: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class StartingMaterialRule:
    """What starting material of an alternative must be like when it is received, and used.

    `maximum_age` runs from the end of collection to the start of the first operation.
    """

    alternative: str
    container: str
    label: str
    condition: str
    maximum_age: timedelta
    minimum_tnc: Quantity
    minimum_cd3: Quantity
    minimum_viability: Quantity
    maximum_haematocrit: Quantity
    volume: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingContainer:
    """A class of shipping container (运输容器); it must be requalified after each use where it says so."""

    id: str
    name: Text
    condition: str
    hold_time: timedelta
    requalified_each_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A leg to or from some markets: container, typical time and the limit at which it is refused.

    `permits` are what must be there before the journey starts.
    """

    id: str
    name: Text
    leg: Leg
    markets: tuple[str, ...]
    shipping_container: str
    duration: Spread
    maximum: timedelta
    alternative: str | None = None
    permits: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcursionRule:
    """How far and how long a logger's trace may leave a condition.

    Outside `allowed` at most `maximum_outside` in all; outside `absolute` never; readings no further
    apart than `maximum_gap`.
    """

    id: str
    condition: str
    allowed: Range
    absolute: Range
    maximum_outside: timedelta
    maximum_gap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductShipment:
    """How the product travels; `hold_margin` is what the container must hold above the route's time (50 %: N10)."""

    condition: str
    maximum: timedelta
    hold_margin: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Bedside:
    """Thaw and infusion: temperatures and how long each may take."""

    thaw_bath: Range
    thaw_maximum: timedelta
    thaw_to_infusion_end: timedelta
    infusion_maximum: timedelta
    lymphodepletion_before_minimum: timedelta
    lymphodepletion_before_maximum: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class LotValue:
    """A value that a lot carries and formulas may use, e.g. a vector's titre."""

    id: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A material by its code: how it is kept, counted (`unit`) and packed (`pack_size`)."""

    id: str
    name: Text
    kind: MaterialKind
    unit: str
    condition: str
    pack_size: Quantity | None = None
    lot_values: tuple[LotValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackUp:
    """Which container role is kept back (None: none), and whose role accepts the risk of a single copy (N19)."""

    container: str | None = None
    accepted_by: Role
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A follow-up visit on a day after infusion, give or take."""

    id: str
    name: Text
    day: int
    window_before_days: int
    window_after_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfirmation:
    """Who must say again, not longer than `within` before a moment, that the course goes on."""

    id: str
    text: Text
    before: Moment
    within: timedelta
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """The whole of supply.yaml."""

    conditions: tuple[Condition, ...]
    starting_materials: tuple[StartingMaterialRule, ...]
    shipping_containers: tuple[ShippingContainer, ...]
    lanes: tuple[Lane, ...]
    excursions: tuple[ExcursionRule, ...]
    product_shipment: ProductShipment
    bedside: Bedside
    materials: tuple[Material, ...]
    back_up: BackUp
    follow_up: tuple[Visit, ...]
    reconfirmations: tuple[Reconfirmation, ...]

    def condition(self, condition_id: str) -> Condition | None:
        """Return a storage condition by its id, or None."""
        return next((condition for condition in self.conditions if condition.id == condition_id), None)

    def starting_material(self, alternative: str) -> StartingMaterialRule | None:
        """Return the rule for a starting-material alternative, or None."""
        return next((rule for rule in self.starting_materials if rule.alternative == alternative), None)

    def material(self, material_id: str) -> Material | None:
        """Return a material by its code, or None."""
        return next((material for material in self.materials if material.id == material_id), None)

    def shipping_container(self, container_id: str) -> ShippingContainer | None:
        """Return a class of shipping container by its id, or None."""
        return next((container for container in self.shipping_containers if container.id == container_id), None)

    def excursion(self, condition_id: str) -> ExcursionRule | None:
        """Return the excursion rule of a condition, or None."""
        return next((rule for rule in self.excursions if rule.condition == condition_id), None)

    def lanes_for(self, leg: Leg, market: str) -> tuple[Lane, ...]:
        """Return the lanes of a leg that serve a market."""
        return tuple(lane for lane in self.lanes if lane.leg == leg and market in lane.markets)
