"""Lots thawed and drawn from; what was reserved for the holder is used up first."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.facts import Fact
from vein2vein.core.refusals import Refused, refuse_any
from vein2vein.engines.definitions.values import Quantity
from vein2vein.materials import facts, rules
from vein2vein.materials.actions.ledger import moved_by, stream_of
from vein2vein.materials.models import Holding, Lot, Movement, Thaw
from vein2vein.materials.reads import find_thaw, get_scanned_lot, view
from vein2vein.materials.states import HoldingState, MovementKind


def _spend_holding(lot: Lot, holder: str, taken: Decimal) -> tuple[Decimal, list[tuple[Any, dict[str, Any]]]]:
    """Return how much of the holder's reservation `taken` uses up, and the change of a reservation not used up."""
    holding = Holding.objects.filter(lot=lot, holder=holder, state=HoldingState.HELD).first()
    if holding is None:
        return Decimal(0), []
    if holding.quantity > taken:
        return taken, [(holding, {"quantity": holding.quantity - taken})]
    kept = holding.quantity
    fact = facts.ReservationUsed(
        lot_id=lot.pk,
        holding_id=holding.pk,
        number=lot.number,
        material_code=lot.material_code,
        quantity=kept,
        unit=lot.unit,
        holder=holder,
    )
    journal.transition(holding, "use", fact, stream=stream_of(lot), refs=[holder])
    return kept, []


@journal.action("materials.thaw_vials")
def thaw_vials(
    *, lot_code: str, material_code: str, quantity: Decimal, unit: str, market: str, holder: str, by: Actor
) -> Thaw:
    """Take the whole vials that hold `quantity` out of the freezer for a holder; they never go back."""
    lot = get_scanned_lot(lot_code, lock=True)
    at = journal.current().at
    refuse_any(rules.quantity_blockers(quantity, unit, lot.unit))
    needed = Quantity(quantity, unit).to(lot.unit).magnitude
    vials = rules.whole_vials(needed, lot.vial_quantity)
    seen = view(lot, holder)
    taken = vials * lot.vial_quantity
    earlier = find_thaw(lot, holder)
    refuse_any(
        rules.use_blockers(seen, material_code=material_code, market=market, at=at, needed=taken)
        or rules.thaw_again_blockers(seen, None if earlier is None else earlier.thawed_at)
    )
    spent, changes = _spend_holding(lot, holder, taken)
    moved = moved_by(lot, MovementKind.THAW, quantity=-taken, reserved=-spent, holder=holder, market=market)
    thaw = Thaw(lot=lot, holder=holder, vials=vials, thawed_at=at)
    journal.record(
        facts.LotThawed(
            lot_id=lot.pk,
            thaw_id=thaw.pk,
            number=lot.number,
            material_code=lot.material_code,
            vials=vials,
            quantity=taken,
            unit=lot.unit,
            holder=holder,
            thawed_at=at,
        ),
        stream=stream_of(lot),
        refs=[holder],
        inserts=[thaw, moved.movement],
        changes=[moved.change, *changes],
    )
    return thaw


@journal.action("materials.discard_thawed", roles=[Role.OPERATOR, Role.SUPERVISOR])
def discard_thawed(*, lot_code: str, holder: str, reason: str, by: Actor) -> Thaw:
    """Throw away vials that were thawed for a holder ("batch:…") and not used; fresh ones may then be thawed."""
    refuse_any(rules.reason_blockers(reason))
    lot = get_scanned_lot(lot_code, lock=True)
    thaw = find_thaw(lot, holder)
    if thaw is None:
        raise Refused(rules.not_thawed_blocker(view(lot, holder)))
    moved = moved_by(lot, MovementKind.DISCARD, holder=holder)
    journal.transition(
        thaw,
        "discard",
        facts.ThawDiscarded(
            lot_id=lot.pk,
            thaw_id=thaw.pk,
            number=lot.number,
            material_code=lot.material_code,
            vials=thaw.vials,
            holder=holder,
            reason=reason,
        ),
        stream=stream_of(lot),
        refs=[holder],
        inserts=[moved.movement],
    )
    return thaw


@journal.action("materials.consume_lot")
def consume_lot(
    *,
    lot_code: str,
    material_code: str,
    quantity: Decimal,
    unit: str,
    market: str,
    holder: str,
    whole_units: bool = False,
    thaw_to_use: timedelta | None = None,
    single_thaw: bool = False,
    by: Actor,
) -> Movement:
    """Draw a quantity of a scanned lot for a holder; refused unless it is released, in date *now* and for the market.

    Material that is thawed before its use is drawn from the vials thawed for this holder, within `thaw_to_use`.
    """
    lot = get_scanned_lot(lot_code, lock=True)
    at = journal.current().at
    refuse_any(rules.quantity_blockers(quantity, unit, lot.unit))
    needed = Quantity(quantity, unit).to(lot.unit).magnitude
    seen = view(lot, holder)
    if thaw_to_use is not None or single_thaw:
        return _consume_thawed(lot, seen, needed, material_code, market, holder, at, thaw_to_use)
    taken = rules.drawn(needed, lot.vial_quantity, whole=whole_units)
    refuse_any(rules.use_blockers(seen, material_code=material_code, market=market, at=at, needed=taken))
    spent, changes = _spend_holding(lot, holder, taken)
    moved = moved_by(
        lot,
        MovementKind.CONSUMPTION,
        quantity=-taken,
        reserved=-spent,
        used=needed,
        holder=holder,
        market=market,
    )
    journal.record(
        _consumed(lot, moved.movement, needed, taken),
        stream=stream_of(lot),
        refs=[holder],
        inserts=[moved.movement],
        changes=[moved.change, *changes],
    )
    return moved.movement


def _consume_thawed(
    lot: Lot,
    seen: rules.LotView,
    needed: Decimal,
    material_code: str,
    market: str,
    holder: str,
    at: datetime,
    thaw_to_use: timedelta | None,
) -> Movement:
    refuse_any(rules.use_blockers(seen, material_code=material_code, market=market, at=at, needed=Decimal(0)))
    thaw = find_thaw(lot, holder)
    if thaw is None:
        raise Refused(rules.not_thawed_blocker(seen))
    refuse_any(
        rules.thaw_blockers(
            seen,
            thawed_at=thaw.thawed_at,
            vials_thawed=thaw.vials,
            vials_needed=rules.whole_vials(needed, lot.vial_quantity),
            at=at,
            thaw_to_use=thaw_to_use,
        )
    )
    moved = moved_by(lot, MovementKind.CONSUMPTION, used=needed, holder=holder, market=market)
    journal.transition(
        thaw,
        "use",
        _consumed(lot, moved.movement, needed, Decimal(0)),
        stream=stream_of(lot),
        refs=[holder],
        inserts=[moved.movement],
    )
    return moved.movement


def _consumed(lot: Lot, movement: Movement, needed: Decimal, taken: Decimal) -> Fact:
    return facts.LotConsumed(
        lot_id=lot.pk,
        movement_id=movement.pk,
        number=lot.number,
        material_code=lot.material_code,
        quantity=needed,
        drawn=taken,
        unit=lot.unit,
        holder=movement.holder,
        market=movement.market,
    )
