"""Lots received, released, rejected, recalled and counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import LotId
from vein2vein.core.refusals import N_, Blocker, Conflict, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind, issue, make
from vein2vein.engines.definitions.values import parse_quantity
from vein2vein.materials import facts, rules
from vein2vein.materials.actions.ledger import locked_lot, moved_by, stream_of
from vein2vein.materials.models import Lot, LotMarket, LotParentage
from vein2vein.materials.reads import (
    get_scanned_lot,
    list_made_from,
    list_parents,
    list_reserved_for,
    list_used_by,
)
from vein2vein.materials.states import LotKind, MovementKind
from vein2vein.network.reads import get_site
from vein2vein.therapies.reads import find_material

DEMONSTRATION = Path(__file__).parents[1] / "demonstration.yaml"


RELEASERS = (Role.QA_REVIEWER, Role.QUALIFIED_PERSON)


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
    kind: LotKind | None = None,
    made_from: list[str] | None = None,
    lot_values: list[str] | None = None,
    by: Actor,
) -> Lot:
    """Put a delivery with its certificate into quarantine; a line of `lot_values` reads `vector_titre = 2e8 TU/mL`.

    `kind` is what the definitions say of the material where it is not given; `made_from` are the scanned codes of
    the lots that it was made from (a vector's plasmids).
    """
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
    known = find_material(material_code)
    return _receive(
        code=issue(Kind.LOT),
        kind=kind or LotKind(known.kind.value if known is not None else LotKind.REAGENT),
        parents=[get_scanned_lot(code) for code in made_from or []],
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


def _receive(*, code: str, quantity: Decimal, certificate: Upload, parents: Sequence[Lot] = (), **columns: Any) -> Lot:
    lot = Lot(
        code=code,
        received_at=journal.current().at,
        certificate_filename=certificate.filename,
        certificate_sha256=certificate.sha256,
        certificate=certificate.content,
        **columns,
    )
    moved = moved_by(lot, MovementKind.RECEIPT, quantity=quantity)
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
            kind=lot.kind or "",
            made_from=tuple(one.number for one in parents),
        ),
        stream=stream_of(lot),
        refs=[f"site:{lot.site_id}", *(stream_of(one) for one in parents)],
        inserts=[lot, *(LotParentage(child=lot, parent=one) for one in parents), moved.movement],
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
        stream=stream_of(lot),
        inserts=[LotMarket(lot=lot, market=market, released_at=journal.current().at) for market in chosen],
    )


@journal.action("materials.release_lot", roles=RELEASERS, signed=N_("lot released"))
def release_lot(*, lot_id: LotId, markets: list[str], reason: str = "", by: Actor) -> Lot:
    """Release a quarantined lot for use in the markets named (CN, HK, SG …)."""
    lot = locked_lot(lot_id, by)
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
    refuse_any(rules.parents_blockers([(one.number, one.state) for one in list_parents(lot)]))
    _release(lot, [market.strip() for market in markets], reason)
    return lot


@journal.action("materials.release_lot_to_market", roles=RELEASERS, signed=N_("lot released"))
def release_lot_to_market(*, lot_id: LotId, market: str, by: Actor) -> Lot:
    """Release a released lot for one more market."""
    lot = locked_lot(lot_id, by)
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
        stream=stream_of(lot),
        inserts=[LotMarket(lot=lot, market=market, released_at=journal.current().at)],
    )
    return lot


@journal.action("materials.reject_lot", roles=RELEASERS, signed=N_("lot rejected"))
def reject_lot(*, lot_id: LotId, reason: str, by: Actor) -> Lot:
    """Reject (拒收) a quarantined lot."""
    refuse_any(rules.reason_blockers(reason))
    lot = locked_lot(lot_id, by)
    fact = facts.LotRejected(lot_id=lot.pk, number=lot.number, material_code=lot.material_code, reason=reason)
    journal.transition(lot, "reject", fact, stream=stream_of(lot))
    return lot


@journal.action("materials.recall_lot", roles=RELEASERS, signed=N_("lot recalled"))
def recall_lot(*, lot_id: LotId, reason: str, by: Actor) -> Lot:
    """Call a lot back: nothing more is drawn from it or from what was made of it; all that it touched is named."""
    refuse_any(rules.reason_blockers(reason))
    lot = locked_lot(lot_id, by)
    made = list_made_from(lot)
    used_by, reserved_for = list_used_by([lot, *made]), list_reserved_for([lot, *made])
    fact = facts.LotRecalled(
        lot_id=lot.pk,
        number=lot.number,
        material_code=lot.material_code,
        reason=reason,
        used_by=used_by,
        reserved_for=tuple(reserved_for),
        made_into=tuple(one.number for one in made),
    )
    refs = [*used_by, *reserved_for, *(stream_of(one) for one in made)]
    journal.transition(lot, "recall", fact, stream=stream_of(lot), refs=refs)
    return lot


@journal.action(
    "materials.adjust_lot", roles=[Role.WAREHOUSE, Role.SUPERVISOR], witnessed=N_("counted by a second person")
)
def adjust_lot(*, lot_id: LotId, counted: Decimal, reason: str, by: Actor, witness: Actor) -> Lot:
    """Bring the ledger to what two people counted, in the lot's unit."""
    lot = locked_lot(lot_id, by)
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
    moved = moved_by(lot, MovementKind.ADJUSTMENT, quantity=difference)
    journal.record(
        facts.LotAdjusted(
            lot_id=lot.pk,
            number=lot.number,
            material_code=lot.material_code,
            quantity=difference,
            unit=lot.unit,
            reason=reason,
        ),
        stream=stream_of(lot),
        refs=[f"account:{witness.account_id}"],
        inserts=[moved.movement],
        changes=[moved.change],
    )
    return lot


@journal.action("materials.load_demonstration")
def load_demonstration(*, by: Actor) -> int:
    """Receive and release the demonstration lots (`demonstration.yaml`); return how many."""
    at = journal.current().at
    listed = yaml.safe_load(DEMONSTRATION.read_text(encoding="utf-8"))
    for item in listed["lots"]:
        lot = _receive(
            code=make(Kind.LOT, item["number"]),
            kind=LotKind(item["kind"]),
            parents=[get_scanned_lot(make(Kind.LOT, number)) for number in item.get("made_from", [])],
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
