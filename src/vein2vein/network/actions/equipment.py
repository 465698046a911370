"""Equipment: out of service and back, calibration and requalification."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import EquipmentId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.network import facts, reads, rules
from vein2vein.network.models import Equipment

EQUIPMENT_KEEPERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.WAREHOUSE, Role.QC_ANALYST, Role.QC_REVIEWER})


@journal.action("network.take_equipment_out_of_service", roles=EQUIPMENT_KEEPERS | {Role.QA_REVIEWER})
def take_equipment_out_of_service(*, equipment_id: EquipmentId, reason: str, by: Actor) -> Equipment:
    """Take a piece of equipment out of service at once; whoever keeps equipment may."""
    equipment = reads.get_equipment_by_id(equipment_id)
    refuse_any(_reason_blockers(reason))
    journal.transition(
        equipment,
        "take_out",
        facts.EquipmentTakenOutOfService(equipment_id=equipment.pk, code=equipment.code, reason=reason),
        stream=f"equipment:{equipment.pk}",
        refs=[f"site:{equipment.site_id}"],
    )
    return equipment


@journal.action(
    "network.return_equipment_to_service", roles={Role.SUPERVISOR, Role.QA_REVIEWER}, signed=N_("fit for use")
)
def return_equipment_to_service(*, equipment_id: EquipmentId, reason: str, by: Actor) -> Equipment:
    """Return a piece of equipment to service, signed as fit for use; not while calibration or qualification is due."""
    equipment = reads.get_equipment_by_id(equipment_id)
    due = rules.equipment_blockers(reads.view_equipment(equipment), clock.now())
    refuse_any(_reason_blockers(reason) + [one for one in due if one.code != "network.equipment_out_of_service"])
    journal.transition(
        equipment,
        "return",
        facts.EquipmentReturnedToService(equipment_id=equipment.pk, code=equipment.code, reason=reason),
        stream=f"equipment:{equipment.pk}",
        refs=[f"site:{equipment.site_id}"],
    )
    return equipment


@journal.action("network.record_calibration", roles=EQUIPMENT_KEEPERS)
def record_calibration(
    *,
    equipment_id: EquipmentId,
    certificate: str,
    calibration_due_on: date | None = None,
    requalification_due_on: date | None = None,
    hold_time_h: Decimal | None = None,
    by: Actor,
) -> Equipment:
    """Record a calibration or requalification by its certificate: next due days, a shipper's hold time in h."""
    equipment = reads.get_equipment_by_id(equipment_id)
    refuse_any(_calibration_blockers(certificate, calibration_due_on, requalification_due_on, hold_time_h))
    columns: dict[str, object] = {
        "calibration_due_on": calibration_due_on,
        "requalification_due_on": requalification_due_on,
        "hold_time_h": hold_time_h,
    }
    given = {name: value for name, value in columns.items() if value is not None}
    journal.record(
        facts.CalibrationRecorded(
            equipment_id=equipment.pk,
            code=equipment.code,
            certificate=certificate,
            calibration_due_on=calibration_due_on,
            requalification_due_on=requalification_due_on,
            hold_time_h=hold_time_h,
        ),
        stream=f"equipment:{equipment.pk}",
        refs=[f"site:{equipment.site_id}"],
        changes=[(equipment, given)],
    )
    return equipment


@journal.action("network.demand_requalification")
def demand_requalification(*, equipment_id: EquipmentId, reason: str, by: Actor) -> Equipment:
    """Make a shipper's requalification due as of now, after a use that asks for it."""
    equipment = reads.get_equipment_by_id(equipment_id)
    due = clock.now().date() - timedelta(days=1)
    journal.record(
        facts.RequalificationDemanded(
            equipment_id=equipment.pk, code=equipment.code, reason=reason, requalification_due_on=due
        ),
        stream=f"equipment:{equipment.pk}",
        refs=[f"site:{equipment.site_id}"],
        changes=[(equipment, {"requalification_due_on": due})],
    )
    return equipment


def _reason_blockers(reason: str) -> list[Blocker]:
    if reason.strip():
        return []
    return [Blocker("network.no_reason", N_("A reason is needed"), field="reason", mend=N_("Say why"))]


def _calibration_blockers(certificate: str, *given: object) -> list[Blocker]:
    found = []
    if not certificate.strip():
        found.append(
            Blocker(
                "network.no_certificate",
                N_("A calibration needs its certificate"),
                field="certificate",
                mend=N_("Give the certificate's number"),
            )
        )
    if all(one is None for one in given):
        found.append(
            Blocker(
                "network.no_due_day",
                N_("Nothing was recorded: no due day and no hold time"),
                field="calibration_due_on",
                mend=N_("Give the next due day, or a shipper's hold time"),
            )
        )
    return found
