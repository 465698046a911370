"""The notices of recalls: a hospital's own, or all for the base."""

from __future__ import annotations

from uuid import UUID

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.doors.reading import page, read
from vein2vein.tracing.models import RecallNotice
from vein2vein.tracing.reads.subjects import PLANT_ROLES
from vein2vein.tracing.states import NoticeState

_WITH = ("lot", "order", "hospital", "coi")
READERS = (*PLANT_ROLES, Role.PHYSICIAN, Role.COORDINATOR)


def get_notice(notice_id: UUID, *, by: Actor) -> RecallNotice:
    """Return a notice that the actor may see, or raise `NotFound`."""
    found = RecallNotice.objects.select_related(*_WITH).defer("lot__certificate").filter(pk=notice_id).first()
    if found is None or not by.sees(SiteId(found.hospital_id)):
        raise NotFound(
            Blocker(
                code="tracing.no_notice",
                message=N_("There is no such notice"),
                field="notice_id",
                value=str(notice_id),
                mend=N_("Choose one from your own work list"),
            )
        )
    return found


@read("tracing.list_notices", roles=READERS)
def list_notices(
    *, state: NoticeState | None = None, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[RecallNotice]:
    """Return the notices that the actor may see, oldest first, behind the id `after`."""
    found = RecallNotice.objects.select_related(*_WITH).defer("lot__certificate")
    if by.sites is not None:
        found = found.filter(hospital_id__in=by.sites)
    if state is not None:
        found = found.filter(state=state)
    return page(found, limit, after)


def list_open_notices(by: Actor) -> list[RecallNotice]:
    """Return the notices that wait for somebody at the actor's hospital."""
    return list_notices(state=NoticeState.OPEN, limit=100, by=by)


def is_noticed(lot_id: UUID, coi_id: UUID) -> bool:
    """Say whether the recall of a lot was told for a course already."""
    return RecallNotice.objects.filter(lot_id=lot_id, coi_id=coi_id).exists()
