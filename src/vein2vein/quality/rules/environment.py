"""Environmental monitoring: every room that a batch was worked on in, for as long as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vein2vein.core.refusals import N_, Blocker
from vein2vein.quality.states import EnvironmentVerdict


@dataclass(frozen=True, slots=True)
class Window:
    """A room and a span of time; `verdict` where it is a record."""

    room: str
    began_at: datetime
    ended_at: datetime
    verdict: str = ""


def covered(need: Window, records: Sequence[Window]) -> bool:
    """Say whether records of the room cover the whole span, one after another without a gap."""
    reached = need.began_at
    for record in sorted((one for one in records if one.room == need.room), key=lambda one: one.began_at):
        if record.began_at > reached:
            break
        reached = max(reached, record.ended_at)
    return reached >= need.ended_at


def environment_blockers(
    needs: Sequence[Window], records: Sequence[Window], *, action_deviations_closed: bool
) -> list[Blocker]:
    """Return what environmental monitoring lacks; a room beyond its action limit needs its deviation closed."""
    found = [
        Blocker(
            code="quality.environment_missing",
            message=N_("Environmental monitoring of room %(room)s does not cover the time of the batch"),
            field="room",
            value=need.room,
            mend=N_("Record the monitoring of this room from the start to the end of the work there"),
            params={"room": need.room},
        )
        for need in needs
        if not covered(need, records)
    ]
    if not needs:
        found.append(
            Blocker(
                code="quality.environment_unknown",
                message=N_("It is not known in which rooms the batch was made"),
                field="room",
                mend=N_("Complete the batch record"),
            )
        )
    rooms = sorted({one.room for one in records if one.verdict == EnvironmentVerdict.ACTION})
    if not action_deviations_closed:
        found += [
            Blocker(
                code="quality.environment_action",
                message=N_("Room %(room)s was beyond its action limit, and the deviation is not closed"),
                field="room",
                value=room,
                mend=N_("Investigate and close the deviation"),
                params={"room": room},
            )
            for room in rooms
        ]
    return found
