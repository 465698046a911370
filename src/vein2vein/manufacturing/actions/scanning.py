"""From a scan to the thing itself: containers by identity, equipment by the network, lots by materials."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.codes import BadCode, Kind, scan
from vein2vein.identity.reads import container_scanned
from vein2vein.manufacturing import rules
from vein2vein.network.reads import get_equipment, view_equipment
from vein2vein.network.rules import equipment_blockers

if TYPE_CHECKING:
    from vein2vein.identity.models import Container
    from vein2vein.manufacturing.actions.situation import Situation
    from vein2vein.network.models import Equipment


def scanned_container(situation: Situation, text: str | None, role: str, field: str = "scanned") -> Container:
    """Return the active container of `role` on the batch's chain whose label was scanned, or refuse (N1, N2, N5)."""
    expected = expected_codes(situation, role)
    refuse_any(rules.scan_blockers(field, text, ", ".join(expected) or role))
    container = container_scanned(text or "", field)
    bag = rules.Bag(
        code=container.code,
        coi=str(container.coi_id),
        role=container.role,
        state=container.state,
        disposition=container.disposition,
    )
    refuse_any(rules.container_blockers(bag, coi=str(situation.batch.coi_id), role=role, expected=expected))
    known = situation.definition.process.container(role)
    if known is not None and known.starting:
        refuse_any(rules.starting_blockers(bag))
    return container


def expected_codes(situation: Situation, role: str) -> list[str]:
    """Return the codes of the containers that would be right to scan."""
    return [
        one.code
        for one in situation.batch.coi.containers.order_by("id")
        if one.role == role and one.state == "active" and one.disposition != "rejected"
    ]


def scanned_equipment(text: str | None, needed_class: str, at: datetime) -> Equipment:
    """Return the piece of equipment of a class whose label was scanned, fit for use at `at`, or refuse."""
    refuse_any(rules.scan_blockers("equipment_code", text, needed_class))
    try:
        found = scan(text or "", "equipment_code")
    except BadCode as error:
        raise Refused(error.blocker()) from error
    if found.kind not in (Kind.EQUIPMENT, Kind.WORKSTATION):
        raise Refused(
            Blocker(
                code="manufacturing.not_equipment",
                message=N_("This is not a piece of equipment; a %(needed)s is needed"),
                field="equipment_code",
                value=found.raw,
                mend=N_("Scan the label on the equipment"),
                params={"needed": needed_class},
            )
        )
    equipment = get_equipment(serial_of(found.value))
    refuse_any(equipment_blockers(view_equipment(equipment), at, equipment_class=needed_class))
    return equipment


def serial_of(code: str) -> str:
    """Return what stands between prefix and check character of one of our own codes."""
    return code.partition("-")[2].rpartition("-")[0]
