"""Reading shipments: those whose origin, destination or carrier the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from django.db.models import Q, QuerySet

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import ContainerId, OrderId, ShipmentId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound, Refused
from vein2vein.core.uploads import Upload
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import page, read
from vein2vein.engines.definitions.model.supply import ExcursionRule
from vein2vein.engines.definitions.vocabulary import Leg
from vein2vein.identity.reads import container_scanned, find_custody, list_containers
from vein2vein.logistics import rules
from vein2vein.logistics.models import (
    AgePermission,
    Incident,
    MaterialReceipt,
    MaterialReferral,
    Milestone,
    Permit,
    Shipment,
    ShipmentItem,
    Trace,
)
from vein2vein.logistics.states import ON_THE_WAY, UNDER_WAY, MilestoneKind, ShipmentKind, ShipmentState
from vein2vein.network.reads import get_equipment, get_lane, list_equipment_of_class, list_lanes, view_equipment
from vein2vein.network.rules import equipment_blockers, shipper_blockers
from vein2vein.orders import reads as orders
from vein2vein.orders.queues import only_copy_blockers
from vein2vein.orders.states import Moment

_ROWS = Shipment.objects.select_related("order__hospital", "order__definition", "coi__patient", "shipper", "logger")
_SHIPMENTS = _ROWS.select_related("lane__carrier", "lane__origin", "lane__destination").defer(
    "order__definition__files", "order__definition__canonical", "coi__label_sets"
)
"""All, with what they hang on, without the definition's long texts."""
_BY_ID = Prepared(lambda shipment_id: _SHIPMENTS.filter(pk=shipment_id), UUID)

LOGGER_CLASS = "temperature_logger"
ShipmentRow: TypeAlias = Shipment
"""A shipment, for pages, which import no models."""


def _no_shipment(value: object) -> NotFound:
    return NotFound(
        Blocker(
            "logistics.not_found",
            N_("There is no such shipment"),
            field="shipment",
            value=str(value)[:80],
            mend=N_("Choose one from the list of shipments, or scan its label"),
        )
    )


@read("logistics.get_shipment")
def get_shipment(*, shipment_id: ShipmentId, by: Actor) -> Shipment:
    """Return a shipment; raises `NotFound` for one that is not there or concerns other sites and carriers."""
    found = _BY_ID.first(shipment_id)
    if found is None or not may_see(found, by):
        raise _no_shipment(shipment_id)
    return found


@read("logistics.get_shipment_by_code")
def get_shipment_by_code(*, code: str, by: Actor) -> Shipment:
    """Return a shipment by its scanned code; raises `NotFound` as `get_shipment` does."""
    found = _SHIPMENTS.filter(code=code.strip().upper()).first()
    if found is None or not may_see(found, by):
        raise _no_shipment(code)
    return found


def may_see(shipment: Shipment, by: Actor) -> bool:
    """Say whether an actor belongs to one of the shipment's ends or to its carrier, or sees every site."""
    lane = shipment.lane
    return any(by.sees(SiteId(site)) for site in (lane.origin_id, lane.destination_id, lane.carrier_id))


def shipments_seen(by: Actor) -> QuerySet[Shipment]:
    """Return the shipments that an actor may see, oldest first, to be narrowed."""
    rows = _SHIPMENTS.order_by("id")
    if by.sites is None:
        return rows
    sites = list(by.sites)
    return rows.filter(Q(lane__origin_id__in=sites) | Q(lane__destination_id__in=sites) | Q(lane__carrier_id__in=sites))


@read("logistics.list_shipments")
def list_shipments(
    *,
    state: ShipmentState | None = None,
    kind: ShipmentKind | None = None,
    order_id: OrderId | None = None,
    limit: int = 50,
    after: UUID | None = None,
    newest: bool = False,
    by: Actor,
) -> list[Shipment]:
    """Return the shipments that the actor may see, oldest or newest first, after the one with id `after`."""
    rows = shipments_seen(by)
    if state is not None:
        rows = rows.filter(state=state)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if order_id is not None:
        rows = rows.filter(order_id=order_id)
    return page(rows, limit, after, newest=newest)


def find_shipment_of(order_id: UUID, kind: ShipmentKind) -> Shipment | None:
    """Return an order's shipment of a kind that is planned or on its way, or waits for its review, or None."""
    return _SHIPMENTS.filter(order_id=order_id, kind=kind, state__in=UNDER_WAY).first()


def list_shipments_under_way(order_id: UUID) -> list[Shipment]:
    """Return everything of an order that is planned, packed or on its way, whoever asks."""
    return list(_SHIPMENTS.filter(order_id=order_id, state__in=UNDER_WAY).order_by("id"))


def order_state(order_id: UUID) -> str:
    """Return how far an order has come."""
    return str(orders.load_order(order_id).state)


@read("logistics.list_contents")
def list_contents(*, shipment_id: ShipmentId, by: Actor) -> list[rules.Packed]:
    """Return the containers that were packed."""
    return packed_in(get_shipment(shipment_id=shipment_id, by=by))


@read("logistics.list_permits")
def list_permits(*, shipment_id: ShipmentId, by: Actor) -> list[Permit]:
    """Return a shipment's permits by name."""
    return list(get_shipment(shipment_id=shipment_id, by=by).permits.order_by("name"))


@read("logistics.list_milestones")
def list_milestones(*, shipment_id: ShipmentId, by: Actor) -> list[Milestone]:
    """Return what happened to a shipment on its way, earliest first."""
    return milestones_of(get_shipment(shipment_id=shipment_id, by=by))


def milestones_of(shipment: Shipment) -> list[Milestone]:
    """Return a shipment's milestones, earliest first; those of one instant in the order of the way."""
    way = list(MilestoneKind)
    return sorted(shipment.milestones.order_by("id"), key=lambda one: (one.at, way.index(MilestoneKind(one.kind))))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the order's definition asks of a shipment of a kind: the journey, its condition, its excursion rule."""

    journey: rules.Journey
    condition: str
    excursion: ExcursionRule
    requalified_each_use: bool


def wanted_of(order_id: UUID, kind: ShipmentKind) -> Wanted:
    """Return what the definition asks; raises `Refused` where it has no lane for the order's market."""
    order = orders.load_order(order_id)
    supply = orders.definition_of(order).supply
    starting = kind is ShipmentKind.STARTING_MATERIAL
    inward = kind is not ShipmentKind.PRODUCT
    lanes = supply.lanes_for(Leg.STARTING_MATERIAL if starting else Leg.PRODUCT, order.market)
    lane = next((one for one in lanes if not starting or one.alternative in (None, order.starting_material)), None)
    rule = supply.starting_material(order.starting_material)
    condition = supply.condition(rule.condition if starting and rule else supply.product_shipment.condition)
    excursion = None if condition is None else supply.excursion(condition.id)
    container = None if lane is None else supply.shipping_container(lane.shipping_container)
    plant = order.manufacturing_site
    if lane is None or condition is None or excursion is None or container is None or plant is None:
        raise Refused(
            Blocker(
                "logistics.no_way",
                N_("The definition has no way for this from or to %(market)s, or the order is not accepted yet"),
                field="order",
                value=order.code,
                mend=N_("Accept the order first, or have the definition completed"),
                params={"market": order.market},
            )
        )
    high = condition.temperature.high
    hospital = order.hospital.code
    return Wanted(
        rules.Journey(
            origin=hospital if inward else plant.code,
            destination=plant.code if inward else hospital,
            temperature_class=rules.temperature_class_of(None if high is None else high.to("degC").magnitude),
            equipment_class=container.id,
            maximum=lane.maximum,
        ),
        condition.id,
        excursion,
        container.requalified_each_use,
    )


def view_lane(code: str) -> rules.LaneView:
    """Return a lane as the rules see it; raises `NotFound`."""
    lane = get_lane(code)
    return rules.LaneView(
        lane.code,
        lane.origin.code,
        lane.destination.code,
        lane.temperature_class,
        lane.longest_hours,
        tuple(lane.borders),
        tuple(lane.permits),
    )


def equipment_found(shipper: str, logger: str, lane: rules.LaneView, wanted: Wanted, at: datetime) -> list[Blocker]:
    """Return why shipping container or logger, by their codes, may not go on this lane at `at` (N10)."""
    box, recorder = get_equipment(shipper), get_equipment(logger)
    view = view_equipment(box)
    classes = equipment_blockers(view, at, equipment_class=wanted.journey.equipment_class)
    return [
        *(one for one in classes if one.code == "network.wrong_equipment"),
        *shipper_blockers(view, at, lane.longest_hours),
        *rules.requalification_blockers(
            box.code, asked=wanted.requalified_each_use, qualified=box.requalification_due_on is not None
        ),
        *equipment_blockers(view_equipment(recorder), at, equipment_class=LOGGER_CLASS),
    ]


def lanes_between(journey: rules.Journey) -> list[rules.LaneView]:
    """Return the lanes that fit a journey, by code."""
    system = journal.system("logistics")
    lanes = list_lanes(origin=journey.origin, destination=journey.destination, limit=200, by=system)
    views = [view_lane(one.code) for one in sorted(lanes, key=lambda one: one.code)]
    return [one for one in views if not rules.lane_blockers(one, journey)]


def free_equipment(equipment_class: str) -> list[str]:
    """Return the codes of the equipment of a class that no shipment on its way holds."""
    taken = Shipment.objects.filter(state__in=ON_THE_WAY).values_list("shipper_id", "logger_id")
    held = {one for pair in taken for one in pair}
    return [one.code for one in list_equipment_of_class(equipment_class) if one.pk not in held]


def journey_blockers(shipment: Shipment, at: datetime) -> list[Blocker]:
    """Return why a planned shipment no longer fits: lane, permits, shipping container, logger."""
    wanted = wanted_of(shipment.order_id, ShipmentKind(shipment.kind))
    lane = view_lane(shipment.lane.code)
    permits = [rules.PermitGiven(one.name, one.number) for one in shipment.permits.all()]
    return [
        *rules.lane_blockers(lane, wanted.journey),
        *rules.permit_blockers(lane, permits),
        *equipment_found(shipment.shipper.code, shipment.logger.code, lane, wanted, at),
    ]


def expected_contents(order_id: UUID, kind: ShipmentKind) -> list[rules.Packed]:
    """Return what belongs in an order's shipment: the collected bag, or every bag of the released dose.

    Before the release it is all product of the chain, so that its blockers can be shown.
    """
    order = orders.load_order(order_id)
    if kind is ShipmentKind.STARTING_MATERIAL:
        return _not_sent(collection.container for collection in order.collections.select_related("container"))
    if kind is ShipmentKind.RETURN:
        returned = order.bags.select_related("container").filter(withdrawn_reason="return")
        return _not_sent((bag.container for bag in returned), kind)
    bags = [_packed(bag.container) for bag in order.dose_bags]
    made = list_containers(coi_id=orders.coi_of(order), limit=200, by=journal.system("logistics"))
    return bags or [_packed(one) for one in made if one.kind == "final_product" and one.state == "active"]


def sent(kind: ShipmentKind) -> QuerySet[ShipmentItem, Any]:
    """Return the containers of every shipment of a kind that left."""
    gone = ShipmentItem.objects.filter(shipment__kind=kind)
    return gone.exclude(shipment__state__in=[ShipmentState.PLANNED, ShipmentState.CANCELLED]).values("container_id")


def _not_sent(
    containers: Iterable[_Container | None], kind: ShipmentKind = ShipmentKind.STARTING_MATERIAL
) -> list[rules.Packed]:
    """Return those that are there, not rejected, and in no shipment of the kind that left."""
    there = [one for one in containers if one is not None and one.state == "active"]
    left = set(sent(kind).filter(container_id__in=[one.pk for one in there]).values_list("container_id", flat=True))
    wanted = [one for one in there if one.pk not in left]
    return sorted((_packed(one) for one in wanted if one.disposition != "rejected"), key=lambda one: one.code)


class _Container(Protocol):
    pk: UUID
    code: str
    coi_id: UUID
    kind: str
    state: str
    disposition: str
    expires_at: datetime | None
    volume_ml: Decimal | None


def _packed(one: _Container) -> rules.Packed:
    return rules.Packed(
        one.pk, one.code, one.coi_id, one.kind, one.state, one.disposition, one.expires_at, one.volume_ml
    )


def packed_in(shipment: Shipment) -> list[rules.Packed]:
    """Return what a shipment holds, as the rules see it."""
    return [_packed(item.container) for item in shipment.items.select_related("container").order_by("container__code")]


def scanned_contents(scanned: Iterable[str]) -> list[rules.Packed]:
    """Return the containers that were scanned, whosever they are; raises `Refused` or `NotFound` for a bad scan."""
    return [_packed(container_scanned(text, "scanned_containers")) for text in scanned]


def pack_blockers(shipment: Shipment, packed: list[rules.Packed], *, at: datetime) -> list[Blocker]:
    """Return why a shipment with these contents may not be packed."""
    order, kind = orders.load_order(shipment.order_id), ShipmentKind(shipment.kind)
    expected = {one.container_id: one.code for one in expected_contents(order.pk, kind)}
    return [
        *rules.state_blockers(shipment.state, [ShipmentState.PLANNED]),
        *rules.order_blockers(order.state, rules.PACKABLE[kind]),
        *journey_blockers(shipment, at),
        *rules.contents_blockers(packed, expected, shipment.coi_id),
        *rules.dispatch_blockers(kind, packed, rfi_number=order.rfi_number, at=at),
        *_reconfirmation(order.pk, kind, at),
    ]


def _reconfirmation(order_id: UUID, kind: ShipmentKind, at: datetime) -> list[Blocker]:
    order = orders.load_order(order_id)
    if kind is not ShipmentKind.PRODUCT:
        return []
    definition, moment = orders.definition_of(order), Moment.PRODUCT_SHIPMENT.value
    found = orders.reconfirmation_blockers(order, definition, moment=moment, at=at)
    return [*orders.obstacle_blockers(order), *only_copy_blockers(order), *found]


def dispatch_blockers(shipment: Shipment, *, at: datetime) -> list[Blocker]:
    """Return why a packed shipment may not leave its origin (N6)."""
    order, kind = orders.load_order(shipment.order_id), ShipmentKind(shipment.kind)
    found = rules.dispatch_blockers(kind, packed_in(shipment), rfi_number=order.rfi_number, at=at)
    return [*found, *_reconfirmation(order.pk, kind, at)]


def deadlines(shipment: Shipment) -> list[datetime]:
    """Return by when a shipment must have arrived to be of use: its container's hold time, its contents' expiry."""
    times = [shipment.hold_ends_at, *(one.expires_at for one in packed_in(shipment))]
    return [one for one in times if one is not None]


def custodian_of(shipment: Shipment) -> str:
    """Return who has the shipment now, by name; "" before it is packed."""
    item = shipment.items.order_by("id").first()
    custody = None if item is None else find_custody(ContainerId(item.container_id))
    return "" if custody is None else custody.custodian_name


@dataclass(frozen=True, slots=True)
class MaterialView:
    """The starting material of a shipment as the receipt gate sees it: age and limits."""

    container: rules.Packed
    collected_at: datetime
    limit: timedelta
    permitted_h: Decimal | None
    minimum_cells: Decimal
    minimum_viability_percent: Decimal
    volume_low_ml: Decimal | None
    volume_high_ml: Decimal | None

    def age(self, at: datetime) -> timedelta:
        """Return the age at a time, from the end of collection."""
        return at - self.collected_at


def material_of(shipment: Shipment, container_id: UUID) -> MaterialView:
    """Return a container of starting material with its definition's limits; raises `Refused` where it is none."""
    order = orders.load_order(shipment.order_id)
    rule = orders.definition_of(order).supply.starting_material(order.starting_material)
    rows = order.collections.select_related("container")
    collection = rows.filter(container_id=container_id, ended_at__isnull=False).first()
    container = None if collection is None else collection.container
    ended_at = None if collection is None else collection.ended_at
    if shipment.kind != ShipmentKind.STARTING_MATERIAL or rule is None or ended_at is None or container is None:
        raise Refused(_no_material(shipment))
    permission = AgePermission.objects.filter(shipment=shipment).order_by("-maximum_age_h").first()
    low, high = rule.volume.low, rule.volume.high
    return MaterialView(
        _packed(container),
        ended_at,
        rule.maximum_age,
        None if permission is None else permission.maximum_age_h,
        rule.minimum_tnc.to("cell").magnitude,
        rule.minimum_viability.to("%").magnitude,
        None if low is None else low.to("mL").magnitude,
        None if high is None else high.to("mL").magnitude,
    )


def _no_material(shipment: Shipment) -> Blocker:
    return Blocker(
        "logistics.not_starting_material",
        N_("There is no starting material in this shipment"),
        field="shipment",
        value=shipment.code,
        mend=N_("Choose the shipment that came from the hospital"),
    )


def oldest_material(shipment: Shipment) -> MaterialView:
    """Return the oldest starting material of a shipment that is not decided on; raises `Refused` where there is none.

    Where all is decided on, the oldest of all.
    """
    if shipment.kind != ShipmentKind.STARTING_MATERIAL:
        raise Refused(_no_material(shipment))
    views = [material_of(shipment, one.container_id) for one in packed_in(shipment)]
    if not views:
        raise Refused(_no_material(shipment))
    undecided = [one for one in views if one.container.disposition == "quarantined"]
    return min(undecided or views, key=lambda one: one.collected_at)


def accept_blockers(shipment: Shipment, *, at: datetime, container_id: UUID | None = None) -> list[Blocker]:
    """Return why starting material (a container, or the oldest) may not be accepted yet, whatever its count will be."""
    material = oldest_material(shipment) if container_id is None else material_of(shipment, container_id)
    return [
        *rules.receipt_state_blockers(shipment.state),
        *rules.age_blockers(material.age(at), material.limit, material.permitted_h),
    ]


def uncounted(shipment: Shipment) -> list[rules.Packed]:
    """Return the starting material of a received shipment that nobody accepted, rejected or referred yet."""
    if shipment.kind != ShipmentKind.STARTING_MATERIAL:
        return []
    referred = set(MaterialReferral.objects.filter(shipment=shipment).values_list("container_id", flat=True))
    return [one for one in packed_in(shipment) if one.disposition == "quarantined" and one.container_id not in referred]


@read("logistics.list_referrals")
def list_referrals(*, shipment_id: ShipmentId, by: Actor) -> list[MaterialReferral]:
    """Return the counts of a shipment that missed their limits, with what physician and quality said."""
    shipment = get_shipment(shipment_id=shipment_id, by=by)
    return list(MaterialReferral.objects.select_related("container").filter(shipment=shipment).order_by("id"))


@read("logistics.list_incidents")
def list_incidents(*, shipment_id: ShipmentId, by: Actor) -> list[Incident]:
    """Return what went wrong with a shipment on its way, earliest first."""
    return list(get_shipment(shipment_id=shipment_id, by=by).incidents.order_by("reported_at"))


def find_trace(shipment_id: UUID) -> Trace | None:
    """Return the trace of a shipment, or None before its receipt."""
    return Trace.objects.filter(shipment_id=shipment_id).first()


def find_receipt(shipment_id: UUID) -> MaterialReceipt | None:
    """Return the count on which a shipment's starting material was accepted, or None."""
    rows = MaterialReceipt.objects.select_related("container").filter(shipment_id=shipment_id)
    return rows.order_by("-accepted_at").first()


@read("logistics.get_trace_file")
def get_trace_file(*, shipment_id: ShipmentId, by: Actor) -> Upload:
    """Return the logger's file of a journey, as it came."""
    get_shipment(shipment_id=shipment_id, by=by)
    found = find_trace(shipment_id)
    if found is None or not found.sha256:
        raise _no_shipment(shipment_id)
    return Upload(found.filename, bytes(found.content))


@read("logistics.get_count_file")
def get_count_file(*, shipment_id: ShipmentId, by: Actor) -> Upload:
    """Return the counter's file on which starting material was accepted, as it came."""
    get_shipment(shipment_id=shipment_id, by=by)
    found = find_receipt(shipment_id)
    if found is None:
        raise _no_shipment(shipment_id)
    return Upload(found.filename, bytes(found.content))


def material_age_h(shipment: Shipment) -> Decimal:
    """Return how old a shipment's starting material is now, in hours."""
    return rules.hours(oldest_material(shipment).age(clock.now()))
