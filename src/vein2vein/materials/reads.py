"""What may be asked about lots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import LotId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import first_rows, page, read
from vein2vein.engines.codes import BadCode, Kind, scan_as
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.process import Consume
from vein2vein.engines.definitions.values import Quantity
from vein2vein.materials import rules
from vein2vein.materials.models import Holding, Thaw
from vein2vein.materials.models import Lot as Lot  # noqa: PLC0414 - pages name the row that they show
from vein2vein.materials.models import Movement as Movement  # noqa: PLC0414 - as above
from vein2vein.materials.rules import LotView
from vein2vein.materials.states import HoldingState, LotState, MovementKind, ThawState

PLANT_ROLES = (
    Role.WAREHOUSE,
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.PLANNER,
    Role.QC_ANALYST,
    Role.QC_REVIEWER,
    Role.QA_REVIEWER,
    Role.QUALIFIED_PERSON,
    Role.ADMINISTRATOR,
)


def _unknown(field: str, value: object) -> NotFound:
    return NotFound(
        Blocker(
            code="materials.no_lot",
            message=N_("There is no such lot"),
            field=field,
            value=str(value),
            mend=N_("Scan the lot's own label"),
        )
    )


@read("materials.get_lot", roles=PLANT_ROLES)
def get_lot(lot_id: LotId, *, by: Actor) -> Lot:
    """Return a lot, or raise `NotFound`."""
    lot = Lot.objects.filter(pk=lot_id).first()
    if lot is None or not by.sees(SiteId(lot.site_id)):
        raise _unknown("lot_id", lot_id)
    return lot


def get_scanned_lot(lot_code: str, *, lock: bool = False) -> Lot:
    """Return the lot whose label was scanned, locked for this transaction if told; `NotFound` for anything else."""
    try:
        code = scan_as(Kind.LOT, lot_code, "lot_code").value
    except BadCode as error:
        raise NotFound(error.blocker()) from error
    rows = Lot.objects.select_for_update() if lock else Lot.objects
    lot = rows.filter(code=code).first()
    if lot is None:
        raise _unknown("lot_code", lot_code)
    return lot


@read("materials.list_lots", roles=PLANT_ROLES)
def list_lots(
    *,
    by: Actor,
    material_code: str = "",
    state: LotState | None = None,
    limit: int = 50,
    after: UUID | None = None,
    newest: bool = False,
) -> list[Lot]:
    """Return lots, oldest or newest receipt first, of a material and in a state where these are given."""
    rows: QuerySet[Lot] = Lot.objects.all()
    if material_code:
        rows = rows.filter(material_code=material_code)
    if state is not None:
        rows = rows.filter(state=state)
    if by.sites is not None:
        rows = rows.filter(site_id__in=by.sites)
    return page(rows, limit, after, newest=newest)


@read("materials.list_movements", roles=PLANT_ROLES)
def list_movements(lot_id: LotId, *, by: Actor, limit: int = 50, after: UUID | None = None) -> list[Movement]:
    """Return a lot's ledger, oldest row first."""
    get_lot(lot_id, by=by)
    rows = Movement.objects.filter(lot_id=lot_id).order_by("ordinal")
    if after is not None:
        last = Movement.objects.filter(lot_id=lot_id, pk=after).values_list("ordinal", flat=True).first()
        rows = rows.filter(ordinal__gt=last or 0)
    return first_rows(rows, limit)


def view(lot: Lot, holder: str) -> LotView:
    """Return what the rules need to know of `lot`, with what `holder` has reserved counted as free to it."""
    return _views([lot], holder)[0]


_AROUND = """
SELECT l.id, array(SELECT m.market FROM materials_lotmarket m WHERE m.lot_id = l.id),
    (SELECT coalesce(sum(h.quantity), 0) FROM materials_holding h
     WHERE h.lot_id = l.id AND h.holder = %s AND h.state = %s),
    (SELECT a.number FROM materials_lot a WHERE a.id = materials_recalled_ancestor(l.id))
FROM unnest(%s::uuid[]) AS l(id)
"""


def _views(lots: Sequence[Lot], holder: str) -> list[LotView]:
    """Return what the rules need to know of each lot, asked at once for all."""
    if not lots:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [holder, HoldingState.HELD, [lot.pk for lot in lots]])
        around = {row[0]: row[1:] for row in cursor.fetchall()}
    found = []
    for lot in lots:
        markets, own, recalled = around[lot.pk]
        found.append(
            LotView(
                code=lot.code,
                number=lot.number,
                material_code=lot.material_code,
                state=lot.state,
                expires_at=lot.expires_at,
                markets=frozenset(markets),
                unit=lot.unit,
                free=lot.on_hand - lot.reserved + own,
                recalled_ancestor=recalled or "",
            )
        )
    return found


def known_values(lot: Lot) -> dict[str, Quantity]:
    """Return what a lot carries into formulas, such as a vector's titre."""
    return {name: Quantity(Decimal(one["value"]), one["unit"]) for name, one in lot.values.items()}


@read("materials.list_reservations", roles=PLANT_ROLES)
def list_reservations_of(lot_id: LotId, *, by: Actor) -> list[Holding]:
    """Return what is kept of a lot and for whom, the slot that ends first before the others."""
    return list_reservations(get_lot(lot_id, by=by))


def list_reservations(lot: Lot) -> list[Holding]:
    """Return what is kept of a lot and for whom, the slot that ends first before the others."""
    return list(Holding.objects.filter(lot=lot, state=HoldingState.HELD).order_by("needed_until_at", "id"))


def list_endangered() -> list[Holding]:
    """Return what is kept of lots that may not be used any more: another lot is needed before the batch is opened."""
    rows = Holding.objects.select_related("lot").defer("lot__certificate").filter(state=HoldingState.HELD)
    return list(rows.exclude(lot__state=LotState.RELEASED).order_by("needed_until_at", "id")[:100])


def list_held(holder: str) -> list[Holding]:
    """Return what is kept for a holder, by lot."""
    return list(Holding.objects.select_related("lot").filter(holder=holder, state=HoldingState.HELD).order_by("lot_id"))


def list_thaws(lot: Lot) -> list[Thaw]:
    """Return the thaws of a lot, newest first."""
    return list(Thaw.objects.filter(lot=lot).order_by("-thawed_at")[:500])


def list_parents(lot: Lot) -> list[Lot]:
    """Return the lots that a lot was made from."""
    return list(Lot.objects.defer("certificate").filter(offspring__child=lot).order_by("material_code", "number"))


def list_made_from(lot: Lot) -> list[Lot]:
    """Return every lot that was made from a lot, directly or through others, found by one recursive query."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [lot.pk])
        found = [row[0] for row in cursor.fetchall()]
    return list(Lot.objects.defer("certificate").filter(pk__in=found).order_by("material_code", "number"))


_BELOW = """
WITH RECURSIVE below (id) AS (
    SELECT child_id FROM materials_lotparentage WHERE parent_id = %s
    UNION SELECT p.child_id FROM below b JOIN materials_lotparentage p ON p.parent_id = b.id)
SELECT id FROM below
"""


def _releasable(material_code: str, market: str, at: datetime) -> QuerySet[Lot]:
    rows = Lot.objects.filter(
        material_code=material_code, state=LotState.RELEASED, expires_at__gt=at, markets__market=market, on_hand__gt=0
    )
    return rows.order_by("expires_at", "code").defer("certificate")


_USABLE = Prepared(_releasable, str, str, datetime)


def list_usable(material_code: str, *, market: str, at: datetime, holder: str) -> list[LotView]:
    """Return the lots with something free that may be used for a market at a time: the holder's own, then by expiry."""
    own = {one.lot.code for one in list_held(holder)} if holder else set()
    found = _views(_USABLE.all(material_code, market, at), holder)
    usable = [one for one in found if one.free > 0 and not one.recalled_ancestor]
    return sorted(usable, key=lambda one: one.code not in own)


def count_doses(definition: Definition, alternative: str, *, at: datetime) -> dict[str, int]:
    """Return for each vector of a definition how many courses the released lots in date on hand are enough for.

    Counted with the most that a course can take; a vector without such a bound is left out.
    """
    found: dict[str, int] = {}
    for material_code, steps in rules.scarce(definition, alternative).items():
        lots = Lot.objects.filter(material_code=material_code, state=LotState.RELEASED, expires_at__gt=at)
        for lot in lots:
            known = known_values(lot)
            needed = rules.to_reserve(
                definition, steps, alternative=alternative, known=known, unit=lot.unit, vial_quantity=lot.vial_quantity
            )
            if needed:
                found[material_code] = found.get(material_code, 0) + int(lot.on_hand // needed)
    return found


def find_thaw(lot: Lot, holder: str) -> Thaw | None:
    """Return the vials of a lot that are thawed for a holder and not used yet, or None."""
    return Thaw.objects.filter(lot=lot, holder=holder, state=ThawState.THAWED).first()


def list_thawed(holder: str, material_code: str) -> list[Thaw]:
    """Return the open thaws of a material for one holder, with their lots, oldest first."""
    rows = Thaw.objects.select_related("lot").filter(holder=holder, state=ThawState.THAWED)
    return list(rows.filter(lot__material_code=material_code).order_by("id"))


DRAWN = (MovementKind.THAW, MovementKind.CONSUMPTION)
"""The movements by which something of a lot went into a batch."""


def list_used_by(lots: Sequence[Lot]) -> list[str]:
    """Return everything that has drawn from any of these lots ("batch:…"), for a recall."""
    found = Movement.objects.filter(lot__in=lots, kind__in=DRAWN).values_list("holder", flat=True).distinct()
    return sorted(found)


def list_reserved_for(lots: Sequence[Lot]) -> list[str]:
    """Return everything that something of these lots is kept for now ("order:…", "batch:…")."""
    found = Holding.objects.filter(lot__in=lots, state=HoldingState.HELD).values_list("holder", flat=True).distinct()
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Doses:
    """For how many batches a lot suffices beside what is reserved of it, and until when it may be used."""

    material_code: str
    number: str
    batches: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Scarce:
    """A lot of what is scarce that may be used for a market, with what is free of it."""

    material_code: str
    steps: tuple[Consume, ...]
    lot: Lot
    free: Decimal


def list_scarce(definition: Definition, alternative: str, *, market: str, at: datetime) -> list[Scarce]:
    """Return the lots of what is scarce that may be used for a market at a time, those that expire first."""
    found: list[Scarce] = []
    for material_code, steps in rules.scarce(definition, alternative).items():
        lots = {one.code: one for one in _USABLE.all(material_code, market, at)}
        usable = list_usable(material_code, market=market, at=at, holder="")
        found += [Scarce(material_code, steps, lots[one.code], one.free) for one in usable]
    return found


def doses_of(
    definition: Definition, alternative: str, lots: Iterable[Scarce], *, given: Mapping[str, Quantity]
) -> list[Doses]:
    """Return for how many batches lots suffice; a step without a bound counts nothing.

    `given` holds the ordered dose and the patient's weight, as formulas name them.
    """
    found = []
    for one in lots:
        needed = rules.to_reserve(
            definition,
            one.steps,
            alternative=alternative,
            known={**given, **known_values(one.lot)},
            unit=one.lot.unit,
            vial_quantity=one.lot.vial_quantity,
        )
        if needed:
            found.append(Doses(one.material_code, one.lot.number, int(one.free // needed), one.lot.expires_at))
    return found
