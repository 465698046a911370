"""An order's eligibility pack as the rules see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from vein2vein.orders import rules
from vein2vein.orders.models import Order


def pack_of(order: Order, *, on: date) -> rules.Pack:
    """Return the eligibility pack of an order for a day of collection."""
    virology = order.virology.values_list("marker", "result", "tested_on")
    return pack_with(order, on, virology, order.prior_therapies.values_list("drug_class", "ended_on"))


def pack_with(
    order: Order, on: date, virology: Iterable[tuple[str, str, date]], prior: Iterable[tuple[str, date | None]]
) -> rules.Pack:
    """Return the pack of an order whose results (marker, result, day) and drugs (class, end) are at hand."""
    return rules.Pack(
        on=on,
        born_on=order.patient.birth_date,
        consent_version=order.consent_version,
        consent_signed_on=order.consent_signed_on,
        virology=tuple(rules.Marker(*row) for row in virology),
        prior_therapies=tuple(rules.Prior(*row) for row in prior),
        weight_kg=order.weight_kg,
        weight_measured_at=order.weight_measured_at,
    )
