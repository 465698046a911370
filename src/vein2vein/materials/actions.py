"""The only writers of lots and their ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.facts import Fact
from vein2vein.core.ids import LotId
from vein2vein.core.refusals import N_, Blocker, Conflict, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind, issue, make
from vein2vein.engines.definitions.values import Quantity, parse_quantity
from vein2vein.materials import facts, rules
from vein2vein.materials.models import Holding, Lot, LotMarket, Movement, Thaw
from vein2vein.materials.reads import find_thaw, get_lot, get_scanned_lot, list_usable, list_used_by, view
from vein2vein.materials.states import HoldingState, MovementKind
from vein2vein.network.reads import get_site

DEMONSTRATION = Path(__file__).with_name("demonstration.yaml")
RELEASERS = (Role.QA_REVIEWER, Role.QUALIFIED_PERSON)

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


def _stream(lot: Lot) -> str:
    return f"lot:{lot.pk}"


def _lot_locked(lot_id: LotId, by: Actor) -> Lot:
    get_lot(lot_id, by=by)
    return Lot.objects.select_for_update().get(pk=lot_id)


@dataclass(frozen=True, slots=True)
class _Change:
    """What a deed does to a lot: its ledger row and the lot's new sums, to be written with a fact."""

    movement: Movement
    change: tuple[Lot, dict[str, Any]]


def _move(
    lot: Lot,
    kind: MovementKind,
    *,
    quantity: Decimal = Decimal(0),
    reserved: Decimal = Decimal(0),
    used: Decimal = Decimal(0),
    holder: str = "",
    market: str = "",
) -> _Change:
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
        moved_at=journal.current().at,
    )
    return _Change(movement, (lot, {"on_hand": on_hand, "reserved": kept}))


def _lot_values(lines: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the values that a lot carries, from lines such as `vector_titre = 2.5e8 TU/mL`."""
    found = {}
    for line in lines:
        name, _, text = line.partition("=")
        try:
            value = parse_quantity(text)
        except ValueError:
            raise Refused(
                Blocker(
                    code="materials.lot_value_unreadable",
                    message=N_("This is not a lot value"),
                    field="lot_values",
                    value=line,
                    mend=N_("Write a name, =, a number and its unit, such as vector_titre = 2.5e8 TU/mL"),
                )
            ) from None
        found[name.strip()] = {"value": format(value.magnitude, "f"), "unit": value.unit}
    return found


@journal.action("materials.receive_lot", roles=[Role.WAREHOUSE, Role.SUPERVISOR])
def receive_lot(
    *,
    material_code: str,
    number: str,
    supplier: str,
    quantity: Decimal,
    unit: str,
    vial_quantity: Decimal,
    expires_at: datetime,
    site_code: str,
    certificate: Upload,
    lot_values: list[str] | None = None,
    by: Actor,
) -> Lot:
    """Put a delivery with its certificate into quarantine; a line of `lot_values` reads `vector_titre = 2e8 TU/mL`."""
    at = journal.current().at
    refuse_any(
        rules.receipt_blockers(
            number=number,
            quantity=quantity,
            vial_quantity=vial_quantity,
            expires_at=expires_at,
            at=at,
            certificate_size=len(certificate.content),
        )
        or rules.quantity_blockers(quantity, unit, unit)
    )
    return _receive(
        code=issue(Kind.LOT),
        material_code=material_code,
        number=number,
        supplier=supplier,
        quantity=quantity,
        unit=unit,
        vial_quantity=vial_quantity,
        expires_at=expires_at,
        site_id=get_site(site_code).pk,
        certificate=certificate,
        values=_lot_values(lot_values or []),
    )


def _receive(*, code: str, quantity: Decimal, certificate: Upload, **columns: Any) -> Lot:
    lot = Lot(
        code=code,
        received_at=journal.current().at,
        certificate_filename=certificate.filename,
        certificate_sha256=certificate.sha256,
        certificate=certificate.content,
        **columns,
    )
    moved = _move(lot, MovementKind.RECEIPT, quantity=quantity)
    lot.on_hand = quantity
    journal.record(
        facts.LotReceived(
            lot_id=lot.pk,
            lot_code=lot.code,
            number=lot.number,
            material_code=lot.material_code,
            quantity=quantity,
            unit=lot.unit,
            expires_at=lot.expires_at,
            certificate_sha256=lot.certificate_sha256,
            supplier=lot.supplier,
        ),
        stream=_stream(lot),
        refs=[f"site:{lot.site_id}"],
        inserts=[lot, moved.movement],
    )
    return lot


def _release(lot: Lot, markets: Sequence[str], reason: str) -> None:
    chosen = sorted(set(markets))
    journal.transition(
        lot,
        "release",
        facts.LotReleased(
            lot_id=lot.pk, number=lot.number, material_code=lot.material_code, markets=chosen, reason=reason
        ),
        stream=_stream(lot),
        inserts=[LotMarket(lot=lot, market=market, released_at=journal.current().at) for market in chosen],
    )


@journal.action("materials.release_lot", roles=RELEASERS, signed=N_("lot released"))
def release_lot(*, lot_id: LotId, markets: list[str], reason: str = "", by: Actor) -> Lot:
    """Release a quarantined lot for use in the markets named (CN, HK, SG …)."""
    lot = _lot_locked(lot_id, by)
    if not markets or not all(market.strip() for market in markets):
        raise Refused(
            Blocker(
                code="materials.no_market",
                message=N_("A lot is released for at least one market"),
                field="markets",
                mend=N_("Name the markets whose files the lot agrees with"),
            )
        )
    if lot.expires_at <= journal.current().at:
        raise Refused(
            Blocker(
                code="materials.expired",
                message=N_("The lot has already expired"),
                field="lot_id",
                value=lot.number,
                mend=N_("Reject it"),
            )
        )
    _release(lot, [market.strip() for market in markets], reason)
    return lot


@journal.action("materials.release_lot_to_market", roles=RELEASERS, signed=N_("lot released"))
def release_lot_to_market(*, lot_id: LotId, market: str, by: Actor) -> Lot:
    """Release a released lot for one more market."""
    lot = _lot_locked(lot_id, by)
    if lot.state != "released":
        raise Conflict(
            Blocker(
                code="materials.not_released",
                message=N_("Lot %(number)s is %(state)s: only released lots are used"),
                field="lot_id",
                value=lot.number,
                mend=N_("Release the lot first"),
                params={"number": lot.number, "state": lot.state},
            )
        )
    journal.record(
        facts.LotReleasedToMarket(lot_id=lot.pk, number=lot.number, material_code=lot.material_code, market=market),
        stream=_stream(lot),
        inserts=[LotMarket(lot=lot, market=market, released_at=journal.current().at)],
    )
    return lot


@journal.action("materials.reject_lot", roles=RELEASERS, signed=N_("lot rejected"))
def reject_lot(*, lot_id: LotId, reason: str, by: Actor) -> Lot:
    """Reject (拒收) a quarantined lot."""
    refuse_any(rules.reason_blockers(reason))
    lot = _lot_locked(lot_id, by)
    fact = facts.LotRejected(lot_id=lot.pk, number=lot.number, material_code=lot.material_code, reason=reason)
    journal.transition(lot, "reject", fact, stream=_stream(lot))
    return lot


@journal.action("materials.recall_lot", roles=RELEASERS, signed=N_("lot recalled"))
def recall_lot(*, lot_id: LotId, reason: str, by: Actor) -> Lot:
    """Call a lot back: nothing more is drawn from it, and everything that drew from it is named."""
    refuse_any(rules.reason_blockers(reason))
    lot = _lot_locked(lot_id, by)
    used_by = list_used_by(lot)
    fact = facts.LotRecalled(
        lot_id=lot.pk, number=lot.number, material_code=lot.material_code, reason=reason, used_by=used_by
    )
    journal.transition(lot, "recall", fact, stream=_stream(lot), refs=used_by)
    return lot


@journal.action(
    "materials.adjust_lot", roles=[Role.WAREHOUSE, Role.SUPERVISOR], witnessed=N_("counted by a second person")
)
def adjust_lot(*, lot_id: LotId, counted: Decimal, reason: str, by: Actor, witness: Actor) -> Lot:
    """Bring the ledger to what two people counted, in the lot's unit."""
    lot = _lot_locked(lot_id, by)
    refuse_any(rules.reason_blockers(reason))
    difference = counted - lot.on_hand
    if not difference:
        raise Refused(
            Blocker(
                code="materials.nothing_to_adjust",
                message=N_("The ledger already says so"),
                field="counted",
                value=str(counted),
                mend=N_("Nothing is to be done"),
            )
        )
    moved = _move(lot, MovementKind.ADJUSTMENT, quantity=difference)
    journal.record(
        facts.LotAdjusted(
            lot_id=lot.pk,
            number=lot.number,
            material_code=lot.material_code,
            quantity=difference,
            unit=lot.unit,
            reason=reason,
        ),
        stream=_stream(lot),
        refs=[f"account:{witness.account_id}"],
        inserts=[moved.movement],
        changes=[moved.change],
    )
    return lot


@journal.action("materials.reserve_lot")
def reserve_lot(
    *, material_code: str, quantity: Decimal, unit: str, market: str, holder: str, until: datetime, by: Actor
) -> Holding:
    """Keep a quantity of the usable lot that expires first, but not before `until`, for a holder ("order:…")."""
    options = list_usable(material_code, market=market, at=until, holder="")
    for option in options:
        lot = get_scanned_lot(option.code, lock=True)
        needed = Quantity(quantity, unit).to(lot.unit).magnitude
        seen = view(lot, "")
        if rules.use_blockers(seen, material_code=material_code, market=market, at=until, needed=needed):
            continue
        return _reserve(lot, needed, holder)
    raise Refused(
        Blocker(
            code="materials.none_to_reserve",
            message=N_("No released lot of %(material)s for market %(market)s has %(quantity)s %(unit)s free"),
            field="material_code",
            value=material_code,
            mend=N_("Release another lot for this market"),
            params={"material": material_code, "market": market, "quantity": str(quantity), "unit": unit},
        )
    )


def _reserve(lot: Lot, quantity: Decimal, holder: str) -> Holding:
    moved = _move(lot, MovementKind.RESERVATION, reserved=quantity, holder=holder)
    holding = Holding(lot=lot, holder=holder, quantity=quantity)
    journal.record(
        facts.LotReserved(
            lot_id=lot.pk,
            holding_id=holding.pk,
            number=lot.number,
            material_code=lot.material_code,
            quantity=quantity,
            unit=lot.unit,
            holder=holder,
        ),
        stream=_stream(lot),
        refs=[holder],
        inserts=[holding, moved.movement],
        changes=[moved.change],
    )
    return holding


@journal.action("materials.release_reservation")
def release_reservation(*, holding_id: Any, by: Actor) -> Holding:
    """Free what was kept for a holder."""
    holding = Holding.objects.get(pk=holding_id)
    lot = Lot.objects.select_for_update().get(pk=holding.lot_id)
    holding.refresh_from_db()
    kept = holding.quantity if holding.state == HoldingState.HELD else Decimal(0)
    moved = _move(lot, MovementKind.RELEASE_OF_RESERVATION, reserved=-kept, holder=holding.holder)
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
        stream=_stream(lot),
        refs=[holding.holder],
        inserts=[moved.movement],
        changes=[moved.change],
    )
    return holding


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
    journal.transition(holding, "use", fact, stream=_stream(lot), refs=[holder])
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
    moved = _move(lot, MovementKind.THAW, quantity=-taken, reserved=-spent, holder=holder, market=market)
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
        stream=_stream(lot),
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
        raise Refused(
            rules.thaw_blockers(
                view(lot, holder),
                thawed_at=None,
                vials_thawed=0,
                vials_needed=0,
                at=journal.current().at,
                thaw_to_use=None,
            )
        )
    moved = _move(lot, MovementKind.DISCARD, holder=holder)
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
        stream=_stream(lot),
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
    moved = _move(
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
        stream=_stream(lot),
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
    thaw = find_thaw(lot, holder)
    refuse_any(
        rules.use_blockers(seen, material_code=material_code, market=market, at=at, needed=Decimal(0))
        or rules.thaw_blockers(
            seen,
            thawed_at=None if thaw is None else thaw.thawed_at,
            vials_thawed=0 if thaw is None else thaw.vials,
            vials_needed=rules.whole_vials(needed, lot.vial_quantity),
            at=at,
            thaw_to_use=thaw_to_use,
        )
    )
    moved = _move(lot, MovementKind.CONSUMPTION, used=needed, holder=holder, market=market)
    journal.transition(
        thaw,  # type: ignore[arg-type]
        "use",
        _consumed(lot, moved.movement, needed, Decimal(0)),
        stream=_stream(lot),
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


@journal.action("materials.load_demonstration")
def load_demonstration(*, by: Actor) -> int:
    """Receive and release the demonstration lots (`demonstration.yaml`); return how many."""
    at = journal.current().at
    listed = yaml.safe_load(DEMONSTRATION.read_text(encoding="utf-8"))
    for item in listed["lots"]:
        lot = _receive(
            code=make(Kind.LOT, item["number"]),
            material_code=item["material"],
            number=item["number"],
            supplier=listed["supplier"],
            quantity=Decimal(str(item["quantity"])),
            unit=item["unit"],
            vial_quantity=Decimal(str(item["vial_quantity"])),
            expires_at=at + timedelta(days=item["expires_in_d"]),
            site_id=get_site(listed["site"]).pk,
            certificate=Upload(f"{item['number']}.txt", f"{listed['certificate']}\n{item['number']}\n".encode()),
            values=_lot_values(item.get("values", [])),
        )
        if item.get("markets"):
            _release(lot, item["markets"], listed["certificate"])
    return len(listed["lots"])
