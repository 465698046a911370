"""From a scan to the thing itself: containers by identity, equipment by the network, lots by materials."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.codes import BadCode, Kind, scan
from vein2vein.engines.definitions.model.process import Clear, Consume, Produce, Sample, Scan, StepBase
from vein2vein.identity.reads import container_scanned
from vein2vein.manufacturing import reads, rules
from vein2vein.manufacturing.actions.situation import find_situation, require_permission
from vein2vein.manufacturing.models import Occupancy
from vein2vein.materials.reads import get_scanned_lot, view
from vein2vein.materials.rules import use_blockers
from vein2vein.network.reads import get_equipment, view_equipment
from vein2vein.network.rules import equipment_blockers

if TYPE_CHECKING:
    from vein2vein.identity.models import Container
    from vein2vein.manufacturing.actions.situation import Situation
    from vein2vein.materials.models import Lot
    from vein2vein.network.models import Equipment


def judge_scan(*, batch_id: BatchId, step_code: str, field: str, text: str, by: Actor) -> None:
    """Refuse what was scanned into a field of a step as recording the step would, and change nothing (N1, N5, N7)."""
    require_permission(by)
    situation = find_situation(reads.get_batch(batch_id, by=by), step_code, by, None, at=clock.now())
    if field in ("scanned", "pooled_with") and container_role(situation.step):
        container_for(situation, text, field)
    elif field == "lot_code":
        lot_for(situation, text)
    elif field == "equipment_code":
        equipment_for(situation, text)


def container_role(step: StepBase) -> str:
    """Return the role of the container that a step asks to be scanned, empty when it asks for none."""
    if isinstance(step, Produce | Sample):
        return step.parent
    return (step.container if isinstance(step, Scan) else step.into if isinstance(step, Consume) else None) or ""


def container_for(situation: Situation, text: str | None, field: str = "scanned") -> Container:
    """Return the container that a step needs, by its scanned label, or refuse."""
    step = situation.step
    found = scanned_container(situation, text, container_role(step), field)
    if isinstance(step, Scan):
        refuse_any(rules.scanned_before_blockers(found.code, _scanned_before(step, situation)))
    return found


def _scanned_before(step: Scan, situation: Situation) -> list[str]:
    """Return which containers of the same role other steps of this operation have scanned: each is scanned once."""
    others = [
        one.id
        for one in situation.operation.steps
        if isinstance(one, Scan) and one.container == step.container and one.id != step.id
    ]
    return reads.scanned_at(situation.batch, others) if others else []


def lot_for(situation: Situation, text: str | None) -> Lot:
    """Return the lot that a step needs, by its scanned label, fit for use in this batch now, or refuse (N7)."""
    material = str(getattr(situation.step, "material", None) or "")
    refuse_any(rules.scan_blockers("lot_code", text, material))
    lot = get_scanned_lot(text or "")
    seen, market = view(lot, f"batch:{situation.batch.pk}"), situation.batch.market
    refuse_any(use_blockers(seen, material_code=material, market=market, at=situation.at, needed=Decimal(0)))
    return lot


def equipment_for(situation: Situation, text: str | None) -> Equipment:
    """Return the equipment that a step needs, by its scanned label; a workstation is free of other patients (N1)."""
    step = situation.step
    found = scanned_equipment(text, str(getattr(step, "equipment_class", None) or ""), situation.at)
    if isinstance(step, Clear):
        for occupancy in standing_at(found):
            if occupancy.coi_id != situation.batch.coi_id:
                refuse_any(rules.occupied_blockers(found.code, occupancy.batch.number))
    return found


def standing_at(station: Equipment) -> list[Occupancy]:
    """Return who stands at a workstation now."""
    return list(Occupancy.objects.select_related("batch").filter(workstation=station, during__endswith__isnull=True))


def scanned_container(situation: Situation, text: str | None, role: str, field: str = "scanned") -> Container:
    """Return the active container of `role` on the batch's chain whose label was scanned, or refuse (N1, N2, N5)."""
    expected = reads.expected_containers(situation.batch, role)
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
