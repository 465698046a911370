"""Environmental monitoring of the rooms in which a batch is made."""

from __future__ import annotations

from datetime import datetime

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.manufacturing.reads import get_batch
from vein2vein.network.reads import get_room
from vein2vein.quality import facts, rules
from vein2vein.quality.actions.deviating import open_deviation
from vein2vein.quality.models import EnvironmentRecord
from vein2vein.quality.states import EnvironmentVerdict


@journal.action(
    "quality.record_environment",
    roles=[Role.QC_REVIEWER, Role.QA_REVIEWER],
    signed=N_("environmental monitoring evaluated"),
)
def record_environment(
    *,
    batch_id: BatchId,
    room_code: str,
    began_at: datetime,
    ended_at: datetime,
    verdict: EnvironmentVerdict,
    reference: str,
    comment: str = "",
    by: Actor,
) -> EnvironmentRecord:
    """Sign what monitoring of a room found over a span of time; `reference` is the report. Action opens a deviation."""
    batch = get_batch(batch_id, by=by)
    room = get_room(batch.site.code, room_code.strip())
    refuse_any(rules.reason_blockers(reference, "reference"))
    at = journal.current().at
    if not began_at < ended_at <= at:
        raise Refused(
            Blocker(
                code="quality.environment_window",
                message=N_("Monitoring ends after it began, and before now"),
                field="ended_at",
                value=ended_at.isoformat(),
                mend=N_("Give the span of the work in this room"),
            )
        )
    record = EnvironmentRecord(
        batch=batch,
        room=room,
        began_at=began_at,
        ended_at=ended_at,
        verdict=verdict.value,
        reference=reference,
        comment=comment,
        recorded_at=at,
        recorded_by_id=by.account_id,
        recorded_by_name=by.name,
    )
    journal.record(
        facts.EnvironmentRecorded(
            record_id=record.pk,
            batch_id=batch.pk,
            batch_number=batch.number,
            room_id=room.pk,
            room_code=room.code,
            began_at=began_at,
            ended_at=ended_at,
            verdict=verdict.value,
            reference=reference,
        ),
        stream=f"coi:{batch.coi_id}",
        refs=[f"batch:{batch.pk}", f"order:{batch.order_id}", f"site:{batch.site_id}"],
        inserts=[record],
    )
    if verdict is EnvironmentVerdict.ACTION:
        open_deviation(
            subject=f"Room {room.code} beyond its action limit",
            description=f"{reference} {comment}".strip(),
            batch_id=batch_id,
            source=f"environment:{record.pk}",
            by=by,
        )
    return record
