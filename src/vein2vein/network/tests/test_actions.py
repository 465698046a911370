"""The network's actions: role and outcome, the entry that is written, and no effect where refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import EquipmentId, ReservationId, ResourceId, SiteId, new_id
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refused
from vein2vein.journal.reads import EntryView, list_stream
from vein2vein.network import actions, reads
from vein2vein.network.models import Equipment, Reservation, Site

pytestmark = pytest.mark.requirement("C")

Find = Callable[[str], Actor]
Sign = Callable[..., Actor]

KEEPERS = {"operator1", "supervisor", "warehouse", "analyst", "qcreviewer"}
EVERYBODY = [
    "physician.rj", "coordinator.rj", "nurse.rj", "celllab.rj", "infusion.rj", "carrier.a", "warehouse", "operator1",
    "supervisor", "analyst", "qcreviewer", "qareviewer", "qp", "planner", "admin",
]  # fmt: skip
AT = datetime(2027, 3, 1, tzinfo=UTC)


def newest(stream: str) -> EntryView:
    return list_stream(stream)[-1]


def entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_entry")
        return int(cursor.fetchone()[0])


@pytest.fixture
def bench(db: None) -> Equipment:
    return reads.get_equipment("WS-01")


def out(equipment: Equipment) -> None:
    actions.take_equipment_out_of_service(
        equipment_id=EquipmentId(equipment.pk), reason="filter", by=reads_actor("supervisor")
    )


def reads_actor(username: str) -> Actor:
    from vein2vein.people.reads import actor_named

    return actor_named(username)


@pytest.mark.parametrize("username", EVERYBODY)
def test_who_may_take_equipment_out_of_service(bench: Equipment, actor: Find, username: str) -> None:
    before = entries()
    if username not in KEEPERS | {"qareviewer"}:
        with pytest.raises(NotAllowed):
            actions.take_equipment_out_of_service(
                equipment_id=EquipmentId(bench.pk), reason="filter", by=actor(username)
            )
        assert (entries(), reads.get_equipment("WS-01").state) == (before, "available")
        return
    actions.take_equipment_out_of_service(equipment_id=EquipmentId(bench.pk), reason="filter", by=actor(username))
    entry = newest(f"equipment:{bench.pk}")
    assert (entry.action, entry.fact) == (
        "network.take_equipment_out_of_service",
        "network.EquipmentTakenOutOfService",
    )
    assert entry.data == {"equipment_id": str(bench.pk), "code": "WS-01", "reason": "filter"}
    assert entry.payload["effects"] == [
        {
            "table": "network_equipment",
            "id": str(bench.pk),
            "was": {"state": "available"},
            "became": {"state": "out_of_service"},
        }
    ]
    assert reads.get_equipment("WS-01").state == "out_of_service"


def test_taking_out_needs_a_reason_and_something_in_service(bench: Equipment, actor: Find) -> None:
    with pytest.raises(Refused, match="reason"):
        actions.take_equipment_out_of_service(equipment_id=EquipmentId(bench.pk), reason=" ", by=actor("operator1"))
    out(bench)
    with pytest.raises(Conflict):
        actions.take_equipment_out_of_service(equipment_id=EquipmentId(bench.pk), reason="x", by=actor("operator1"))
    with pytest.raises(NotFound):
        actions.take_equipment_out_of_service(equipment_id=EquipmentId(new_id()), reason="x", by=actor("operator1"))


@pytest.mark.parametrize("username", EVERYBODY)
def test_who_may_return_equipment_to_service(bench: Equipment, actor: Find, sign: Sign, username: str) -> None:
    out(bench)
    told: dict[str, Any] = {"equipment_id": EquipmentId(bench.pk), "reason": "filter changed"}
    by = sign(actor(username), "network.return_equipment_to_service", **told)
    if username not in {"supervisor", "qareviewer"}:
        with pytest.raises(NotAllowed):
            actions.return_equipment_to_service(**told, by=by)
        assert reads.get_equipment("WS-01").state == "out_of_service"
        return
    actions.return_equipment_to_service(**told, by=by)
    entry = newest(f"equipment:{bench.pk}")
    assert entry.fact == "network.EquipmentReturnedToService"
    assert [(one["meaning"], one["printed_name"]) for one in entry.payload["signatures"]] == [("fit for use", by.name)]
    assert reads.get_equipment("WS-01").state == "available"


def test_returning_needs_a_signature_and_a_calibration_in_date(bench: Equipment, actor: Find, sign: Sign) -> None:
    out(bench)
    told: dict[str, Any] = {"equipment_id": EquipmentId(bench.pk), "reason": "filter changed"}
    with pytest.raises(NotAllowed, match="signature"):
        actions.return_equipment_to_service(**told, by=actor("supervisor"))
    actions.record_calibration(
        equipment_id=EquipmentId(bench.pk),
        certificate="C-1",
        calibration_due_on=date(2020, 1, 1),
        by=actor("operator1"),
    )
    with pytest.raises(Refused, match="calibration of WS-01 was due"):
        actions.return_equipment_to_service(
            **told, by=sign(actor("supervisor"), "network.return_equipment_to_service", **told)
        )


@pytest.mark.parametrize("username", EVERYBODY)
def test_who_may_record_a_calibration(db: None, actor: Find, username: str) -> None:
    shipper = reads.get_equipment("DS-01")
    told: dict[str, Any] = {
        "equipment_id": EquipmentId(shipper.pk),
        "certificate": "C-7",
        "requalification_due_on": date(2028, 1, 1),
        "hold_time_h": Decimal("231.5"),
    }
    if username not in KEEPERS:
        before = entries()
        with pytest.raises(NotAllowed):
            actions.record_calibration(**told, by=actor(username))
        assert entries() == before
        return
    actions.record_calibration(**told, by=actor(username))
    entry = newest(f"equipment:{shipper.pk}")
    assert entry.data["certificate"] == "C-7"
    assert entry.payload["effects"][0]["became"] == {"requalification_due_on": "2028-01-01", "hold_time_h": "231.5"}


def test_a_calibration_needs_its_certificate_and_a_day(bench: Equipment, actor: Find) -> None:
    with pytest.raises(Refused) as refusal:
        actions.record_calibration(equipment_id=EquipmentId(bench.pk), certificate="", by=actor("operator1"))
    assert [one.code for one in refusal.value.blockers] == ["network.no_certificate", "network.no_due_day"]


@pytest.mark.parametrize("username", EVERYBODY)
def test_who_may_qualify_a_site(db: None, actor: Find, sign: Sign, username: str) -> None:
    site = reads.get_site("CN-RJ-DEMO")
    told: dict[str, Any] = {"site_id": SiteId(site.pk), "certificate": "AUD-7", "qualified_until": date(2036, 1, 1)}
    action = "network.qualify_site"
    if username != "qareviewer":
        before = entries()
        with pytest.raises(NotAllowed):
            actions.qualify_site(**told, by=actor(username))
        assert entries() == before
        return
    with pytest.raises(NotAllowed, match="signature"):
        actions.qualify_site(**told, by=actor(username))
    actions.qualify_site(**told, by=sign(actor(username), action, **told))
    entry = newest(f"site:{site.pk}")
    assert (entry.fact, entry.data["certificate"]) == ("network.SiteQualified", "AUD-7")
    assert entry.payload["effects"][0]["became"] == {"qualified_until": "2036-01-01"}
    past = told | {"certificate": " ", "qualified_until": date(2020, 1, 1)}
    with pytest.raises(Refused) as refusal:
        actions.qualify_site(**past, by=sign(actor(username), action, **past))
    assert [one.code for one in refusal.value.blockers] == [
        "network.no_audit_certificate",
        "network.qualified_into_the_past",
    ]
    assert newest(f"site:{site.pk}").id == entry.id


@pytest.mark.requirement("N10")
def test_a_used_shipper_asks_for_requalification(db: None) -> None:
    shipper = reads.get_equipment("DS-01")
    actions.demand_requalification(equipment_id=EquipmentId(shipper.pk), reason="used", by=journal.system("test"))
    assert newest(f"equipment:{shipper.pk}").fact == "network.RequalificationDemanded"
    due = reads.get_equipment("DS-01").requalification_due_on
    assert due is not None
    assert due < datetime.now(UTC).date()


INTERNAL = ["reserve_earliest", "reserve_units", "release_reservation", "use_reservation", "demand_requalification",
            "load_network", "load_demonstration"]  # fmt: skip


@pytest.mark.parametrize("verb", INTERNAL)
@pytest.mark.parametrize("username", EVERYBODY)
def test_no_person_calls_what_is_internal(db: None, actor: Find, verb: str, username: str) -> None:
    spec = journal.ACTIONS[f"network.{verb}"]
    assert spec.internal
    before = entries()
    arguments = {name: None for name in inspect.signature(spec.body).parameters if name != "by"}
    with pytest.raises(NotAllowed):
        spec.run(**arguments, by=actor(username))
    assert entries() == before


def reserve(
    site: Site, holder: str, *, hours: int = 24, days: int = 1, kind: str = "manufacturing_slot"
) -> Reservation:
    return actions.reserve_earliest(
        kind=kind,
        site_id=SiteId(site.pk),
        duration=timedelta(hours=hours),
        not_before=AT,
        not_after=AT + timedelta(days=days),
        holder=holder,
        by=journal.system("test"),
    )


@pytest.fixture
def lingang(db: None) -> Site:
    return reads.get_site("CN-LG")


@pytest.mark.requirement("N11")
def test_the_earliest_free_unit_is_reserved_and_a_full_window_refuses(lingang: Site) -> None:
    made = [reserve(lingang, f"order:{number}") for number in range(4)]
    assert [one.resource.code for one in made] == ["LINE-1", "LINE-2", "LINE-3", "LINE-4"]
    assert {(one.during.lower, one.during.upper) for one in made} == {(AT, AT + timedelta(days=1))}
    entry = newest(f"resource:{made[0].resource_id}")
    assert entry.fact == "network.ResourceReserved"
    assert entry.payload["refs"] == ["order:0", f"site:{lingang.pk}"]
    before = entries()
    with pytest.raises(Conflict, match="No manufacturing_slot is free"):
        reserve(lingang, "order:5")
    assert entries() == before


def test_a_later_time_is_found_where_the_first_is_taken(lingang: Site) -> None:
    for number in range(4):
        reserve(lingang, f"order:{number}", days=3)
    assert reserve(lingang, "order:5", days=3).during.lower == AT + timedelta(days=1)


def test_a_reservation_given_back_is_free_again(lingang: Site) -> None:
    made = [reserve(lingang, f"order:{number}") for number in range(4)]
    actions.release_reservation(reservation_id=ReservationId(made[2].pk), reason="cancelled", by=journal.system("test"))
    assert newest(f"resource:{made[2].resource_id}").fact == "network.ReservationReleased"
    assert reserve(lingang, "order:5").resource_id == made[2].resource_id
    with pytest.raises(Conflict):
        actions.release_reservation(reservation_id=ReservationId(made[2].pk), reason="again", by=journal.system("test"))


def test_a_reservation_taken_up_still_keeps_others_out(lingang: Site) -> None:
    made = [reserve(lingang, f"order:{number}") for number in range(4)]
    actions.use_reservation(reservation_id=ReservationId(made[0].pk), by=journal.system("test"))
    assert newest(f"resource:{made[0].resource_id}").fact == "network.ReservationUsed"
    with pytest.raises(Conflict):
        reserve(lingang, "order:5")


def test_several_units_are_reserved_together_or_not_at_all(lingang: Site) -> None:
    units = reads.list_resources("workstation", "CN-LG")
    told: dict[str, Any] = {"starts_at": AT, "ends_at": AT + timedelta(hours=8), "by": journal.system("test")}
    both = [ResourceId(units[1].pk), ResourceId(units[0].pk)]
    other = [ResourceId(units[2].pk), ResourceId(units[1].pk)]
    made = actions.reserve_units(resource_ids=both, holder="order:1", **told)
    assert [one.resource.code for one in made] == ["WS-01", "WS-02"]
    with pytest.raises(Conflict, match="WS-02 is kept for order:1"):
        actions.reserve_units(resource_ids=other, holder="order:2", **told)
    assert reads.list_reservations_of("order:2") == []


def test_an_empty_window_is_refused(lingang: Site) -> None:
    with pytest.raises(Refused, match="fits between"):
        reserve(lingang, "order:1", hours=25)


def test_a_second_network_is_refused(db: None) -> None:
    before = entries()
    with pytest.raises(Refused, match="entered already"):
        actions.load_demonstration(by=journal.system("test"))
    assert entries() == before
