"""What stands in the way of accepting starting material: age (N8), count, viability, volume."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from vein2vein.core.refusals import N_, Blocker
from vein2vein.logistics.rules.journeys import hours, plain, state_blockers
from vein2vein.logistics.states import ShipmentState


def age_blockers(age: timedelta, limit: timedelta, permitted_h: Decimal | None = None) -> list[Blocker]:
    """Return why starting material is too old (N8): past the definition's limit and past what QA permitted (h)."""
    allowed = max(limit, timedelta(0) if permitted_h is None else timedelta(seconds=int(permitted_h * 3600)))
    if timedelta(0) <= age <= allowed:
        return []
    return [
        Blocker(
            "logistics.too_old",
            N_("The starting material is %(age)s h old, and the limit is %(limit)s h"),
            field="age",
            value=plain(hours(age)),
            mend=N_("It is not used unless QA decides so, in writing and signed"),
            params={"age": plain(hours(age)), "limit": plain(hours(allowed))},
        )
    ]


def age_permission_blockers(
    *, maximum_age_h: Decimal, limit: timedelta, age: timedelta, state: str, disposition: str
) -> list[Blocker]:
    """Return why QA's permission would be empty: below the limit, below the present age, or too late."""
    found = state_blockers(state, [ShipmentState.RECEIVED, ShipmentState.QUARANTINED, ShipmentState.DELIVERED])
    least = max(hours(limit), hours(age))
    if maximum_age_h <= least:
        found.append(
            Blocker(
                "logistics.permission_empty",
                N_("A permission of %(given)s h permits nothing: limit and present age ask for more than %(least)s h"),
                field="maximum_age_h",
                value=plain(maximum_age_h),
                mend=N_("Give the age in hours up to which the material may be used"),
                params={"given": plain(maximum_age_h), "least": plain(least)},
            )
        )
    if disposition != "quarantined":
        found.append(
            Blocker(
                "logistics.decided_already",
                N_("The starting material is %(disposition)s already"),
                field="container",
                value=disposition,
                params={"disposition": disposition},
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Count:
    """A count as the counter exported it."""

    sample: str
    counted_at: datetime
    instrument: str
    viability_percent: Decimal
    total_cells: Decimal


def count_blockers(count: Count, *, container: str, received_at: datetime, instrument_known: bool) -> list[Blocker]:
    """Return why a count is not this container's: another sample, counted before the receipt, an unknown counter."""
    found = []
    if count.sample != container:
        found.append(
            Blocker(
                "logistics.another_sample",
                N_("The count is of %(sample)s, not of container %(container)s"),
                field="counter",
                value=count.sample,
                mend=N_("Upload this container's count; name the sample by the container's code"),
                params={"sample": count.sample, "container": container},
            )
        )
    if count.counted_at < received_at:
        found.append(
            Blocker(
                "logistics.counted_before",
                N_("The count was made before the shipment was received"),
                field="counter",
                value=count.counted_at.isoformat(),
                mend=N_("Count again, and check the counter's clock and zone"),
            )
        )
    if not instrument_known:
        found.append(
            Blocker(
                "logistics.unknown_counter",
                N_("The counter with serial number %(serial)s is not one of ours"),
                field="counter",
                value=count.instrument,
                mend=N_("Count on a qualified instrument of this site"),
                params={"serial": count.instrument},
            )
        )
    return found


def limit_blockers(
    *,
    total_cells: Decimal,
    minimum_cells: Decimal,
    viability_percent: Decimal,
    minimum_viability_percent: Decimal,
    volume_ml: Decimal | None,
    volume_low_ml: Decimal | None,
    volume_high_ml: Decimal | None,
) -> list[Blocker]:
    """Return which limits of the definition the starting material misses: cells, viability (%), volume (mL)."""
    found = []
    if total_cells < minimum_cells:
        message = N_("%(found)s cells are fewer than the %(limit)s that are needed")
        found.append(_limit("logistics.too_few_cells", message, "count", f"{total_cells:.2E}", f"{minimum_cells:.2E}"))
    if viability_percent < minimum_viability_percent:
        message = N_("A viability of %(found)s %% is below the limit of %(limit)s %%")
        limit = plain(minimum_viability_percent)
        found.append(_limit("logistics.viability_low", message, "viability", plain(viability_percent), limit))
    low, high = volume_low_ml or Decimal(0), volume_high_ml
    if volume_ml is None or volume_ml < low or (high is not None and volume_ml > high):
        message = N_("A volume of %(found)s mL is outside %(limit)s mL")
        given = "–" if volume_ml is None else plain(volume_ml)
        span = f"{plain(low)}–{'' if high is None else plain(high)}"
        found.append(_limit("logistics.volume", message, "volume", given, span))
    return found


def _limit(code: str, message: str, field: str, value: str, limit: str) -> Blocker:
    return Blocker(
        code,
        message,
        field=field,
        value=value,
        mend=N_("Keep it quarantined and call QA and the treating physician"),
        params={"found": value, "limit": limit},
    )
