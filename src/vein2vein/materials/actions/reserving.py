"""Lots kept for those who will need them: reserved with the slot, passed on to the batch, given back.

What is kept is the most that the definition's steps can take of the lot, in whole vials, from a lot that will still
be in date when the slot ends.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import DefinitionId
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.process import Consume
from vein2vein.engines.definitions.values import Quantity
from vein2vein.materials import facts, rules
from vein2vein.materials.actions.ledger import moved_by, stream_of
from vein2vein.materials.models import Holding, Lot
from vein2vein.materials.reads import get_scanned_lot, known_values, list_held, list_usable, view
from vein2vein.materials.states import HoldingState, MovementKind
from vein2vein.therapies.reads import get_definition

Needed = Callable[[Lot], Decimal | None]
"""How much of a lot is wanted, in its unit; None where nobody can say."""


@journal.action("materials.reserve_lot")
def reserve_lot(
    *, material_code: str, quantity: Decimal, unit: str, market: str, holder: str, until: datetime, by: Actor
) -> Holding:
    """Keep a quantity of the usable lot that expires first, but not before `until`, for a holder ("order:…")."""

    def needed(lot: Lot) -> Decimal:
        return Quantity(quantity, unit).to(lot.unit).magnitude

    found = _reserve_first(material_code, needed, market=market, holder=holder, until=until)
    if found is None:
        raise Refused(_nothing_known(material_code))
    return found


@journal.action("materials.reserve_for_slot")
def reserve_for_slot(
    *,
    definition_id: DefinitionId,
    alternative: str,
    market: str,
    ordered_dose_cells: Decimal,
    patient_weight_kg: Decimal,
    holder: str,
    until: datetime,
    by: Actor,
) -> list[Holding]:
    """Keep the vector that a definition can take at most, of lots in date until the slot's end, for a holder.

    A step without a bound keeps nothing. Raises `Refused` when no released lot of the market has enough free.
    """
    definition = get_definition(definition_id)
    given = _given(ordered_dose_cells, patient_weight_kg)
    made = []
    for material_code, steps in rules.scarce(definition, alternative).items():
        needed = _of_definition(definition, steps, alternative, given)
        made.append(_reserve_first(material_code, needed, market=market, holder=holder, until=until))
    return [one for one in made if one is not None]


@journal.action("materials.secure_for_batch")
def secure_for_batch(
    *,
    definition_id: DefinitionId,
    alternative: str,
    market: str,
    ordered_dose_cells: Decimal,
    patient_weight_kg: Decimal,
    order: str,
    batch: str,
    until: datetime,
    by: Actor,
) -> list[Holding]:
    """Pass what is kept for an order ("order:…") on to its batch ("batch:…"), which is to be done by `until`.

    What may no longer be used by then is given back, and other lots are reserved instead; raises `Refused` for none.
    """
    definition = get_definition(definition_id)
    given = _given(ordered_dose_cells, patient_weight_kg)
    wanted = rules.scarce(definition, alternative)
    kept: dict[str, Holding] = {}
    for holding in list_held(order):
        lot = Lot.objects.select_for_update().get(pk=holding.lot_id)
        material = lot.material_code
        needed = _of_definition(definition, wanted.get(material, ()), alternative, given)(lot)
        seen = view(lot, order)
        unfit = rules.use_blockers(seen, material_code=material, market=market, at=until, needed=Decimal(0))
        if unfit or not needed or needed > holding.quantity or material in kept:
            _release(holding, lot)
        else:
            kept[material] = _pass_on(holding, lot, batch, until)
    for material, steps in wanted.items():
        if material not in kept:
            needing = _of_definition(definition, steps, alternative, given)
            found = _reserve_first(material, needing, market=market, holder=batch, until=until)
            if found is not None:
                kept[material] = found
    return list(kept.values())


@journal.action("materials.release_reservation")
def release_reservation(*, holding_id: Any, by: Actor) -> Holding:
    """Free what was kept for a holder."""
    holding = Holding.objects.get(pk=holding_id)
    lot = Lot.objects.select_for_update().get(pk=holding.lot_id)
    holding.refresh_from_db()
    return _release(holding, lot)


@journal.action("materials.release_reservations")
def release_reservations(*, holder: str, by: Actor) -> list[Holding]:
    """Free all that is still kept for a holder whose order was called off, or whose batch is done or given up."""
    return [
        _release(one, Lot.objects.select_for_update().get(pk=one.lot_id))
        for one in list_held(holder)
        if one.state == HoldingState.HELD
    ]


def _given(ordered_dose_cells: Decimal, patient_weight_kg: Decimal) -> dict[str, Quantity]:
    return {
        "ordered_dose": Quantity(ordered_dose_cells, "cell"),
        "patient_weight": Quantity(patient_weight_kg, "kg"),
    }


def _of_definition(
    definition: Definition, steps: tuple[Consume, ...], alternative: str, given: dict[str, Quantity]
) -> Needed:
    def needed(lot: Lot) -> Decimal | None:
        return rules.to_reserve(
            definition,
            steps,
            alternative=alternative,
            known=given | known_values(lot),
            unit=lot.unit,
            vial_quantity=lot.vial_quantity,
        )

    return needed


def _reserve_first(
    material_code: str, needed_of: Needed, *, market: str, holder: str, until: datetime
) -> Holding | None:
    """Reserve from the first fitting lot; None where the definition sets no bound; `Refused` when no lot fits."""
    short: list[Blocker] = []
    for option in list_usable(material_code, market=market, at=until, holder=""):
        lot = get_scanned_lot(option.code, lock=True)
        needed = needed_of(lot)
        if needed is None:
            return None
        found = rules.use_blockers(
            view(lot, ""), material_code=material_code, market=market, at=until, needed=needed
        ) or rules.quantity_blockers(needed, lot.unit, lot.unit)
        if not found:
            return _reserve(lot, needed, holder, until)
        short += found
    raise Refused([_none_to_reserve(material_code, market, until), *short])


def _none_to_reserve(material_code: str, market: str, until: datetime) -> Blocker:
    return Blocker(
        code="materials.none_to_reserve",
        message=N_("No lot of %(material)s that is released for market %(market)s until %(until)s has enough free"),
        field="material_code",
        value=material_code,
        mend=N_("Release another lot for this market"),
        params={"material": material_code, "market": market, "until": until.isoformat(timespec="minutes")},
    )


def _nothing_known(material_code: str) -> Blocker:
    return Blocker("materials.quantity_unknown", N_("Nobody knows how much is needed"), "quantity", material_code)


def _reserve(lot: Lot, quantity: Decimal, holder: str, until: datetime) -> Holding:
    moved = moved_by(lot, MovementKind.RESERVATION, reserved=quantity, holder=holder)
    holding = Holding(lot=lot, holder=holder, quantity=quantity, needed_until_at=until)
    journal.record(
        facts.LotReserved(
            lot_id=lot.pk,
            holding_id=holding.pk,
            number=lot.number,
            material_code=lot.material_code,
            quantity=quantity,
            unit=lot.unit,
            holder=holder,
            needed_until_at=until,
        ),
        stream=stream_of(lot),
        refs=[holder],
        inserts=[holding, moved.movement],
        changes=[moved.change],
    )
    return holding


def _pass_on(holding: Holding, lot: Lot, batch: str, until: datetime) -> Holding:
    was = holding.holder
    journal.record(
        facts.ReservationPassedOn(
            lot_id=lot.pk,
            holding_id=holding.pk,
            number=lot.number,
            material_code=lot.material_code,
            quantity=holding.quantity,
            unit=lot.unit,
            was_holder=was,
            holder=batch,
        ),
        stream=stream_of(lot),
        refs=[was, batch],
        changes=[(holding, {"holder": batch, "needed_until_at": until})],
    )
    return holding


def _release(holding: Holding, lot: Lot) -> Holding:
    kept = holding.quantity if holding.state == HoldingState.HELD else Decimal(0)
    moved = moved_by(lot, MovementKind.RELEASE_OF_RESERVATION, reserved=-kept, holder=holding.holder)
    journal.transition(
        holding,
        "release",
        facts.ReservationReleased(
            lot_id=lot.pk,
            holding_id=holding.pk,
            number=lot.number,
            material_code=lot.material_code,
            quantity=kept,
            unit=lot.unit,
            holder=holding.holder,
        ),
        stream=stream_of(lot),
        refs=[holding.holder],
        inserts=[moved.movement],
        changes=[moved.change],
    )
    return holding
