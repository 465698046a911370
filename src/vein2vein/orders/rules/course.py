"""Gates along the course: hospital, reconfirmation, collection, release, lymphodepletion, visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions.model.definition import Definition
from vein2vein.engines.definitions.model.specification import Specification
from vein2vein.engines.definitions.model.supply import Reconfirmation, StartingMaterialRule
from vein2vein.engines.definitions.values import Quantity
from vein2vein.engines.definitions.vocabulary import Leg, Route
from vein2vein.orders.rules.dose import DosePlan
from vein2vein.orders.states import SECURED, Moment, OrderState


def hospital_blockers(*, code: str, qualified_until: date | None, on: date) -> list[Blocker]:
    """Return what keeps a hospital from treating on a day."""
    if qualified_until is not None and qualified_until >= on:
        return []
    return [
        Blocker(
            code="orders.hospital_not_qualified",
            message=N_("The hospital is not qualified on %(on)s"),
            field="hospital_code",
            value=code,
            mend=N_("Have the site qualified, or choose another day"),
            params={"on": on.isoformat()},
        )
    ]


def definition_blockers(state: str, version: str) -> list[Blocker]:
    """Return why a version of the definition cannot be ordered by."""
    if state == "approved":
        return []
    return [
        Blocker(
            code="orders.definition_not_in_force",
            message=N_("The definition's version is not in force (%(state)s)"),
            field="definition",
            value=version,
            mend=N_("Cancel this order and draft it again: the version in force is then taken"),
            params={"state": state},
        )
    ]


def route_open_blockers(
    specification: Specification, *, market: str, route: str, indication_code: str, authorised: bool, on: date
) -> list[Blocker]:
    """Return why a market's route is closed: not authorised on the day, or unknown to the specification."""
    params = {"market": market, "route": route, "indication": indication_code, "on": on.isoformat()}
    if not authorised:
        return [
            Blocker(
                code="orders.not_authorised",
                message=N_(
                    "There is no authorisation for %(indication)s in %(market)s by the route %(route)s on %(on)s"
                ),
                field="route",
                value=route,
                mend=N_("Choose a route that is open in this market on this day"),
                params=params,
            )
        ]
    known = specification.market(market)
    open_here = known is not None and any(one.route == route and one.effective_from <= on for one in known.routes)
    if not open_here or not specification.releases_for(market, Route(route)):
        return [
            Blocker(
                code="orders.no_release_for_route",
                message=N_("The definition knows no release for %(market)s by the route %(route)s"),
                field="route",
                value=route,
                mend=N_("The definition must be extended before such an order"),
                params=params,
            )
        ]
    return []


def planned_collection_blockers(planned_at: datetime, *, at: datetime) -> list[Blocker]:
    """Return why a planned collection cannot be reckoned with."""
    if planned_at >= at:
        return []
    return [
        Blocker(
            code="orders.collection_in_past",
            message=N_("The planned collection lies in the past"),
            field="collection_planned_at",
            value=planned_at.isoformat(),
            mend=N_("Plan another day"),
        )
    ]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A site's reconfirmation: before which moment, by which role, when."""

    moment: str
    role: str
    confirmed_at: datetime


def reconfirmation_blockers(
    rules: Sequence[Reconfirmation], confirmed: Sequence[Confirmed], *, moment: str, at: datetime
) -> list[Blocker]:
    """Return one blocker for each reconfirmation that the definition asks for before `moment` and that is not there."""
    found = []
    for rule in rules:
        if rule.before != moment:
            continue
        times = [one.confirmed_at for one in confirmed if one.moment == moment and one.role == rule.role]
        if not any(timedelta(0) <= at - time <= rule.within for time in times):
            found.append(
                Blocker(
                    code="orders.not_reconfirmed",
                    message=N_("The site must reconfirm, at most %(hours)s hours before: %(text)s"),
                    field="reconfirmation",
                    value=max(times).isoformat() if times else "",
                    mend=N_("Have the site's %(role)s reconfirm now"),
                    params={
                        "hours": f"{rule.within.total_seconds() / 3600:g}",
                        "text": rule.text.en,
                        "role": rule.role.value,
                    },
                )
            )
    return found


def draft_blockers(definition: Definition, *, starting_material: str, weight_kg: Decimal) -> list[Blocker]:
    """Return what no draft may hold, because nothing could be made of it."""
    found = []
    known = [one.id for one in definition.therapy.starting_materials]
    if starting_material not in known:
        found.append(
            Blocker(
                code="orders.alternative",
                message=N_("The definition knows no such starting material"),
                field="starting_material",
                value=starting_material,
                mend=N_("Choose one of: %(known)s"),
                params={"known": ", ".join(known)},
            )
        )
    if not 0 < weight_kg < LARGEST_WEIGHT_KG:
        found.append(
            Blocker(
                code="orders.weight_bounds",
                message=N_("This is not a body weight in kg"),
                field="weight_kg",
                value=str(weight_kg),
                mend=N_("Give the weight in kg"),
            )
        )
    return found


LARGEST_WEIGHT_KG = 1000
"""What the table's column can hold; the definition's own bounds are far tighter."""


@dataclass(frozen=True, slots=True)
class SlotWindow:
    """When a manufacturing slot may begin, and how long it is: the operations' longest times, one after another.

    Not before the material can be there, not after it is too old.
    """

    starts_at: datetime
    latest_start_at: datetime
    duration: timedelta


def slot_window(
    definition: Definition, *, alternative: str, market: str, collection_planned_at: datetime
) -> SlotWindow:
    """Return the window in which the slot must begin: after collection and journey, before the material is too old."""
    supply = definition.supply
    lanes = [
        lane for lane in supply.lanes_for(Leg.STARTING_MATERIAL, market) if lane.alternative in (None, alternative)
    ]
    transit = min((lane.duration.typical() for lane in lanes), default=timedelta(0))
    rule = supply.starting_material(alternative)
    oldest = min(rule.maximum_age if rule is not None else timedelta(days=3), LONGEST_WAIT)
    operations = definition.process.for_alternative(alternative)
    return SlotWindow(
        starts_at=collection_planned_at + COLLECTION + transit,
        latest_start_at=collection_planned_at + max(oldest, COLLECTION + transit),
        duration=sum((operation.duration.longest() for operation, _ in operations), timedelta(0)),
    )


COLLECTION = timedelta(hours=6)
"""How long an apheresis with its preparation and hand-over takes at most (published: 3 to 6 hours)."""
LONGEST_WAIT = timedelta(days=60)
"""How far behind the collection a slot is looked for, where the material would keep longer."""


def reconfirmation_asked_blockers(state: str, *, moment: str, asked: bool) -> list[Blocker]:
    """Return why a reconfirmation cannot be taken: nobody asked for it, or its moment is past or far."""
    if not asked:
        return [
            Blocker(
                code="orders.reconfirmation_not_asked",
                message=N_("The definition asks for no reconfirmation before this"),
                field="moment",
                value=moment,
                mend=N_("Nothing is left to do here"),
            )
        ]
    if state in RECONFIRMABLE[moment]:
        return []
    return [
        Blocker(
            code="orders.reconfirmation_moment",
            message=N_("The order is %(state)s: this is not the time to reconfirm"),
            field="state",
            value=state,
            mend=N_("Reconfirm when the next step asks for it"),
            params={"state": state},
        )
    ]


_S = OrderState
RECONFIRMABLE: dict[str, frozenset[OrderState]] = {
    Moment.COLLECTION: frozenset({_S.ACCEPTED, _S.COLLECTED}),
    Moment.MANUFACTURE: frozenset({_S.COLLECTED, _S.IN_TRANSIT, _S.RECEIVED, _S.MATERIAL_ACCEPTED}),
    Moment.PRODUCT_SHIPMENT: frozenset({_S.MANUFACTURED, _S.RELEASED}),
    Moment.LYMPHODEPLETION: frozenset({_S.AT_SITE}),
    Moment.THAW: frozenset({_S.CLEARED, _S.THAWED}),
}
"""In which states a site can reconfirm before which moment."""


def dispatch_blockers(*, rfi_number: str, dispositions: Sequence[str]) -> list[Blocker]:
    """Return why the product may not leave the manufacturing site (N6)."""
    if rfi_number and dispositions and all(one == "released" for one in dispositions):
        return []
    return [
        Blocker(
            code="orders.product_not_released",
            message=N_("The product is not released for infusion"),
            field="rfi_number",
            value=rfi_number,
            mend=N_("Wait for the disposition that the route requires"),
        )
    ]


def closing_blockers(visits_due: int) -> list[Blocker]:
    """Return why the course cannot be closed."""
    if not visits_due:
        return []
    return [
        Blocker(
            code="orders.visits_due",
            message=N_("%(count)s follow-up visits are still due"),
            field="visits",
            value=str(visits_due),
            mend=N_("Record them, held or missed"),
            params={"count": str(visits_due)},
        )
    ]


def known_patient_blockers(*, birth_date_alike: bool, initials_alike: bool, sex_alike: bool) -> list[Blocker]:
    """Return why a known hospital number is not this patient's: what was entered differs from what is on record."""
    return [
        Blocker(
            code="orders.patient_differs",
            message=N_("This hospital number belongs to a patient on record, and this differs"),
            field=field,
            mend=N_("Check the number: it may be another patient's; or correct what was entered"),
        )
        for field, alike in (("birth_date", birth_date_alike), ("initials", initials_alike), ("sex", sex_alike))
        if not alike
    ]


def kit_label_blockers(*, has_bag: bool, kind: str, role: str, needed: str) -> list[Blocker]:
    """Return why an activated kit label cannot name the collected bag."""
    if has_bag:
        return [
            Blocker(
                code="orders.bag_labelled",
                message=N_("The collected bag has its label already"),
                field="scanned_label",
                mend=N_("Void the spare labels; one bag has one label"),
            )
        ]
    if kind == "starting_material" and role == needed:
        return []
    return [
        Blocker(
            code="orders.wrong_kit_label",
            message=N_("This label is for another container (%(role)s); the bag needs one for %(needed)s"),
            field="scanned_label",
            value=role,
            mend=N_("Take the bag's label from the kit"),
            params={"role": role, "needed": needed},
        )
    ]


def collection_end_blockers(
    rule: StartingMaterialRule | None, *, alternative: str, volume_ml: Decimal, started_at: datetime, ended_at: datetime
) -> list[Blocker]:
    """Return what is wrong with the end of a collection as it is written down."""
    if rule is None:
        return [
            Blocker(
                code="orders.alternative",
                message=N_("The definition knows no such starting material"),
                field="alternative",
                value=alternative,
                mend=N_("Choose one that the definition names"),
            )
        ]
    found = []
    if volume_ml <= 0 or not rule.volume.holds(Quantity(volume_ml, "mL")):
        found.append(
            Blocker(
                code="orders.collection_volume",
                message=N_("The volume must be %(bounds)s"),
                field="volume_ml",
                value=str(volume_ml),
                mend=N_("Weigh the bag again; where the volume is true, speak with the site before it is shipped"),
                params={"bounds": str(rule.volume)},
            )
        )
    if ended_at < started_at:
        found.append(
            Blocker(
                code="orders.collection_times",
                message=N_("A collection cannot end before it began"),
                field="ended_at",
                value=ended_at.isoformat(),
                mend=N_("Correct the time"),
            )
        )
    return found


def release_blockers(
    plan: DosePlan, *, rfi_number: str, weight_kg: Decimal, bag_cells: Sequence[Decimal], faults: Sequence[str]
) -> list[Blocker]:
    """Return what keeps a release from being recorded; `faults` name containers that are not this order's product."""
    found = [
        Blocker(
            code="orders.release_wrong_container",
            message=N_("This container is not released product of this treatment course"),
            field="bags",
            value=code,
            mend=N_("Name only final product of this COI that is released"),
        )
        for code in faults
    ]
    if not rfi_number:
        found.append(
            Blocker(
                code="orders.release_without_number",
                message=N_("A release for infusion has a number"),
                field="rfi_number",
                mend=N_("Issue the release for infusion"),
            )
        )
    total = sum(bag_cells, Decimal(0))
    most = plan.amount * (weight_kg if plan.unit.endswith("/kg") else 1) * (1 + plan.tolerance)
    if not bag_cells or total > min(most, plan.maximum_total):
        found.append(
            Blocker(
                code="orders.release_more_than_ordered",
                message=N_("The bags hold %(total)s cells; the order allows at most %(most)s"),
                field="bags",
                value=str(len(bag_cells)),
                mend=N_("Release only the bags that make up the ordered dose; the others stay in store"),
                params={"total": f"{total:.4E}", "most": f"{min(most, plan.maximum_total):.4E}"},
            )
        )
    return found


def clearance_blockers(
    *, state: str, rfi_number: str, at_site_at: datetime | None, bags_released: bool
) -> list[Blocker]:
    """Return what keeps the clinic from being cleared to lymphodeplete (N12)."""
    found = []
    if state not in SECURED or at_site_at is None:
        found.append(
            Blocker(
                code="orders.product_not_secured",
                message=N_("The product is not secured on site (the order is %(state)s)"),
                field="state",
                value=state,
                mend=N_("Wait until it has arrived and been received; do not start lymphodepletion"),
                params={"state": state},
            )
        )
    if not rfi_number or not bags_released:
        found.append(
            Blocker(
                code="orders.product_not_released",
                message=N_("The product is not released for infusion"),
                field="rfi_number",
                value=rfi_number,
                mend=N_("Wait for the disposition; do not start lymphodepletion"),
            )
        )
    return found


def lymphodepletion_report_blockers(
    *, started_at: datetime, at: datetime, reported_at: datetime | None, cleared_at: datetime | None
) -> list[Blocker]:
    """Return what keeps a report from being written; that it is early is no reason: it is written, and alarms."""
    if started_at > at:
        return [
            Blocker(
                code="orders.lymphodepletion_in_future",
                message=N_("Report lymphodepletion when it has begun"),
                field="started_at",
                value=started_at.isoformat(),
                mend=N_("Give the time at which it began"),
            )
        ]
    if reported_at is not None and cleared_at is not None and reported_at >= cleared_at:
        return [
            Blocker(
                code="orders.lymphodepletion_reported",
                message=N_("Lymphodepletion is reported already"),
                field="started_at",
                value=reported_at.isoformat(),
                mend=N_("Nothing is left to do here"),
            )
        ]
    return []


def visit_blockers(*, held_on: date, today: date, infused_on: date) -> list[Blocker]:
    """Return what is wrong with the day of a visit."""
    if infused_on <= held_on <= today:
        return []
    return [
        Blocker(
            code="orders.visit_day",
            message=N_("A visit lies between the infusion and today"),
            field="on",
            value=held_on.isoformat(),
            mend=N_("Correct the day"),
        )
    ]
