"""The eligibility pack against the definition, and the route against what is authorised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions.model.therapy import DoseRule, Eligibility, Therapy
from vein2vein.engines.definitions.values import Quantity
from vein2vein.engines.definitions.vocabulary import MarkerResult
from vein2vein.orders.rules.dose import ordered_total, weight_blockers
from vein2vein.orders.states import OrderRoute, VirologyResult

OTHER_CLASS = "other"
"""The class of a prior therapy for which a definition asks no washout; it is said, never guessed."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A virology marker, its result and the day of the blood draw."""

    marker: str
    result: str
    tested_on: date


@dataclass(frozen=True, slots=True)
class Prior:
    """A class of drugs and the day it was last given (None: it goes on)."""

    drug_class: str
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Pack:
    """The eligibility pack of an order; `on` is the day of collection that it must hold for."""

    on: date
    born_on: date | None
    consent_version: str
    consent_signed_on: date
    virology: tuple[Marker, ...]
    prior_therapies: tuple[Prior, ...]
    weight_kg: Decimal
    weight_measured_at: datetime


@dataclass(frozen=True, slots=True)
class Prescription:
    """What is prescribed: indication, route, and for an investigational one protocol, subject and arm; the dose."""

    indication_code: str
    market: str
    route: str
    protocol: str
    subject_number: str
    arm: str
    dose_amount: Decimal
    dose_unit: str


def eligibility_blockers(rule: Eligibility, pack: Pack, *, at: datetime, today: date) -> list[Blocker]:
    """Return every fault of a pack at the time `at` (`today` at the hospital); none means eligible."""
    return [
        *_consent(rule, pack, today),
        *_virology(rule, pack, today),
        *_washout(rule, pack, today),
        *_age(rule, pack),
        *weight_blockers(rule, weight_kg=pack.weight_kg, measured_at=pack.weight_measured_at, at=at),
    ]


def _consent(rule: Eligibility, pack: Pack, today: date) -> list[Blocker]:
    found = []
    if pack.consent_version != rule.consent_version:
        found.append(
            Blocker(
                code="orders.consent_version",
                message=N_("The consent is not to the version that the definition asks for: %(needed)s"),
                field="consent_version",
                value=pack.consent_version,
                mend=N_("Have the patient sign version %(needed)s"),
                params={"needed": rule.consent_version},
            )
        )
    if pack.consent_signed_on > today:
        found.append(_in_future("consent_signed_on", pack.consent_signed_on))
    return found


def _virology(rule: Eligibility, pack: Pack, today: date) -> list[Blocker]:
    found, given = [], {item.marker: item for item in pack.virology}
    for marker in rule.virology:
        field = f"virology.{marker.id}"
        result = given.get(marker.id)
        if result is None:
            found.append(
                Blocker(
                    code="orders.virology_missing",
                    message=N_("The result for %(marker)s is missing"),
                    field=field,
                    mend=N_("Test, and enter the result with the day of the blood draw"),
                    params={"marker": marker.name.en},
                )
            )
            continue
        age = (pack.on - result.tested_on).days
        if result.tested_on > today:
            found.append(_in_future(field, result.tested_on))
        elif age > marker.maximum_age.days:
            found.append(
                Blocker(
                    code="orders.virology_old",
                    message=N_("The result is %(age)s days old on the day of collection; %(most)s are allowed"),
                    field=field,
                    value=result.tested_on.isoformat(),
                    mend=N_("Test again"),
                    params={"age": str(age), "most": str(marker.maximum_age.days)},
                )
            )
        if marker.accepted is MarkerResult.NEGATIVE and result.result != VirologyResult.NEGATIVE:
            found.append(
                Blocker(
                    code="orders.virology_not_accepted",
                    message=N_("The definition accepts a negative result only"),
                    field=field,
                    value=result.result,
                    mend=N_("The patient cannot be treated with this therapy as things stand"),
                )
            )
    return found


def _washout(rule: Eligibility, pack: Pack, today: date) -> list[Blocker]:
    found, washouts = [], {item.id: item for item in rule.washouts}
    for prior in pack.prior_therapies:
        field = f"prior_therapies.{prior.drug_class}"
        washout = washouts.get(prior.drug_class)
        if washout is None:
            if prior.drug_class != OTHER_CLASS:
                found.append(_unknown_class(prior.drug_class, sorted(washouts)))
            continue
        if prior.ended_on is None or prior.ended_on > today:
            found.append(
                Blocker(
                    code="orders.washout_running",
                    message=N_("This class of drugs must have ended before the order"),
                    field=field,
                    value="" if prior.ended_on is None else prior.ended_on.isoformat(),
                    mend=N_("End it, and plan the collection at least %(days)s days later"),
                    params={"days": str(washout.minimum.days)},
                )
            )
        elif (pack.on - prior.ended_on).days < washout.minimum.days:
            found.append(
                Blocker(
                    code="orders.washout_short",
                    message=N_("Only %(days)s days lie between the last dose and the collection; %(least)s are needed"),
                    field=field,
                    value=prior.ended_on.isoformat(),
                    mend=N_("Collect on %(first)s or later"),
                    params={
                        "days": str((pack.on - prior.ended_on).days),
                        "least": str(washout.minimum.days),
                        "first": (prior.ended_on + washout.minimum).isoformat(),
                    },
                )
            )
    return found


def _unknown_class(drug_class: str, known: list[str]) -> Blocker:
    return Blocker(
        code="orders.drug_class_unknown",
        message=N_("The definition knows no such class of drugs"),
        field="prior_therapies",
        value=drug_class,
        mend=N_("Choose one of %(known)s; or %(other)s where none of them fits"),
        params={"known": ", ".join(known), "other": OTHER_CLASS},
    )


def _age(rule: Eligibility, pack: Pack) -> list[Blocker]:
    if pack.born_on is None:
        return [
            Blocker(
                code="orders.birth_date_missing",
                message=N_("The birth date is needed to tell the patient's age"),
                field="birth_date",
                mend=N_("Enter it"),
            )
        ]
    years = pack.on.year - pack.born_on.year - ((pack.on.month, pack.on.day) < (pack.born_on.month, pack.born_on.day))
    if rule.age_low_years <= years <= rule.age_high_years:
        return []
    return [
        Blocker(
            code="orders.age",
            message=N_("The patient is %(years)s years old at collection; the definition allows %(low)s to %(high)s"),
            field="birth_date",
            value=str(years),
            mend=N_("The patient cannot be treated with this therapy as things stand"),
            params={"years": str(years), "low": str(rule.age_low_years), "high": str(rule.age_high_years)},
        )
    ]


def _in_future(field: str, day: date) -> Blocker:
    return Blocker(
        code="orders.in_future",
        message=N_("This day has not come yet"),
        field=field,
        value=day.isoformat(),
        mend=N_("Give the day on which it was done"),
    )


def route_blockers(therapy: Therapy, given: Prescription, *, weight_kg: Decimal) -> list[Blocker]:
    """Return what is wrong with indication, route, trial details and dose."""
    found = []
    if therapy.dose.for_indication(given.indication_code) is None:
        found.append(
            Blocker(
                code="orders.indication",
                message=N_("The definition has no dose for this indication"),
                field="indication_code",
                value=given.indication_code,
                mend=N_("Choose one of: %(known)s"),
                params={"known": ", ".join(dose.indication for dose in therapy.dose.by_indication)},
            )
        )
    if given.dose_unit != therapy.dose.unit:
        return [*found, _dose_unit(therapy.dose, given.dose_unit)]
    if given.route == OrderRoute.CLINICAL_TRIAL:
        found += _trial(therapy.dose, given)
    else:
        found += _not_trial(therapy.dose, given)
    total = ordered_total(therapy.dose.basis, given.dose_amount, weight_kg)
    most = therapy.dose.maximum_total.to("cell").magnitude
    if total > most:
        found.append(
            Blocker(
                code="orders.dose_total",
                message=N_("The whole dose would be %(total)s cells; the most is %(most)s"),
                field="dose_amount",
                value=str(given.dose_amount),
                mend=N_("Look for a wrong power of ten in dose or weight"),
                params={"total": f"{total:.3E}", "most": f"{most:.3E}"},
            )
        )
    return found


def _dose_unit(rule: DoseRule, given: str) -> Blocker:
    return Blocker(
        code="orders.dose_unit",
        message=N_("The definition counts the dose in %(unit)s"),
        field="dose_unit",
        value=given,
        mend=N_("Give the dose in %(unit)s"),
        params={"unit": rule.unit},
    )


def _trial(rule: DoseRule, given: Prescription) -> list[Blocker]:
    found = [
        Blocker(
            code="orders.trial_detail_missing",
            message=N_("An order in a clinical trial names protocol, subject number and arm"),
            field=field,
            mend=N_("Enter it as in the trial's papers"),
        )
        for field in ("protocol", "subject_number", "arm")
        if not getattr(given, field)
    ]
    if found:
        return found
    arm = rule.arm(given.arm)
    if arm is None or arm.protocol != given.protocol or arm.indication != given.indication_code:
        fitting = [
            one.id for one in rule.arms if one.protocol == given.protocol and one.indication == given.indication_code
        ]
        return [
            Blocker(
                code="orders.arm",
                message=N_("The definition has no such arm for this protocol and indication"),
                field="arm",
                value=given.arm,
                mend=N_("Choose one of: %(known)s"),
                params={"known": ", ".join(fitting) or "–"},
            )
        ]
    if given.dose_amount != arm.amount.to(rule.unit).magnitude:
        return [
            Blocker(
                code="orders.arm_dose",
                message=N_("The arm's dose is %(dose)s"),
                field="dose_amount",
                value=str(given.dose_amount),
                mend=N_("Order the arm's dose, or choose another arm"),
                params={"dose": _shown(arm.amount)},
            )
        ]
    return []


def _not_trial(rule: DoseRule, given: Prescription) -> list[Blocker]:
    found = [
        Blocker(
            code="orders.trial_detail_outside_trial",
            message=N_("Only an order in a clinical trial names this"),
            field=field,
            value=str(getattr(given, field)),
            mend=N_("Leave it empty, or choose the clinical trial as the route"),
        )
        for field in ("protocol", "subject_number", "arm")
        if getattr(given, field)
    ]
    bounds = rule.for_indication(given.indication_code)
    if bounds is None:
        return found
    low, high = bounds.low.to(rule.unit).magnitude, bounds.high.to(rule.unit).magnitude
    if not low <= given.dose_amount <= high:
        found.append(
            Blocker(
                code="orders.dose_bounds",
                message=N_("The dose for this indication lies between %(low)s and %(high)s"),
                field="dose_amount",
                value=str(given.dose_amount),
                mend=N_("Order a dose within these bounds; look for a wrong power of ten"),
                params={"low": _shown(bounds.low), "high": _shown(bounds.high)},
            )
        )
    return found


def _shown(quantity: Quantity) -> str:
    return f"{quantity.magnitude:.2E} {quantity.unit}"
