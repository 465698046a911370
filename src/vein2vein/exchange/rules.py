"""What stands between a hospital's bundle and a drafted order: hospital, therapy, codes, dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions.model.therapy import Therapy
from vein2vein.engines.fhir.order import OrderBundle

OTHER_CLASS = "other"
"""The class of a prior therapy for which no definition asks a washout."""

USUAL_LEAD = timedelta(days=7)
"""How far after the order a collection is planned where the bundle wishes for no day."""

USUAL_HOUR = time(9)
"""When on that day, at the hospital."""


@dataclass(frozen=True, slots=True)
class Dose:
    """The dose that a bundle means: the arm's in a trial, else the indication's usual one."""

    amount: Decimal
    unit: str


def indication_of(therapy: Therapy, codings: Sequence[tuple[str, str]]) -> str | None:
    """Return the definition's indication that one of the codings (system, code) names, or None."""
    return next((one.id for one in therapy.indications if (one.system, one.code) in codings), None)


def dose_of(therapy: Therapy, indication: str, arm: str) -> Dose | None:
    """Return the dose for an arm or, without one, for an indication, in the definition's unit; None for neither."""
    unit = therapy.dose.unit
    if arm:
        found = therapy.dose.arm(arm)
        return None if found is None else Dose(found.amount.to(unit).magnitude, unit)
    bounds = therapy.dose.for_indication(indication)
    return None if bounds is None else Dose(bounds.target.to(unit).magnitude, unit)


def bundle_blockers(therapy: Therapy, order: OrderBundle) -> list[Blocker]:
    """Return why a bundle cannot become an order of this therapy, by FHIR element, value and mend."""
    found = []
    indication = indication_of(therapy, order.indication.codings)
    if indication is None:
        found.append(_foreign_indication(therapy, order))
    arm = order.trial.arm if order.trial is not None else ""
    if arm and therapy.dose.arm(arm) is None:
        known = ", ".join(one.id for one in therapy.dose.arms)
        found.append(
            Blocker(
                code="order.foreign_code",
                message=N_("The definition has no such arm"),
                field="ResearchSubject.assignedArm",
                value=arm,
                mend=N_("Send one of: %(known)s"),
                params={"known": known},
            )
        )
    classes = [washout.id for washout in therapy.eligibility.washouts]
    found += [
        Blocker(
            code="order.foreign_code",
            message=N_("The definition knows no such class of drugs"),
            field="MedicationStatement.medicationCodeableConcept",
            value=prior.therapy_class,
            mend=N_("Send one of %(known)s; or %(other)s where none of them fits"),
            params={"known": ", ".join(classes), "other": OTHER_CLASS},
        )
        for prior in order.prior_therapies
        if prior.therapy_class not in (*classes, OTHER_CLASS)
    ]
    if order.chain_of_identity:
        found.append(
            Blocker(
                code="order.chain_of_identity",
                message=N_("The chain of identity is issued here, when the order is accepted"),
                field="ServiceRequest.identifier",
                value=order.chain_of_identity,
                mend=N_("Leave it out"),
            )
        )
    return found


def _foreign_indication(therapy: Therapy, order: OrderBundle) -> Blocker:
    return Blocker(
        code="order.foreign_code",
        message=N_("The definition is not for this illness"),
        field="Condition.code",
        value=f"{order.indication.system}|{order.indication.code}",
        mend=N_("Send one of: %(known)s"),
        params={"known": ", ".join(f"{one.system}|{one.code}" for one in therapy.indications)},
    )


def unknown_hospital(order: OrderBundle) -> Blocker:
    """Return the blocker of a hospital that is not known here, or is not the sender's."""
    return Blocker(
        code="order.unknown_site",
        message=N_("There is no such hospital here, or it is not yours"),
        field="Organization.identifier",
        value=order.hospital.site_code or order.hospital.gln,
        mend=N_("Send the code of your own hospital"),
    )


def unknown_therapy(order: OrderBundle) -> Blocker:
    """Return the blocker of a therapy without a definition in force."""
    return Blocker(
        code="order.foreign_code",
        message=N_("No approved definition of this therapy is in force"),
        field="ServiceRequest.code",
        value=order.therapy_id,
        mend=N_("Send the code of a therapy that is offered here"),
    )


def reused_number(order: OrderBundle) -> Blocker:
    """Return the blocker of an order number that came before with other content."""
    return Blocker(
        code="order.doubled_number",
        message=N_("This order number was received before, with other content"),
        field="ServiceRequest.identifier",
        value=order.order_number,
        mend=N_("Send a new order under a new number, or cancel the first one"),
    )


def planned_collection(wished_on: date | None, *, authored_at: datetime, zone: str) -> datetime:
    """Return when the collection is planned: on the day wished for, else a week after the order, in the morning."""
    place = ZoneInfo(zone)
    day = wished_on or (authored_at.astimezone(place) + USUAL_LEAD).date()
    return datetime.combine(day, USUAL_HOUR, place)
