"""What a code stands for: a scanned code of ours, or the number, user name or equipment code that people know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.engines.codes import BadCode, scan
from vein2vein.engines.codes import Kind as Code
from vein2vein.manufacturing.reads import PLANT_ROLES
from vein2vein.tracing.reads.asking import rows
from vein2vein.tracing.states import Kind

__all__ = ["PLANT_ROLES", "Subject", "find_subject", "get_subject", "seen", "unknown"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is traced: its kind, id, the code people know it by, what it is, and its state where it has one."""

    kind: Kind
    id: UUID
    code: str
    name: str = ""
    state: str = ""


_BY_CODE: Mapping[Kind, str] = {
    Kind.LOT: "SELECT id, number AS code, material_code AS name, state FROM materials_lot WHERE {}",
    Kind.COI: "SELECT id, code, therapy_code AS name, state FROM identity_chain WHERE {}",
    Kind.ORDER: "SELECT id, code, therapy_code AS name, state FROM orders_order WHERE {}",
    Kind.BATCH: "SELECT id, number AS code, '' AS name, state FROM manufacturing_batch WHERE {}",
    Kind.CONTAINER: "SELECT id, code, role AS name, state FROM identity_container WHERE {}",
    Kind.EQUIPMENT: "SELECT id, code, equipment_class AS name, state FROM network_equipment WHERE {}",
    Kind.ACCOUNT: "SELECT id, username AS code, name, state FROM people_account WHERE {}",
    Kind.SHIPMENT: "SELECT id, code, kind AS name, state FROM logistics_shipment WHERE {}",
}

_KNOWN_AS: Mapping[Kind, str] = {
    Kind.LOT: "code = %(code)s OR number = %(code)s",
    Kind.COI: "code = %(code)s",
    Kind.ORDER: "code = %(code)s",
    Kind.BATCH: "number = %(code)s",
    Kind.CONTAINER: "code = %(code)s OR id = (SELECT container_id FROM identity_label WHERE code = %(code)s)",
    Kind.EQUIPMENT: "code = %(code)s OR serial = %(code)s",
    Kind.ACCOUNT: "username = %(code)s OR badge_code = %(code)s",
    Kind.SHIPMENT: "code = %(code)s OR sscc = %(code)s",
}

_SCANNED: Mapping[Code, Kind] = {
    Code.LOT: Kind.LOT,
    Code.COI: Kind.COI,
    Code.ORDER: Kind.ORDER,
    Code.BATCH: Kind.BATCH,
    Code.LABEL: Kind.CONTAINER,
    Code.CONTAINER: Kind.CONTAINER,
    Code.SAMPLE: Kind.CONTAINER,
    Code.BADGE: Kind.ACCOUNT,
    Code.SHIPMENT: Kind.SHIPMENT,
    Code.SSCC: Kind.SHIPMENT,
}


def find_subject(code: str) -> Subject | None:
    """Return what a code stands for, or None: our own codes as scanned or typed, others as they are known."""
    text = code.strip()[:200]
    try:
        scanned = scan(text)
        kinds: tuple[Kind, ...] = (_SCANNED[scanned.kind],) if scanned.kind in _SCANNED else tuple(Kind)
        tries = [scanned.value, text]
        if scanned.kind is Code.EQUIPMENT:  # equipment is known by what its code carries
            kinds, tries = (Kind.EQUIPMENT,), [scanned.value.partition("-")[2].rpartition("-")[0], scanned.value]
    except BadCode:
        kinds, tries = tuple(Kind), [text]
    statement = " UNION ALL ".join(
        f"SELECT '{kind.value}' AS kind, {place} AS place, one.* FROM ({_BY_CODE[kind].format(_KNOWN_AS[kind])}) AS one"  # noqa: S608 - fixed texts
        for place, kind in enumerate(kinds)
    )
    for text in tries:
        found = rows(f"{statement} ORDER BY place, code LIMIT 1", {"code": text})
        if found:
            row = found[0]
            return Subject(Kind(row["kind"]), row["id"], row["code"], row["name"], row["state"])
    return None


def get_subject(kind: Kind, subject_id: UUID, *, by: Actor) -> Subject:
    """Return a subject by its kind and id, or raise `NotFound`."""
    found = rows(_BY_CODE[kind].format("id = %(id)s"), {"id": subject_id})
    if not found:
        raise unknown(str(subject_id))
    return seen(Subject(kind, **found[0]), by)


def unknown(code: str) -> NotFound:
    """Return the refusal of a code that stands for nothing here."""
    return NotFound(
        Blocker(
            code="tracing.unknown",
            message=N_("Nothing here has this code"),
            field="code",
            value=code[:80],
            mend=N_("Scan it, or give a lot number, a chain of identity, a batch, an equipment code or a user name"),
        )
    )


def seen(subject: Subject, by: Actor) -> Subject:
    """Return a subject that the base's staff may trace; hospitals trace through their own patients' timelines."""
    if by.sites is not None:
        raise unknown(subject.code)
    return subject
