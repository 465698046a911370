"""Who stands where in the plant: every room's equipment, and the patient that occupies a workstation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vein2vein.core.actor import Actor
from vein2vein.doors.reading import read
from vein2vein.manufacturing.models import BatchOperation, Occupancy
from vein2vein.manufacturing.reads.standing import PLANT_ROLES
from vein2vein.manufacturing.states import OperationState


@dataclass(frozen=True, slots=True)
class Occupant:
    """The chain of identity that holds a workstation, from line clearance to clear-out."""

    workstation_id: UUID
    workstation_code: str
    batch_id: UUID
    batch_number: str
    coi: str
    operation_code: str
    since: datetime


@read("manufacturing.list_occupants", roles=PLANT_ROLES)
def list_occupants(*, site: str, by: Actor) -> list[Occupant]:
    """Return the workstations of a site that a patient's material occupies now, by code."""
    del by  # the plant's roles see the whole plant
    held = Occupancy.objects.select_related("workstation", "batch", "coi").filter(
        workstation__site__code=site, during__endswith__isnull=True
    )
    running = {
        (one.batch_id, one.workstation_id): one.code
        for one in BatchOperation.objects.filter(state=OperationState.OPEN, batch__in=[one.batch_id for one in held])
    }
    return [
        Occupant(
            workstation_id=one.workstation_id,
            workstation_code=one.workstation.code,
            batch_id=one.batch_id,
            batch_number=one.batch.number,
            coi=one.coi.code,
            operation_code=running.get((one.batch_id, one.workstation_id), ""),
            since=one.during.lower,
        )
        for one in held.order_by("workstation__code")
    ]
