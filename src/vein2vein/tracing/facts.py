"""What a journal entry of this context carries: plain Python."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("tracing")
class RecallNoticeOpened(Fact):
    """A hospital is told that a recalled lot touched a course of one of its patients."""

    says: ClassVar[str] = N_("Recall of lot %(lot_number)s (%(material_code)s) concerns this course: %(standing)s")
    notice_id: UUID
    lot_id: UUID
    lot_number: str
    material_code: str
    order_id: UUID
    order_code: str
    batch_number: str
    standing: str
    reason: str


@fact("tracing")
class RecallNoticeAcknowledged(Fact):
    """Somebody at the hospital signed that they know, and what they do."""

    says: ClassVar[str] = N_("Recall of lot %(lot_number)s acknowledged by the hospital: %(measures)s")
    notice_id: UUID
    lot_id: UUID
    lot_number: str
    order_id: UUID
    measures: str
    acknowledged_by: str
