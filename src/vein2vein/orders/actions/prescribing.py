"""From the hospital's wish to an accepted order: draft, prescription, weight, acceptance, cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import DefinitionId, OrderId, PatientId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound, Refused, refuse_any
from vein2vein.engines.codes import Kind, issue
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.vocabulary import DoseBasis
from vein2vein.identity import actions as identity
from vein2vein.identity.reads import find_patient_by_number
from vein2vein.identity.states import Sex
from vein2vein.materials import actions as materials
from vein2vein.network import actions as network
from vein2vein.network.reads import ReservationRow, find_authorisation, get_site
from vein2vein.orders import facts, queues, reads, rules
from vein2vein.orders.models import Order, PriorTherapy, Virology
from vein2vein.orders.states import OrderRoute, OrderState, VirologyResult
from vein2vein.therapies.reads import content_of, effective_definition

PRESCRIBERS = frozenset({Role.PHYSICIAN})
HOSPITAL = frozenset({Role.PHYSICIAN, Role.COORDINATOR})
SLOT = queues.SLOT


@dataclass(frozen=True, slots=True)
class VirologyGiven:
    """A virology marker as the definition names it, its result, and the day of the blood draw."""

    marker: str
    result: VirologyResult
    tested_on: date


@dataclass(frozen=True, slots=True)
class PriorTherapyGiven:
    """A class of drugs as the definition names it ("other" where none fits) and the day of the last dose."""

    drug_class: str
    drug: str = ""
    ended_on: date | None = None


@journal.action("orders.draft_order", roles=HOSPITAL)
def draft_order(
    *,
    hospital_code: str,
    hospital_number: str,
    initials: str,
    birth_date: date,
    sex: Sex,
    therapy_code: str,
    indication_code: str,
    route: OrderRoute,
    dose_amount: Decimal,
    dose_unit: str,
    weight_kg: Decimal,
    weight_measured_at: datetime,
    consent_version: str,
    consent_signed_on: date,
    collection_planned_at: datetime,
    virology: list[VirologyGiven],
    prior_therapies: list[PriorTherapyGiven],
    starting_material: str = "",
    protocol: str = "",
    subject_number: str = "",
    arm: str = "",
    by: Actor,
) -> Order:
    """Write an order down for a patient of one's own hospital; dose in the definition's unit, weight in kg.

    A known hospital number finds its patient again. `starting_material`: the definition's first where none is given.
    """
    hospital = get_site(hospital_code)
    if hospital.kind != "hospital" or not by.sees(SiteId(hospital.pk)):
        raise _no_hospital(hospital_code)
    at = journal.current().at
    version = effective_definition(therapy_code, at.date())
    if version is None:
        raise _no_definition(therapy_code, at.date())
    definition = content_of(version)
    material = starting_material or definition.therapy.starting_materials[0].id
    prescription = rules.Prescription(
        indication_code=indication_code,
        market=hospital.market.code,
        route=route,
        protocol=protocol,
        subject_number=subject_number,
        arm=arm,
        dose_amount=dose_amount,
        dose_unit=dose_unit,
    )
    refuse_any(_draft_blockers(definition, prescription, material, weight_kg))
    order = Order(
        code=issue(Kind.ORDER),
        patient_id=_patient(SiteId(hospital.pk), hospital_number, initials, birth_date, sex, by),
        hospital=hospital,
        definition=version,
        therapy_code=therapy_code,
        **asdict(prescription),
        trial_only=route is OrderRoute.CLINICAL_TRIAL,
        dose_basis=definition.therapy.dose.basis,
        weight_kg=weight_kg,
        weight_measured_at=weight_measured_at,
        consent_version=consent_version,
        consent_signed_on=consent_signed_on,
        starting_material=material,
        collection_planned_at=collection_planned_at,
        drafted_at=at,
        drafted_by=by.account_id,
    )
    _record_draft(order, version.version, virology, prior_therapies, by)
    return order


def _draft_blockers(
    definition: Definition, prescription: rules.Prescription, material: str, weight_kg: Decimal
) -> list[Blocker]:
    return [
        *rules.route_blockers(definition.therapy, prescription, weight_kg=weight_kg),
        *rules.draft_blockers(definition, starting_material=material, weight_kg=weight_kg),
    ]


def _record_draft(
    order: Order,
    version: str,
    virology: Sequence[VirologyGiven],
    prior_therapies: Sequence[PriorTherapyGiven],
    by: Actor,
) -> None:
    journal.record(
        facts.OrderDrafted(
            order_id=order.id,
            order_code=order.code,
            patient_id=order.patient_id,
            hospital_code=order.hospital.code,
            therapy_code=order.therapy_code,
            definition_version=version,
            market=order.market,
            route=order.route,
            indication_code=order.indication_code,
            dose_amount=order.dose_amount,
            dose_unit=order.dose_unit,
        ),
        stream=order.stream,
        refs=[*order.refs, f"definition:{order.definition_id}", f"account:{by.account_id}"],
        inserts=[
            order,
            *(Virology(order=order, marker=one.marker, result=one.result, tested_on=one.tested_on) for one in virology),
            *(
                PriorTherapy(order=order, drug_class=one.drug_class, drug=one.drug, ended_on=one.ended_on)
                for one in prior_therapies
            ),
        ],
    )


def _no_hospital(code: str) -> NotFound:
    return NotFound(
        Blocker(
            code="orders.no_hospital",
            message=N_("There is no such hospital, or it is not yours"),
            field="hospital_code",
            value=code,
            mend=N_("Give the code of your own hospital"),
        )
    )


def _no_definition(therapy_code: str, on: date) -> Refused:
    return Refused(
        Blocker(
            code="orders.no_definition_in_force",
            message=N_("No approved definition of this therapy is in force on %(on)s"),
            field="therapy_code",
            value=therapy_code,
            mend=N_("Check the therapy's code"),
            params={"on": on.isoformat()},
        )
    )


def _patient(hospital_id: SiteId, number: str, initials: str, birth_date: date, sex: Sex, by: Actor) -> PatientId:
    known = find_patient_by_number(hospital_id=hospital_id, hospital_number=number, by=by)
    if known is not None:
        refuse_any(
            rules.known_patient_blockers(
                birth_date_alike=known.birth_date == birth_date,
                initials_alike=known.initials == initials.strip().upper(),
                sex_alike=known.sex == sex,
            )
        )
        return PatientId(known.pk)
    registered = identity.register_patient(
        hospital_id=hospital_id, hospital_number=number, initials=initials, birth_date=birth_date, sex=sex, by=by
    )
    return PatientId(registered.pk)


@journal.action(
    "orders.confirm_weight", roles=HOSPITAL | {Role.APHERESIS_NURSE, Role.INFUSION_NURSE}, witnessed=N_("weight seen")
)
def confirm_weight(
    *, order_id: OrderId, weight_kg: Decimal, weight_measured_at: datetime, by: Actor, witness: Actor | None = None
) -> Order:
    """Write down a new weight (kg); one that differs from the last by more than 20 % needs a second person."""
    order = reads.get_order(order_id=order_id, by=by)
    rule = reads.definition_of(order).therapy.eligibility
    refuse_any(
        [
            *rules.weight_blockers(rule, weight_kg=weight_kg, measured_at=weight_measured_at, at=journal.current().at),
            *rules.weight_change_blockers(
                was_kg=order.weight_kg,
                became_kg=weight_kg,
                was_at=order.weight_measured_at,
                became_at=weight_measured_at,
                witnessed=witness is not None,
            ),
            *rules.weight_time_blockers(order.state, dose_confirmed=order.dose_confirmed_at is not None),
        ]
    )
    journal.record(
        facts.WeightConfirmed(order_id=order.id, weight_kg=weight_kg, weight_measured_at=weight_measured_at),
        stream=order.stream,
        refs=order.refs,
        changes=[(order, {"weight_kg": weight_kg, "weight_measured_at": weight_measured_at})],
    )
    return order


@journal.action("orders.submit_order", roles=PRESCRIBERS, signed=N_("prescribed"))
def submit_order(*, order_id: OrderId, by: Actor) -> Order:
    """Prescribe a drafted order by signature: the whole eligibility pack must hold for the planned collection."""
    order = reads.get_order(order_id=order_id, by=by)
    at = journal.current().at
    if order.state == OrderState.DRAFTED:
        refuse_any(reads.prescription_blockers(order, at=at))
    journal.transition(
        order,
        "submit",
        facts.OrderSubmitted(
            order_id=order.id,
            order_code=order.code,
            dose_amount=order.dose_amount,
            dose_unit=order.dose_unit,
            weight_kg=order.weight_kg,
        ),
        stream=order.stream,
        refs=[*order.refs, f"account:{by.account_id}"],
        prescribed_at=at,
        prescribed_by=by.account_id,
    )
    return order


@journal.action("orders.accept_order", roles={Role.PLANNER})
def accept_order(*, order_id: OrderId, manufacturing_site: str = "CN-LG", by: Actor) -> Order:
    """Accept a prescribed order: market and route open today, slot and vector reserved, the COI issued.

    Slot, vector and COI come in one deed: without the one there is not the other. A slot that was promised is taken.
    """
    order = reads.get_order(order_id=order_id, by=by)
    at = journal.current().at
    if order.state == OrderState.SUBMITTED:
        refuse_any(reads.prescription_blockers(order, at=at))
    definition = reads.definition_of(order)
    site = get_site(manufacturing_site)
    refuse_any(rules.hospital_blockers(code=site.code, qualified_until=site.qualified_until, on=at.date()))
    authorisation = find_authorisation(
        therapy_code=order.therapy_code,
        market=order.market,
        indication_code=order.indication_code,
        route=order.route,
        on=reads.local_day(order, at),
    )
    chain = identity.issue_chain(
        patient_id=PatientId(order.patient_id),
        therapy_code=order.therapy_code,
        order_ref=f"order:{order.pk}",
        on_labels=reads.on_labels(
            order, definition, authorisation_reference="" if authorisation is None else authorisation.reference, at=at
        ),
        by=by,
    )
    reservation = queues.find_kept_slot(order, SiteId(site.pk)) or _earliest_slot(order, SiteId(site.pk), by)
    reserve_material(order, until=reservation.during.upper, by=by)
    drafted, refs = order.stream, [*order.refs, f"reservation:{reservation.pk}", f"site:{site.pk}"]
    journal.transition(
        order,
        "accept",
        facts.OrderAccepted(
            order_id=order.id,
            order_code=order.code,
            coi=chain.code,
            coi_id=chain.pk,
            therapy_code=order.therapy_code,
            definition_id=order.definition_id,
            market=order.market,
            route=order.route,
            authorisation_reference="" if authorisation is None else authorisation.reference,
            trial_only=order.trial_only,
            manufacturing_site=site.code,
            reservation_id=reservation.pk,
            resource_code=reservation.resource.code,
            slot_from_at=reservation.during.lower,
            slot_to_at=reservation.during.upper,
        ),
        stream=f"coi:{chain.pk}",
        refs=[*refs, drafted],
        coi=chain,
        accepted_at=at,
        manufacturing_site=site,
        slot=reservation,
        authorisation_reference="" if authorisation is None else authorisation.reference,
    )
    return order


def _earliest_slot(order: Order, site_id: SiteId, by: Actor) -> ReservationRow:
    window = reads.slot_window(order, reads.definition_of(order))
    return network.reserve_earliest(
        kind=SLOT,
        site_id=site_id,
        duration=window.duration,
        not_before=window.starts_at,
        not_after=window.latest_start_at + window.duration,
        holder=f"order:{order.pk}",
        held_for=order.code,
        by=by,
    )


def reserve_material(order: Order, *, until: datetime, by: Actor) -> None:
    """Keep what the definition needs and is scarce, of lots that will be in date when the slot ends."""
    materials.reserve_for_slot(
        definition_id=DefinitionId(order.definition_id),
        alternative=order.starting_material,
        market=order.market,
        ordered_dose_cells=rules.ordered_total(DoseBasis(order.dose_basis), order.dose_amount, order.weight_kg),
        patient_weight_kg=order.weight_kg,
        holder=f"order:{order.pk}",
        until=until,
        by=by,
    )
