"""Reading orders: one's own hospital's only, unless one sees every site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import CoiId, OrderId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound, Refused
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import page, read
from vein2vein.engines.definitions import Definition
from vein2vein.identity import scans
from vein2vein.identity.reads import container_scanned, list_cells
from vein2vein.identity.rules import OnChain
from vein2vein.network.reads import find_authorisation
from vein2vein.orders import rules
from vein2vein.orders.models import (
    Collection,
    DoseBag,
    FollowUpVisit,
    Infusion,
    Interruption,
    Obstacle,
    Order,
    PriorTherapy,
    Virology,
)
from vein2vein.orders.packs import pack_of
from vein2vein.orders.rules import course, ways_out
from vein2vein.orders.states import STOPPABLE, Moment, OrderState
from vein2vein.therapies.reads import get_definition

OrderRow = Order
"""An order as reads return it, for those who only name its type."""

_WITH = ("patient", "hospital__market", "coi", "definition", "manufacturing_site", "slot__resource")
_ORDERS = Order.objects.select_related(*_WITH).defer("definition__files", "definition__canonical", "coi__label_sets")
"""All, with what they hang on, without the definition's long texts."""
_BY_ID = Prepared(lambda order_id: _ORDERS.filter(pk=order_id), UUID)
_BY_CHAIN = Prepared(lambda coi_id: _ORDERS.filter(coi_id=coi_id), UUID)


def _no_order(value: object) -> NotFound:
    return NotFound(
        Blocker(
            code="orders.not_found",
            message=N_("There is no such order"),
            field="order",
            value=str(value)[:80],
            mend=N_("Choose one from the list of orders"),
        )
    )


def find_order(order_id: UUID) -> Order | None:
    """Return an order by its id, or None; for contexts above, which check scope themselves."""
    return _BY_ID.first(order_id)


def load_order(order_id: UUID) -> Order:
    """Return an order by its id whoever asks, or raise `NotFound`; for internal advances."""
    found = find_order(order_id)
    if found is None:
        raise _no_order(order_id)
    return found


def find_order_of_chain(coi_id: UUID) -> Order | None:
    """Return the order of a chain of identity, or None."""
    return _BY_CHAIN.first(coi_id)


def _seen(found: Order | None, value: object, by: Actor) -> Order:
    if found is None or not by.sees(SiteId(found.hospital_id)):
        raise _no_order(value)
    return found


@read("orders.get_order")
def get_order(*, order_id: OrderId, by: Actor) -> Order:
    """Return an order; raises `NotFound` for one that is not there or belongs to another hospital."""
    return _seen(find_order(order_id), order_id, by)


@read("orders.get_order_by_code")
def get_order_by_code(*, code: str, by: Actor) -> Order:
    """Return an order by its scanned code; raises `NotFound` as `get_order` does."""
    return _seen(_ORDERS.filter(code=code.strip().upper()).first(), code, by)


@read("orders.get_order_of_chain")
def get_order_of_chain(*, coi_id: CoiId, by: Actor) -> Order:
    """Return the order of a chain of identity; raises `NotFound` as `get_order` does."""
    return _seen(find_order_of_chain(coi_id), coi_id, by)


def orders_seen(by: Actor) -> QuerySet[Order]:
    """Return the orders that the actor may see, oldest first, to be narrowed by the contexts above."""
    rows = _ORDERS.order_by("id")
    return rows if by.sites is None else rows.filter(hospital_id__in=by.sites)


@read("orders.list_orders")
def list_orders(
    *, state: OrderState | None = None, limit: int = 50, after: UUID | None = None, newest: bool = False, by: Actor
) -> list[Order]:
    """Return the orders that the actor may see, oldest or newest first, after the one with id `after`."""
    rows = orders_seen(by)
    if state is not None:
        rows = rows.filter(state=state)
    return page(rows, limit, after, newest=newest)


@read("orders.list_virology")
def list_virology(*, order_id: OrderId, by: Actor) -> list[Virology]:
    """Return the virology of an order's eligibility pack."""
    return list(get_order(order_id=order_id, by=by).virology.order_by("marker"))


@read("orders.list_prior_therapies")
def list_prior_therapies(*, order_id: OrderId, by: Actor) -> list[PriorTherapy]:
    """Return the prior therapies of an order's eligibility pack."""
    return list(get_order(order_id=order_id, by=by).prior_therapies.order_by("drug_class"))


@read("orders.list_dose_bags")
def list_dose_bags(*, order_id: OrderId, by: Actor) -> list[DoseBag]:
    """Return the bags of the released dose."""
    return list(get_order(order_id=order_id, by=by).bags.select_related("container").order_by("id"))


@read("orders.list_infusions")
def list_infusions(*, order_id: OrderId, by: Actor) -> list[Infusion]:
    """Return the infusions of an order, earliest first."""
    return list(get_order(order_id=order_id, by=by).infusions.order_by("started_at"))


@read("orders.list_visits")
def list_visits(*, order_id: OrderId, by: Actor) -> list[FollowUpVisit]:
    """Return the follow-up visits of an order by day."""
    return list(get_order(order_id=order_id, by=by).visits.order_by("day"))


@dataclass(frozen=True, slots=True)
class DoseView:
    """The ordered dose and what is known of the declared one; cells, and `unit` as the definition counts."""

    order_id: UUID
    amount: Decimal
    unit: str
    weight_kg: Decimal
    ordered_total: Decimal
    declared_total: Decimal | None
    declared_amount: Decimal | None
    bags: int


@read("orders.get_dose")
def get_dose(*, order_id: OrderId, by: Actor) -> DoseView:
    """Return an order's dose: ordered, and declared once it is released."""
    order = get_order(order_id=order_id, by=by)
    plan = plan_of(order, definition_of(order))
    cells = [bag.cells for bag in order.dose_bags]
    total = sum(cells, Decimal(0)) if cells else None
    weight = order.dose_confirmed_weight_kg or order.weight_kg
    return DoseView(
        order_id=order.id,
        amount=order.dose_amount,
        unit=order.dose_unit,
        weight_kg=weight,
        ordered_total=rules.ordered_total(plan.basis, order.dose_amount, order.weight_kg),
        declared_total=total,
        declared_amount=None
        if total is None
        else rules.per_unit(plan.basis, total, weight).quantize(Decimal("1.0000")),
        bags=len(cells),
    )


@read("orders.list_eligibility_blockers")
def list_eligibility_blockers(*, order_id: OrderId, by: Actor) -> list[Blocker]:
    """Return what keeps the order from being prescribed and accepted as things stand now."""
    order = get_order(order_id=order_id, by=by)
    return prescription_blockers(order, at=clock.now())


def definition_of(order: Order) -> Definition:
    """Return the definition that the order began with."""
    return get_definition(order.definition_id)


def definition_for(order_id: UUID) -> Definition:
    """Return the definition of an order by its id; for contexts above."""
    return get_definition(load_order(order_id).definition_id)


def on_labels(order: Order, definition: Definition, *, authorisation_reference: str, at: datetime) -> OnChain:
    """Return what every label of an order says, from its definition and its eligibility pack."""
    therapy, today = definition.therapy, local_day(order, at)
    markers = pack_of(order, on=today).virology
    return OnChain(
        therapy_name_en=therapy.name.en,
        therapy_name_zh=therapy.name.zh,
        product_code=therapy.product_code,
        trial_only=order.trial_only,
        protocol=order.protocol,
        subject_number=order.subject_number,
        authorisation_reference=authorisation_reference,
        label_sets=rules.label_sets(therapy, trial_only=order.trial_only, markers=markers, on=today),
    )


def plan_of(order: Order, definition: Definition) -> rules.DosePlan:
    """Return what the dose rules need to know of an order."""
    dose = definition.therapy.dose
    return rules.DosePlan(
        amount=order.dose_amount,
        unit=order.dose_unit,
        basis=dose.basis,
        tolerance=dose.tolerance.to("1").magnitude,
        maximum_total=dose.maximum_total.to("cell").magnitude,
    )


def least_of(order: Order, definition: Definition) -> Decimal:
    """Return the least dose that the definition names for the order's indication, in the definition's unit."""
    dose = definition.therapy.dose
    found = dose.for_indication(order.indication_code)
    return order.dose_amount if found is None else found.low.to(dose.unit).magnitude


def local_day(order: Order, at: datetime) -> date:
    """Return the calendar day of a time at the order's hospital."""
    return at.astimezone(ZoneInfo(order.hospital.zone)).date()


def prescription_of(order: Order) -> rules.Prescription:
    """Return what an order prescribes."""
    return rules.Prescription(
        indication_code=order.indication_code,
        market=order.market,
        route=order.route,
        protocol=order.protocol,
        subject_number=order.subject_number,
        arm=order.arm,
        dose_amount=order.dose_amount,
        dose_unit=order.dose_unit,
    )


def authorisation_blockers(order: Order, definition: Definition, *, on: date) -> list[Blocker]:
    """Return why the order's market and route are not open for it on a day."""
    found = find_authorisation(
        therapy_code=order.therapy_code,
        market=order.market,
        indication_code=order.indication_code,
        route=order.route,
        on=on,
    )
    return course.route_open_blockers(
        definition.specification,
        market=order.market,
        route=order.route,
        indication_code=order.indication_code,
        authorised=found is not None,
        on=on,
    )


def prescription_blockers(order: Order, *, at: datetime, planned_at: datetime | None = None) -> list[Blocker]:
    """Return everything that keeps an order from being prescribed, or accepted, at a time; or collected at another."""
    definition, today = definition_of(order), local_day(order, at)
    planned = planned_at or order.collection_planned_at
    day = max(today, local_day(order, planned))
    return [
        *course.definition_blockers(order.definition.state, str(order.definition)),
        *course.hospital_blockers(code=order.hospital.code, qualified_until=order.hospital.qualified_until, on=day),
        *authorisation_blockers(order, definition, on=today),
        *rules.route_blockers(definition.therapy, prescription_of(order), weight_kg=order.weight_kg),
        *rules.eligibility_blockers(definition.therapy.eligibility, pack_of(order, on=day), at=at, today=today),
        *course.planned_collection_blockers(planned, at=at),
        *ways_out.other_course_blockers(open_courses(order)),
    ]


def open_courses(order: Order) -> list[str]:
    """Return the codes of other courses of the same patient and therapy that are accepted and not over."""
    under_way = [*STOPPABLE, OrderState.ACCEPTED, OrderState.STOPPED]
    rows = Order.objects.filter(patient_id=order.patient_id, therapy_code=order.therapy_code, state__in=under_way)
    return list(rows.exclude(pk=order.pk).values_list("code", flat=True))


def obstacle_blockers(order: Order) -> list[Blocker]:
    """Return what keeps the hospital from going on for the time being."""
    standing = order.obstacles.filter(lifted_at__isnull=True).order_by("reported_at")
    return ways_out.obstacle_blockers([(one.kind, one.reason) for one in standing])


def collection_blockers(order: Order, *, at: datetime) -> list[Blocker]:
    """Return what keeps the apheresis from beginning now: slot, obstacles, eligibility today, reconfirmation."""
    definition, today = definition_of(order), local_day(order, at)
    pack = pack_of(order, on=today)
    return [
        *ways_out.slot_blockers(has_slot=order.slot_id is not None),
        *obstacle_blockers(order),
        *rules.eligibility_blockers(definition.therapy.eligibility, pack, at=at, today=today),
        *reconfirmation_blockers(order, definition, moment=Moment.COLLECTION, at=at),
    ]


def left_of(order: Order) -> list[ways_out.Left]:
    """Return the containers of cells that are left of a course, as the rules see them."""
    if order.coi_id is None:
        return []
    dose = {one.container_id for one in order.dose_bags}
    on_site = order.at_site_at is not None
    role, released = definition_of(order).supply.back_up.container, order.released_batch
    return [
        ways_out.Left(
            code=one.code,
            kind=one.kind,
            state=one.state,
            disposition=one.disposition,
            expires_at=one.expires_at,
            in_dose=one.pk in dose,
            on_site=on_site,
            in_reserve=bool(released) and one.role == role and one.batch_number == released,
        )
        for one in list_cells(CoiId(order.coi_id))
    ]


def material_expiries(order: Order) -> list[datetime | None]:
    """Return until when the starting material that is left may be used."""
    at = clock.now()
    return [one.expires_at for one in ways_out.material_left(left_of(order), at)]


def accepted_material(order: Order) -> Collection | None:
    """Return the oldest collection whose bag can still be made into a batch, or None: its age is the clock's.

    What is left of an earlier apheresis and out of date does not count while there is something in date.
    """
    rows = order.collections.filter(ended_at__isnull=False, container__state="active").order_by("ended_at")
    good = rows.exclude(container__disposition="rejected")
    return good.exclude(container__expires_at__lt=clock.now()).first() or good.first()


def plant_of(order: Order) -> UUID:
    """Return the id of the manufacturing site; raises `Refused` before the acceptance."""
    if order.manufacturing_site_id is None:
        raise _no_chain(order)
    return UUID(str(order.manufacturing_site_id))


@read("orders.list_interruptions")
def list_interruptions(*, order_id: OrderId, by: Actor) -> list[Interruption]:
    """Return when and why a course was stopped, and what was decided, earliest first."""
    return list(get_order(order_id=order_id, by=by).interruptions.order_by("stopped_at"))


@read("orders.list_obstacles")
def list_obstacles(*, order_id: OrderId, by: Actor) -> list[Obstacle]:
    """Return what kept or keeps the hospital from going on, earliest first."""
    return list(get_order(order_id=order_id, by=by).obstacles.order_by("reported_at"))


@read("orders.list_collections")
def list_collections(*, order_id: OrderId, by: Actor) -> list[Collection]:
    """Return the collections of a course in their order."""
    rows = get_order(order_id=order_id, by=by).collections.select_related("container")
    return list(rows.order_by("ordinal"))


def reconfirmation_blockers(order: Order, definition: Definition, *, moment: str, at: datetime) -> list[Blocker]:
    """Return which reconfirmations of the site are missing before a moment."""
    confirmed = [
        course.Confirmed(row.moment, row.role, row.confirmed_at) for row in order.reconfirmations.filter(moment=moment)
    ]
    return course.reconfirmation_blockers(definition.supply.reconfirmations, confirmed, moment=moment, at=at)


def clearance_blockers(order: Order, *, at: datetime) -> list[Blocker]:
    """Return what keeps the clinic from being cleared to lymphodeplete."""
    bags = list(order.dose_bags)
    return [
        *obstacle_blockers(order),
        *rules.clearance_blockers(
            state=order.state,
            rfi_number=order.rfi_number,
            at_site_at=order.at_site_at,
            bags_released=bool(bags) and all(bag.container.disposition == "released" for bag in bags),
        ),
        *reconfirmation_blockers(order, definition_of(order), moment="lymphodepletion", at=at),
    ]


def find_bag(order: Order, container_id: UUID) -> DoseBag | None:
    """Return the dose bag of an order in a container, or None."""
    return order.dose_bags.filter(container_id=container_id).first()


def scanned_bag(order: Order, scanned: str) -> rules.BagView:
    """Return a scanned container as the bedside rules see it, whether it is of this order or not."""
    container = container_scanned(scanned, "scanned_bag")
    bag = find_bag(order, container.pk)
    return rules.BagView(
        code=container.code,
        coi_id=container.coi_id,
        patient_id=container.coi.patient_id,
        therapy_code=container.coi.therapy_code,
        kind=container.kind,
        state=container.state,
        disposition=container.disposition,
        expires_at=container.expires_at,
        in_dose=bag is not None,
        cells=Decimal(0) if bag is None else bag.cells,
        thawed_at=None if bag is None else bag.thawed_at,
        matched_at=None if bag is None else bag.matched_at,
        infusing=bag is not None and Infusion.objects.filter(bag=bag).exists(),
    )


def bedside_view(order: Order) -> rules.Bedside:
    """Return an order as the bedside rules see it."""
    bedside = definition_of(order).supply.bedside
    given = Infusion.objects.filter(order=order).exclude(bag=None).select_related("bag")
    return rules.Bedside(
        coi_id=order.coi_id or UUID(int=0),
        patient_id=order.patient_id,
        therapy_code=order.therapy_code,
        state=order.state,
        rfi_number=order.rfi_number,
        dose_confirmed_total=order.dose_confirmed_total,
        given_cells=sum((one.bag.cells for one in given), Decimal(0)),
        lymphodepletion_started_at=order.lymphodepletion_started_at,
        lymphodepletion_least=bedside.lymphodepletion_before_minimum,
        lymphodepletion_most=bedside.lymphodepletion_before_maximum,
        thaw_limit=bedside.thaw_to_infusion_end,
    )


def scanned_wristband(scanned: str) -> UUID:
    """Return the chain of identity that a scanned wristband bears."""
    return scans.wristband(scanned).coi_id


def _no_chain(order: Order) -> Refused:
    return Refused(
        Blocker(
            code="orders.no_chain",
            message=N_("The order has no chain of identity yet (it is %(state)s)"),
            field="state",
            value=order.state,
            mend=N_("Wait until the order is accepted"),
            params={"state": order.state},
        )
    )


def coi_of(order: Order) -> CoiId:
    """Return the id of the order's chain of identity; raises `Refused` before there is one."""
    if order.coi_id is None:
        raise _no_chain(order)
    return CoiId(order.coi_id)


def coi_code(order: Order) -> str:
    """Return the code of the order's chain of identity; raises `Refused` before there is one."""
    if order.coi is None:
        raise _no_chain(order)
    return order.coi.code


def slot_window(order: Order, definition: Definition, *, planned_at: datetime | None = None) -> rules.SlotWindow:
    """Return when the order's manufacturing slot may begin, and how long it is; for a collection at another time."""
    return rules.slot_window(
        definition,
        alternative=order.starting_material,
        market=order.market,
        collection_planned_at=planned_at or order.collection_planned_at,
    )
