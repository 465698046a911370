"""What keeps a lot from being used, and how much of it is drawn: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.bounding import most
from vein2vein.engines.definitions.model.process import Consume
from vein2vein.engines.definitions.values import Quantity
from vein2vein.engines.definitions.vocabulary import MaterialKind
from vein2vein.materials.states import LotState


@dataclass(frozen=True, slots=True)
class LotView:
    """What the rules need to know of a lot; `free` is what nobody else has reserved, in `unit`.

    `recalled_ancestor` is the number of a recalled or rejected lot that it was made from.
    """

    code: str
    number: str
    material_code: str
    state: str
    expires_at: datetime
    markets: frozenset[str]
    unit: str
    free: Decimal
    recalled_ancestor: str = ""


def whole_vials(quantity: Decimal, vial_quantity: Decimal) -> int:
    """Return the least number of whole vials that hold `quantity`; both in one unit, the vial's above nothing."""
    return int((quantity / vial_quantity).to_integral_value(rounding=ROUND_CEILING))


def drawn(quantity: Decimal, vial_quantity: Decimal, *, whole: bool) -> Decimal:
    """Return what leaves the stock for `quantity`: whole vials where nothing may be left over for later."""
    return whole_vials(quantity, vial_quantity) * vial_quantity if whole else quantity


def quantity_blockers(quantity: Decimal, unit: str, lot_unit: str) -> list[Blocker]:
    """Refuse nothing, less than nothing, and a unit that measures something else than the lot's."""
    if quantity <= 0:
        return [
            Blocker(
                code="materials.quantity_not_positive",
                message=N_("The quantity must be more than nothing"),
                field="quantity",
                value=str(quantity),
                mend=N_("Give what was really taken"),
            )
        ]
    try:
        Quantity(quantity, unit).to(lot_unit)
    except ValueError:
        return [
            Blocker(
                code="materials.unit_wrong",
                message=N_("This lot is counted in %(lot_unit)s, not in %(unit)s"),
                field="unit",
                value=unit,
                mend=N_("Give the quantity in the lot's unit"),
                params={"lot_unit": lot_unit, "unit": unit},
            )
        ]
    return []


def use_blockers(lot: LotView, *, material_code: str, market: str, at: datetime, needed: Decimal) -> list[Blocker]:
    """Return why this lot may not be used: wrong material or market, not released, expired *now*, too little (N7)."""
    found = []
    if lot.material_code != material_code:
        found.append(
            Blocker(
                code="materials.wrong_material",
                message=N_("This is a lot of %(found)s; the step needs %(expected)s"),
                field="lot_code",
                value=lot.code,
                mend=N_("Scan a lot of the material that the step names"),
                params={"found": lot.material_code, "expected": material_code},
            )
        )
    if lot.state != LotState.RELEASED:
        found.append(
            Blocker(
                code="materials.not_released",
                message=N_("Lot %(number)s is %(state)s: only released lots are used"),
                field="lot_code",
                value=lot.code,
                mend=N_("Put it back and take a released lot"),
                params={"number": lot.number, "state": lot.state},
            )
        )
    if market not in lot.markets:
        found.append(
            Blocker(
                code="materials.wrong_market",
                message=N_("Lot %(number)s is not released for market %(market)s"),
                field="lot_code",
                value=lot.code,
                mend=N_("Take a lot that is released for this patient's market"),
                params={"number": lot.number, "market": market},
            )
        )
    if lot.expires_at <= at:
        found.append(
            Blocker(
                code="materials.expired",
                message=N_("Lot %(number)s expired at %(expires_at)s"),
                field="lot_code",
                value=lot.code,
                mend=N_("Put it aside as expired and take a lot that is in date"),
                params={"number": lot.number, "expires_at": lot.expires_at.isoformat(timespec="minutes")},
            )
        )
    if lot.recalled_ancestor:
        found.append(
            Blocker(
                code="materials.ancestor_recalled",
                message=N_("Lot %(number)s was made from lot %(ancestor)s, which was recalled or rejected"),
                field="lot_code",
                value=lot.code,
                mend=N_("Put it aside for quality to decide, and take another lot"),
                params={"number": lot.number, "ancestor": lot.recalled_ancestor},
            )
        )
    return found or stock_blockers(lot, needed)


def parents_blockers(parents: Sequence[tuple[str, str]]) -> list[Blocker]:
    """Return why a lot may not be released: what it was made from (number, state) is not released itself."""
    return [
        Blocker(
            code="materials.parent_not_released",
            message=N_("It was made from lot %(number)s, which is %(state)s"),
            field="lot_id",
            value=number,
            mend=N_("Decide on that lot first"),
            params={"number": number, "state": state},
        )
        for number, state in parents
        if state != LotState.RELEASED
    ]


def scarce(definition: Definition, alternative: str) -> dict[str, tuple[Consume, ...]]:
    """Return the steps that take a vector, by material: what is reserved with a slot, for it takes months to make."""
    found: dict[str, tuple[Consume, ...]] = {}
    for _, steps in definition.process.for_alternative(alternative):
        for step in steps:
            if not isinstance(step, Consume):
                continue
            material = definition.supply.material(step.material)
            if material is not None and material.kind is MaterialKind.VECTOR:
                found[step.material] = (*found.get(step.material, ()), step)
    return found


def to_reserve(
    definition: Definition,
    steps: Sequence[Consume],
    *,
    alternative: str,
    known: Mapping[str, Quantity],
    unit: str,
    vial_quantity: Decimal,
) -> Decimal | None:
    """Return the most that steps can take of a lot, in its unit and whole vials; None where a step has no bound."""
    total = Decimal(0)
    for step in steps:
        needed = most(definition, step, alternative=alternative, known=known, unit=unit)
        if needed is None:
            return None
        total += drawn(needed, vial_quantity, whole=step.whole_units or step.single_thaw)
    return total


def stock_blockers(lot: LotView, needed: Decimal) -> list[Blocker]:
    """Return why `needed` cannot be taken from what is free."""
    if needed <= lot.free:
        return []
    return [
        Blocker(
            code="materials.too_little",
            message=N_("Lot %(number)s has %(free)s %(unit)s free, and %(needed)s %(unit)s are needed"),
            field="quantity",
            value=str(needed),
            mend=N_("Take another lot, or free what is reserved"),
            params={"number": lot.number, "free": plain(lot.free), "needed": plain(needed), "unit": lot.unit},
        )
    ]


def not_thawed_blocker(lot: LotView) -> Blocker:
    """Return what says that no vials of the lot were thawed for the batch that asks."""
    return Blocker(
        code="materials.not_thawed",
        message=N_("No vials of lot %(number)s were recorded as thawed for this batch"),
        field="lot_code",
        value=lot.code,
        mend=N_("Record the thaw when the vials leave the freezer, then use them"),
        params={"number": lot.number},
    )


def thaw_blockers(
    lot: LotView,
    *,
    thawed_at: datetime,
    vials_thawed: int,
    vials_needed: int,
    at: datetime,
    thaw_to_use: timedelta | None,
) -> list[Blocker]:
    """Return why thawed vials may not be used: too few, or thawed for too long."""
    found = []
    if vials_thawed < vials_needed:
        found.append(
            Blocker(
                code="materials.too_few_thawed",
                message=N_("%(thawed)s vials were thawed and %(needed)s are needed"),
                field="quantity",
                value=str(vials_needed),
                mend=N_("Discard the thawed vials with the reason and thaw the right number"),
                params={"thawed": str(vials_thawed), "needed": str(vials_needed)},
            )
        )
    if thaw_to_use is not None and at - thawed_at > thaw_to_use:
        found.append(
            Blocker(
                code="materials.thawed_too_long",
                message=N_("The vials were thawed at %(thawed_at)s; they may be used for %(limit)s"),
                field="lot_code",
                value=lot.code,
                mend=N_("Discard them with the reason and thaw fresh vials"),
                params={"thawed_at": thawed_at.isoformat(timespec="minutes"), "limit": str(thaw_to_use)},
            )
        )
    return found


def thaw_again_blockers(lot: LotView, thawed_at: datetime | None) -> list[Blocker]:
    """Refuse a second thaw while vials of the first are still unspent: a vial is thawed once."""
    if thawed_at is None:
        return []
    return [
        Blocker(
            code="materials.thawed_already",
            message=N_("Vials of lot %(number)s were thawed for this batch at %(thawed_at)s and are not used yet"),
            field="lot_code",
            value=lot.code,
            mend=N_("Use them, or discard them with the reason: a vial is thawed once"),
            params={"number": lot.number, "thawed_at": thawed_at.isoformat(timespec="minutes")},
        )
    ]


def receipt_blockers(
    *, number: str, quantity: Decimal, vial_quantity: Decimal, expires_at: datetime, at: datetime, certificate_size: int
) -> list[Blocker]:
    """Return what is wrong with a delivery: no number, nothing in it, expired, or without a certificate."""
    found = []
    if not number.strip():
        found.append(_receipt("materials.no_number", N_("A lot has a number"), "number", number))
    if quantity <= 0 or vial_quantity <= 0:
        found.append(
            _receipt(
                "materials.quantity_not_positive", N_("The quantity must be more than nothing"), "quantity", quantity
            )
        )
    elif quantity % vial_quantity:
        found.append(
            _receipt("materials.not_whole_vials", N_("A delivery is a whole number of vials"), "quantity", quantity)
        )
    if expires_at <= at:
        found.append(_receipt("materials.expired", N_("The lot has already expired"), "expires_at", expires_at))
    if not certificate_size:
        found.append(_receipt("materials.no_certificate", N_("The certificate is empty"), "certificate", ""))
    return found


def _receipt(code: str, message: str, field: str, value: object) -> Blocker:
    mend = N_("Compare the delivery with its certificate and papers")
    return Blocker(code=code, message=message, field=field, value=str(value), mend=mend)


def certificate_blockers(sha256: str, received: str) -> list[Blocker]:
    """Refuse a certificate on file that is not the one that was received."""
    if sha256 == received:
        return []
    return [
        Blocker(
            code="materials.certificate_altered",
            message=N_("The certificate on file is not the one that was received"),
            field="certificate",
            value=sha256,
            mend=N_("Tell quality: the file was changed from outside"),
        )
    ]


def reason_blockers(reason: str) -> list[Blocker]:
    """Refuse an act that needs a reason and has none."""
    if reason.strip():
        return []
    return [
        Blocker(
            code="materials.no_reason",
            message=N_("This needs a reason"),
            field="reason",
            mend=N_("Say why, so that a reviewer understands it"),
        )
    ]


def plain(value: Decimal) -> str:
    """Return a quantity in full, without an exponent and without zeros at its end."""
    return format(value.normalize(), "f")
