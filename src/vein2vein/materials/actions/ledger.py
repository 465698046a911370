"""The next row of a lot's ledger, and a lot held still while it is written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import LotId
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.materials.models import Lot, Movement
from vein2vein.materials.reads import get_lot
from vein2vein.materials.states import MovementKind

for _name in ("materials_lot_never_negative", "materials_movement_never_negative"):
    journal.explain(
        _name,
        Blocker("materials.too_little", N_("The stock cannot fall below nothing"), mend=N_("Take another lot")),
    )

for _name in ("materials_lot_reserved_within_stock", "materials_movement_reserved_within_stock"):
    journal.explain(
        _name,
        Blocker("materials.reserved", N_("The rest of this lot is reserved"), mend=N_("Take another lot")),
    )

journal.explain(
    "materials_lot_number",
    Blocker(
        "materials.lot_known", N_("This lot of this material was received before"), mend=N_("Look it up in the list")
    ),
)


def stream_of(lot: Lot) -> str:
    """Return the journal stream of a lot."""
    return f"lot:{lot.pk}"


def locked_lot(lot_id: LotId, by: Actor) -> Lot:
    """Return a lot that the actor may see, locked until the deed is done, or raise `NotFound`."""
    get_lot(lot_id, by=by)
    return Lot.objects.select_for_update().get(pk=lot_id)


@dataclass(frozen=True, slots=True)
class Change:
    """What a deed does to a lot: its ledger row and the lot's new sums, to be written with a fact."""

    movement: Movement
    change: tuple[Lot, dict[str, Any]]


def moved_by(
    lot: Lot,
    kind: MovementKind,
    *,
    quantity: Decimal = Decimal(0),
    reserved: Decimal = Decimal(0),
    used: Decimal = Decimal(0),
    holder: str = "",
    market: str = "",
) -> Change:
    """Return the next row of a locked lot's ledger and what it does to the lot."""
    on_hand, kept = lot.on_hand + quantity, lot.reserved + reserved
    if not Decimal(0) <= kept <= on_hand:
        raise Refused(
            Blocker(
                code="materials.too_little",
                message=N_("Lot %(number)s has too little free for this"),
                field="quantity",
                value=str(abs(quantity)),
                mend=N_("Take another lot, or free what is reserved"),
                params={"number": lot.number},
            )
        )
    deed = journal.current()
    last = Movement.objects.filter(lot=lot).order_by("-ordinal").values_list("ordinal", flat=True).first()
    movement = Movement(
        lot=lot,
        kind=kind,
        ordinal=(last or 0) + 1,
        quantity=quantity,
        reserved=reserved,
        on_hand_after=on_hand,
        reserved_after=kept,
        used=used,
        holder=holder,
        market=market,
        moved_at=deed.at,
        moved_by=deed.by.account_id,
        moved_by_name=deed.by.name,
        reason=deed.reason or deed.action,
    )
    return Change(movement, (lot, {"on_hand": on_hand, "reserved": kept}))
