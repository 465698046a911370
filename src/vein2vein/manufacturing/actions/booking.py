"""What a step keeps for its batch while it lasts: people, rooms and equipment of which there is one (N11)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, ResourceId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, Refused
from vein2vein.manufacturing import facts, reads
from vein2vein.manufacturing.actions.situation import locked_batch, refs, stream
from vein2vein.manufacturing.models import Batch
from vein2vein.manufacturing.reads import EXECUTING
from vein2vein.network import actions as network
from vein2vein.network.reads import ReservationRow, find_in_use, list_in_use, list_units, list_units_of_room
from vein2vein.network.rules import PERSON
from vein2vein.people.reads import actor_named, get_account

if TYPE_CHECKING:
    from vein2vein.manufacturing.actions.situation import Situation
    from vein2vein.network.models import Equipment


def holder_of(batch: Batch) -> str:
    """Return the name under which a batch books."""
    return f"batch:{batch.pk}"


def book_person(situation: Situation) -> None:
    """Book whoever does an operator's step for its batch, from the first step at a cleared workstation on.

    Raises `Conflict` while they are at work on another batch. A late entry tells of a time that is over.
    """
    if situation.step.role is not Role.OPERATOR or journal.current().late is not None:
        return
    batch, by = situation.batch, situation.by
    standing = find_in_use(by.account_id)
    at_station = situation.operation_row.workstation_id is not None or situation.step.kind == "clear"
    if standing is None and not at_station:
        return
    if standing is None or standing.holder != holder_of(batch):
        network.take_person(
            account_id=by.account_id,
            username=get_account(by.account_id).username,
            site_id=SiteId(batch.site_id),
            holder=holder_of(batch),
            held_for=batch.number,
            by=by,
        )


def book_equipment(situation: Situation, equipment: Equipment) -> None:
    """Book a scanned piece of equipment for the batch until the operation is completed."""
    if journal.current().late is None:
        _take(situation, (one.pk for one in list_units(equipment_id=equipment.pk)))


def book_station(situation: Situation, station: Equipment) -> None:
    """Book a workstation until it is cleared out, and with it the whole room where the operation asks for that."""
    units = {one.pk for one in list_units(equipment_id=station.pk)}
    if situation.operation.single_patient_room and station.room_id is not None:
        units |= {one.pk for one in list_units_of_room(station.room_id)}
    _take(situation, units)


def _take(situation: Situation, units: Iterable[UUID]) -> None:
    found = [ResourceId(one) for one in units]
    if found:
        batch = situation.batch
        network.take_units(resource_ids=found, holder=holder_of(batch), held_for=batch.number, by=situation.by)


def give_back_equipment(batch: Batch, equipment_id: UUID, by: Actor) -> None:
    """Give back what is cleared out."""
    _give_back(batch, [one for one in list_in_use(holder_of(batch)) if one.resource.equipment_id == equipment_id], by)


def give_back(batch: Batch, by: Actor, *, kept: Iterable[UUID] = ()) -> None:
    """Give back people, rooms and equipment of a batch, but for workstations not cleared out and what is `kept`."""
    stations = set(reads.open_occupancies(batch).values_list("workstation_id", flat=True)) | set(kept)
    standing = list_in_use(holder_of(batch))
    _give_back(batch, [one for one in standing if one.resource.equipment_id not in stations], by)


def _give_back(batch: Batch, standing: list[ReservationRow], by: Actor) -> None:
    if standing:
        found = [ResourceId(one.resource_id) for one in standing]
        network.give_back(holder=holder_of(batch), resource_ids=found, by=by)


@journal.action("manufacturing.step_away", roles=EXECUTING)
def step_away(*, batch_id: BatchId, person: str = "", by: Actor) -> Batch:
    """Leave the work on a batch to somebody else, so that one can work on another.

    `person`: the user name of somebody who left without saying so, given by a supervisor.
    """
    batch = locked_batch(batch_id, by)
    if person and Role.SUPERVISOR not in by.roles:
        raise NotAllowed(
            Blocker(
                code="manufacturing.supervisor_relieves",
                message=N_("A supervisor alone says that somebody else stepped away"),
                field="person",
                value=person,
                mend=N_("Ask the supervisor"),
            )
        )
    who = actor_named(person.strip()) if person else by
    standing = [
        one
        for one in list_in_use(holder_of(batch))
        if one.resource.kind == PERSON and one.resource_id == who.account_id
    ]
    if not standing:
        raise Refused(
            Blocker(
                code="manufacturing.not_at_work",
                message=N_("%(person)s is not at work on this batch"),
                field="person",
                value=person,
                mend=N_("Look at who is at work on the batch"),
                params={"person": who.name},
            )
        )
    _give_back(batch, standing, by)
    journal.record(
        facts.SteppedAway(batch_id=batch.pk, batch_number=batch.number, person=who.name),
        stream=stream(batch),
        refs=refs(batch, f"account:{standing[0].resource_id}"),
    )
    return batch
