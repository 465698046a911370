"""What a journal entry of this context carries: plain Python."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("materials")
class LotReceived(Fact):
    """A delivery stands in quarantine with its certificate."""

    says: ClassVar[str] = N_("Lot %(number)s of %(material_code)s received: %(quantity)s %(unit)s")
    lot_id: UUID
    lot_code: str
    number: str
    material_code: str
    quantity: Decimal
    unit: str
    expires_at: datetime
    certificate_sha256: str
    supplier: str
    kind: str = ""
    made_from: tuple[str, ...] = ()


@fact("materials")
class LotReleased(Fact):
    """A lot may be used in the markets named."""

    says: ClassVar[str] = N_("Lot %(number)s of %(material_code)s released for %(markets)s")
    lot_id: UUID
    number: str
    material_code: str
    markets: list[str]
    reason: str


@fact("materials")
class LotReleasedToMarket(Fact):
    """A released lot may be used for one more market."""

    says: ClassVar[str] = N_("Lot %(number)s of %(material_code)s released for market %(market)s")
    lot_id: UUID
    number: str
    material_code: str
    market: str


@fact("materials")
class LotRejected(Fact):
    """A lot is not to be used."""

    says: ClassVar[str] = N_("Lot %(number)s of %(material_code)s rejected: %(reason)s")
    lot_id: UUID
    number: str
    material_code: str
    reason: str


@fact("materials")
class LotRecalled(Fact):
    """A lot is called back: what drew from it or from lots made of it, what has it reserved, which lots came of it."""

    says: ClassVar[str] = N_("Lot %(number)s of %(material_code)s recalled: %(reason)s")
    lot_id: UUID
    number: str
    material_code: str
    reason: str
    used_by: list[str]
    reserved_for: tuple[str, ...] = ()
    made_into: tuple[str, ...] = ()


@fact("materials")
class LotReserved(Fact):
    """A quantity is kept for a holder, until its slot ends."""

    says: ClassVar[str] = N_("%(quantity)s %(unit)s of lot %(number)s reserved")
    lot_id: UUID
    holding_id: UUID
    number: str
    material_code: str
    quantity: Decimal
    unit: str
    holder: str
    needed_until_at: datetime | None = None


@fact("materials")
class ReservationPassedOn(Fact):
    """What was kept for an order is kept for its batch."""

    says: ClassVar[str] = N_("%(quantity)s %(unit)s of lot %(number)s kept for the batch that was opened")
    lot_id: UUID
    holding_id: UUID
    number: str
    material_code: str
    quantity: Decimal
    unit: str
    was_holder: str
    holder: str


@fact("materials")
class ReservationReleased(Fact):
    """A quantity is free again."""

    says: ClassVar[str] = N_("%(quantity)s %(unit)s of lot %(number)s no longer reserved")
    lot_id: UUID
    holding_id: UUID
    number: str
    material_code: str
    quantity: Decimal
    unit: str
    holder: str


@fact("materials")
class ReservationUsed(Fact):
    """What was kept for a holder was drawn."""

    says: ClassVar[str] = N_("Reserved %(quantity)s %(unit)s of lot %(number)s drawn")
    lot_id: UUID
    holding_id: UUID
    number: str
    material_code: str
    quantity: Decimal
    unit: str
    holder: str


@fact("materials")
class LotThawed(Fact):
    """Whole vials were thawed for a holder; they are out of stock for good."""

    says: ClassVar[str] = N_("%(vials)s vials of lot %(number)s thawed")
    lot_id: UUID
    thaw_id: UUID
    number: str
    material_code: str
    vials: int
    quantity: Decimal
    unit: str
    holder: str
    thawed_at: datetime


@fact("materials")
class ThawDiscarded(Fact):
    """Thawed vials were thrown away."""

    says: ClassVar[str] = N_("%(vials)s thawed vials of lot %(number)s discarded: %(reason)s")
    lot_id: UUID
    thaw_id: UUID
    number: str
    material_code: str
    vials: int
    holder: str
    reason: str


@fact("materials")
class LotConsumed(Fact):
    """A quantity went into a holder; `drawn` is what left the stock, whole vials where the definition says so."""

    says: ClassVar[str] = N_("%(quantity)s %(unit)s of lot %(number)s (%(material_code)s) used")
    lot_id: UUID
    movement_id: UUID
    number: str
    material_code: str
    quantity: Decimal
    drawn: Decimal
    unit: str
    holder: str
    market: str


@fact("materials")
class LotAdjusted(Fact):
    """A stock count differed from the ledger."""

    says: ClassVar[str] = N_("Stock of lot %(number)s corrected by %(quantity)s %(unit)s: %(reason)s")
    lot_id: UUID
    number: str
    material_code: str
    quantity: Decimal
    unit: str
    reason: str
