"""What may be scanned at a step: containers, equipment, workstations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vein2vein.core.refusals import N_, Blocker


def scan_blockers(field: str, text: str | None, expected: str) -> list[Blocker]:
    """Return that a scan is missing, naming what is to be scanned."""
    if text:
        return []
    return [
        Blocker(
            code="manufacturing.scan_missing",
            message=N_("Scan %(expected)s"),
            field=field,
            mend=N_("Scan the barcode; nothing is typed"),
            params={"expected": expected},
        )
    ]


@dataclass(frozen=True, slots=True)
class Bag:
    """A container as the rules see it."""

    code: str
    coi: str
    role: str
    state: str
    disposition: str


def container_blockers(found: Bag, *, coi: str, role: str, expected: Sequence[str]) -> list[Blocker]:
    """Return why a scanned container may not be used: another patient's, another role, used up, or rejected (N1, N5).

    `expected` are the codes of the containers that would be right, and the answer names them.
    """
    right = ", ".join(expected) or role
    if found.coi != coi:
        return [
            Blocker(
                code="manufacturing.wrong_patient",
                message=N_(
                    "STOP: this container belongs to another patient's chain of identity; %(expected)s is expected"
                ),
                field="scanned",
                value=found.code,
                mend=N_("Take it away from the workstation at once and call the supervisor"),
                params={"expected": right},
            )
        ]
    if found.role != role:
        return [
            Blocker(
                code="manufacturing.wrong_container",
                message=N_("This is a %(found)s; %(expected)s is expected"),
                field="scanned",
                value=found.code,
                mend=N_("Scan the container that the step names"),
                params={"found": found.role, "expected": right},
            )
        ]
    if found.state != "active":
        return [
            Blocker(
                code="manufacturing.container_not_active",
                message=N_("This container is %(state)s; %(expected)s is expected"),
                field="scanned",
                value=found.code,
                mend=N_("Scan the container that the step names"),
                params={"state": found.state, "expected": right},
            )
        ]
    if found.disposition == "rejected":
        return [
            Blocker(
                code="manufacturing.container_rejected",
                message=N_("This container was rejected"),
                field="scanned",
                value=found.code,
                mend=N_("Put it aside; it is not processed"),
            )
        ]
    return []


def starting_blockers(found: Bag) -> list[Blocker]:
    """Return why starting material may not be processed: it was not accepted at receipt."""
    if found.disposition in ("accepted", "released"):
        return []
    return [
        Blocker(
            code="manufacturing.material_not_accepted",
            message=N_("This starting material is %(disposition)s: it was not accepted at receipt"),
            field="scanned",
            value=found.code,
            mend=N_("Finish the receipt: seal, identity, temperature, count and viability"),
            params={"disposition": found.disposition},
        )
    ]


def workstation_blockers(operation: str, *, single_patient: bool, cleared: bool) -> list[Blocker]:
    """Return that a single-patient operation has no workstation cleared for this patient (N1)."""
    if cleared or not single_patient:
        return []
    return [
        Blocker(
            code="manufacturing.no_line_clearance",
            message=N_("No workstation is cleared for this patient in the operation %(operation)s"),
            field="step_code",
            value=operation,
            mend=N_("Clear the line and sign for it first"),
            params={"operation": operation},
        )
    ]


def occupied_blockers(workstation: str, holder: str) -> list[Blocker]:
    """Return that a workstation still holds another patient's material (N1)."""
    return [
        Blocker(
            code="manufacturing.workstation_occupied",
            message=N_("Workstation %(workstation)s is occupied by another patient's batch %(holder)s"),
            field="equipment_code",
            value=workstation,
            mend=N_("Use another workstation, or clear that batch out first"),
            params={"workstation": workstation, "holder": holder},
        )
    ]


def pool_blockers(scanned: str, pooled_with: Sequence[str], *, pools: bool) -> list[Blocker]:
    """Return why bags are not put together: the definition does not pool them here, or one was scanned twice."""
    if not pooled_with:
        return []
    if not pools:
        return [
            Blocker(
                code="manufacturing.not_pooled_here",
                message=N_("The definition does not pool bags at this step"),
                field="pooled_with",
                value=", ".join(pooled_with),
                mend=N_("Scan the one bag that the step empties"),
            )
        ]
    if len({scanned, *pooled_with}) == len(pooled_with) + 1:
        return []
    return [
        Blocker(
            code="manufacturing.scanned_twice",
            message=N_("The same bag was scanned twice"),
            field="pooled_with",
            value=", ".join(pooled_with),
            mend=N_("Scan each bag once"),
        )
    ]


def scanned_before_blockers(code: str, seen: Sequence[str]) -> list[Blocker]:
    """Return that one of several containers was scanned twice, so that another was not looked at."""
    if code not in seen:
        return []
    return [
        Blocker(
            code="manufacturing.scanned_twice",
            message=N_("The same bag was scanned twice"),
            field="scanned",
            value=code,
            mend=N_("Scan each bag once"),
        )
    ]
