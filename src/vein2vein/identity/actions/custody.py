"""Custody: one custodian at a time; a hand-over closes and opens at the same instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, EquipmentId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, refuse_any
from vein2vein.engines.codes import Kind
from vein2vein.identity import facts, reads, rules, scans
from vein2vein.identity.models import Container, Custody, Position
from vein2vein.identity.rules import Custodian
from vein2vein.identity.states import CustodianKind

STORE_ROLES = frozenset(
    {
        Role.WAREHOUSE,
        Role.OPERATOR,
        Role.SUPERVISOR,
        Role.QC_ANALYST,
        Role.CELL_LAB,
        Role.APHERESIS_NURSE,
        Role.INFUSION_NURSE,
    }
)
TICK = timedelta(microseconds=1)
"""The shortest custody: on a clock that stands still the next one begins this much later."""


def person(who: Actor) -> Custodian:
    """Return a person as a custodian."""
    return Custodian(CustodianKind.PERSON, f"account:{who.account_id}", who.name)


def opened(container: Container, custodian: Custodian, at: datetime) -> Custody:
    """Return the unsaved row of a custody that begins at `at` and has no end yet."""
    return Custody(
        container=container,
        custodian_kind=custodian.kind.value,
        custodian_ref=custodian.ref,
        custodian_name=custodian.name,
        position_id=custodian.position_id,
        during=DateTimeTZRange(at, None, "[)"),
    )


def _hand_over(containers: Sequence[Container], custodian: Custodian) -> list[Custody]:
    refuse_any(rules.hand_over_blockers(container.state for container in containers))
    made = []
    for container in sorted(containers, key=lambda one: str(one.pk)):
        former = reads.get_custody(ContainerId(container.pk))
        at = max(journal.current().at, former.during.lower + TICK)
        current = opened(container, custodian, at)
        # The former row is closed first, so that the exclusion constraint sees no overlap.
        journal.record(
            facts.CustodyEnded(
                coi_id=container.coi_id,
                container_id=container.pk,
                container=container.code,
                custodian=former.custodian_name,
                ended_at=at,
            ),
            stream=f"coi:{container.coi_id}",
            refs=[f"container:{container.pk}", former.custodian_ref],
            changes=[(former, {"during": DateTimeTZRange(former.during.lower, at, "[)")})],
        )
        journal.record(
            facts.CustodyHandedOver(
                coi_id=container.coi_id,
                container_id=container.pk,
                container=container.code,
                former=former.custodian_name,
                custodian=custodian.name,
                custodian_kind=custodian.kind.value,
                custodian_ref=custodian.ref,
                handed_over_at=at,
            ),
            stream=f"coi:{container.coi_id}",
            refs=[f"container:{container.pk}", custodian.ref],
            inserts=[current],
        )
        made.append(current)
    return made


@journal.action("identity.hand_over")
def hand_over(*, container_ids: list[ContainerId], to: Custodian, by: Actor) -> list[Custody]:
    """Hand containers over to a person, an organisation or a location: the old custody ends as the new one begins."""
    found = list(Container.objects.filter(pk__in=container_ids))
    if len(found) != len(set(container_ids)) or not found:
        refuse_any([_unknown_containers()])
    return _hand_over(found, to)


def _unknown_containers() -> Blocker:
    return Blocker(
        "identity.unknown_container",
        N_("One of the containers is not known, or none was named"),
        field="container_ids",
        mend=N_("Scan each container again"),
    )


@journal.action("identity.store_container", roles=STORE_ROLES)
def store_container(*, scanned_label: str, scanned_position: str, by: Actor) -> Custody:
    """Put a container into a storage position: both are scanned; a position holds one container."""
    code = scans.read_code(scanned_position, (Kind.POSITION,), "scanned_position").value
    position = reads.get_position(code, by=by)
    container = reads.container_scanned(scanned_label)
    _may_take(container, by)
    custodian = Custodian(
        CustodianKind.LOCATION, f"position:{position.pk}", f"{position.code} {position.name}", position.pk
    )
    return _hand_over([container], custodian)[0]


@journal.action("identity.take_container", roles=STORE_ROLES)
def take_container(*, scanned_label: str, by: Actor) -> Custody:
    """Take a container out of its position or from a colleague: it is in the scanning person's custody from now."""
    container = reads.container_scanned(scanned_label)
    _may_take(container, by)
    return _hand_over([container], person(by))[0]


def _may_take(container: Container, by: Actor) -> None:
    reads.get_container(ContainerId(container.pk), by=by)
    former = reads.get_custody(ContainerId(container.pk))
    if former.custodian_kind == CustodianKind.ORGANISATION:
        raise NotAllowed(
            Blocker(
                "identity.with_carrier",
                N_("The container is in the custody of %(custodian)s"),
                field="scanned_label",
                value=former.custodian_name,
                mend=N_("It changes hands by the shipment's receipt"),
                params={"custodian": former.custodian_name},
            )
        )


@journal.action("identity.add_position", roles={Role.SUPERVISOR, Role.ADMINISTRATOR})
def add_position(
    *, site_id: SiteId, serial: str, name: str, equipment_id: EquipmentId | None = None, by: Actor
) -> Position:
    """Add a storage position; its code is made of `serial` and a check character."""
    refuse_any(rules.position_blockers(serial, name, sees=by.sees(site_id)))
    position = Position(
        code=scans.make_code(Kind.POSITION, serial, "serial"), site_id=site_id, equipment_id=equipment_id, name=name
    )
    journal.record(
        facts.PositionAdded(position_id=position.pk, position=position.code, site_id=site_id),
        stream=f"site:{site_id}",
        inserts=[position],
    )
    return position
