"""What stands in the way of packing and dispatching: what is in the shipping container, and whether it may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from vein2vein.core.refusals import N_, Blocker
from vein2vein.logistics.states import ShipmentKind


@dataclass(frozen=True, slots=True)
class Packed:
    """A container as it is put into a shipment, or taken out."""

    container_id: UUID
    code: str
    coi_id: UUID
    kind: str
    state: str
    disposition: str
    expires_at: datetime | None = None
    volume_ml: Decimal | None = None


def contents_blockers(
    scanned: Sequence[Packed], expected: Mapping[UUID, str], coi_id: UUID, *, field: str = "scanned_containers"
) -> list[Blocker]:
    """Return why what was scanned is not exactly what belongs in: each of this COI, none missing, none twice."""
    found = []
    for one in scanned:
        if one.coi_id != coi_id:
            found.append(
                Blocker(
                    "logistics.another_chain",
                    N_("Container %(container)s is on another chain of identity"),
                    field=field,
                    value=one.code,
                    mend=N_("Stop: put it back, keep both apart, and call the supervisor"),
                    params={"container": one.code},
                )
            )
        elif one.container_id not in expected:
            found.append(
                Blocker(
                    "logistics.not_in_shipment",
                    N_("Container %(container)s does not belong in this shipment"),
                    field=field,
                    value=one.code,
                    mend=N_("Put it back where it was"),
                    params={"container": one.code},
                )
            )
    ids = [one.container_id for one in scanned]
    if len(ids) != len(set(ids)):
        found.append(
            Blocker(
                "logistics.scanned_twice",
                N_("A container was scanned twice"),
                field=field,
                mend=N_("Scan each container once"),
            )
        )
    found += [
        Blocker(
            "logistics.container_missing",
            N_("Container %(container)s was not scanned"),
            field=field,
            value=code,
            mend=N_("Look for it and scan it; nothing goes on without it"),
            params={"container": code},
        )
        for container_id, code in expected.items()
        if container_id not in ids
    ]
    if not expected:
        found.append(
            Blocker(
                "logistics.nothing_to_ship",
                N_("There is nothing to ship yet"),
                field=field,
                mend=N_("Record the collection, or wait for the release"),
            )
        )
    return found


def scanned_one_blockers(scanned: Sequence[Packed], expected: Mapping[UUID, str], coi_id: UUID) -> list[Blocker]:
    """Return why one scanned container is not one of a shipment's."""
    one = {found.container_id: found.code for found in scanned if found.container_id in expected}
    return contents_blockers(scanned, one or expected, coi_id, field="scanned_container")


def dispatch_blockers(
    kind: ShipmentKind, contents: Sequence[Packed], *, rfi_number: str, at: datetime
) -> list[Blocker]:
    """Return why contents may not leave: product only released, in date, with its release for infusion (N6)."""
    found = []
    for one in contents:
        if one.state != "active":
            found.append(_contents("logistics.not_intact", N_("Container %(container)s is %(state)s"), one))
        if kind is ShipmentKind.RETURN and one.disposition != "quarantined":
            message = N_("Container %(container)s is %(disposition)s: only quarantined product is returned")
            found.append(_contents("logistics.not_returned", message, one))
        if one.disposition == "rejected":
            found.append(_contents("logistics.rejected", N_("Container %(container)s was rejected"), one))
        elif kind is ShipmentKind.PRODUCT and one.disposition != "released":
            message = N_("Container %(container)s is %(disposition)s: only released product leaves")
            found.append(_contents("logistics.not_released", message, one))
        if kind is not ShipmentKind.RETURN and one.expires_at is not None and one.expires_at <= at:
            found.append(_contents("logistics.expired", N_("Container %(container)s is past its expiry"), one))
    if kind is ShipmentKind.PRODUCT and not rfi_number:
        found.append(
            Blocker(
                "logistics.no_rfi",
                N_("There is no release for infusion (RFI) for this order"),
                field="order",
                mend=N_("Wait for the disposition by the qualified person"),
            )
        )
    return found


def _contents(code: str, message: str, one: Packed) -> Blocker:
    return Blocker(
        code,
        message,
        field="scanned_containers",
        value=one.code,
        mend=N_("Leave it in its store and call QA"),
        params={"container": one.code, "state": one.state, "disposition": one.disposition},
    )


def scan_blockers(scanned: str, expected: str, field: str) -> list[Blocker]:
    """Return why what was scanned is not the thing that belongs to this shipment."""
    if scanned == expected:
        return []
    return [
        Blocker(
            "logistics.wrong_thing",
            N_("%(scanned)s was scanned, and %(expected)s belongs to this shipment"),
            field=field,
            value=scanned,
            mend=N_("Take the one that was planned, or plan the shipment anew"),
            params={"scanned": scanned, "expected": expected},
        )
    ]
