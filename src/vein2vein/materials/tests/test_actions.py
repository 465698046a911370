"""Each act on lots: who may, what the journal says, and that a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import Conflict, NotAllowed, Refusal, Refused
from vein2vein.core.uploads import Upload
from vein2vein.journal.reads import list_recent, list_stream
from vein2vein.materials import actions
from vein2vein.materials.models import Holding, Lot, Movement, Thaw

pytestmark = pytest.mark.usefixtures("db")
Find = Callable[[str], Actor]
Sign = Callable[..., Actor]
SYSTEM = journal.system("test")


def receive(by: Actor, **given: Any) -> Lot:
    arguments: dict[str, Any] = {
        "material_code": "lentiviral_vector",
        "number": "T-100",
        "supplier": "Supplier",
        "quantity": Decimal(10),
        "unit": "mL",
        "vial_quantity": Decimal(1),
        "expires_at": clock.now() + timedelta(days=100),
        "site_code": "CN-LG",
        "certificate": Upload("coa.pdf", b"certificate"),
        "lot_values": ["vector_titre = 2e8 TU/mL"],
    }
    return actions.receive_lot(**(arguments | given), by=by)


def released(actor: Find, sign: Sign, **given: Any) -> Lot:
    lot = receive(actor("warehouse"), **given)
    arguments: dict[str, Any] = {"lot_id": lot.pk, "markets": ["CN", "HK"], "reason": "agrees"}
    qa = sign(actor("qareviewer"), "materials.release_lot", **arguments)
    return actions.release_lot(**arguments, by=qa)


def consume(lot: Lot, quantity: str, **given: Any) -> Movement:
    arguments: dict[str, Any] = {
        "lot_code": lot.code,
        "material_code": lot.material_code,
        "quantity": Decimal(quantity),
        "unit": "mL",
        "market": "CN",
        "holder": "batch:test",
    }
    return actions.consume_lot(**(arguments | given), by=SYSTEM)


def entries() -> int:
    found = list_recent(limit=1)
    return found[0].id if found else 0


def refused(kind: type[Refusal], code: str, act: Callable[[], Any]) -> None:
    """The act is refused with this code and writes nothing at all."""
    before = entries(), Movement.objects.count(), list(Lot.objects.order_by("id").values_list("state", "on_hand"))
    with pytest.raises(kind) as caught, transaction.atomic():
        act()
    assert code in {blocker.code for blocker in caught.value.blockers}
    assert before == (
        entries(),
        Movement.objects.count(),
        list(Lot.objects.order_by("id").values_list("state", "on_hand")),
    )


def test_receive_lot(actor: Find) -> None:
    lot = receive(actor("warehouse"))
    entry = list_stream(f"lot:{lot.pk}")[-1]
    assert (entry.action, entry.fact) == ("materials.receive_lot", "materials.LotReceived")
    assert entry.data["number"] == "T-100"
    assert "certificate" not in entry.payload["effects"][0]["became"]
    assert (lot.state, lot.on_hand) == ("quarantined", Decimal(10))
    assert lot.values == {"vector_titre": {"value": "200000000", "unit": "TU/mL"}}


@pytest.mark.parametrize("who", ["operator1", "physician.rj", "carrier.a", "qareviewer", "planner"])
def test_receive_lot_by_others(actor: Find, who: str) -> None:
    refused(NotAllowed, "people.role_needed", lambda: receive(actor(who)))


def test_receive_lot_refused(actor: Find) -> None:
    warehouse = actor("warehouse")
    refused(Refused, "materials.expired", lambda: receive(warehouse, expires_at=clock.now()))
    refused(Refused, "materials.not_whole_vials", lambda: receive(warehouse, quantity=Decimal("1.5")))
    refused(Refused, "materials.no_certificate", lambda: receive(warehouse, certificate=Upload("a", b"")))
    refused(Refused, "materials.lot_value_unreadable", lambda: receive(warehouse, lot_values=["titre: high"]))
    receive(warehouse)
    refused(Conflict, "materials.lot_known", lambda: receive(warehouse))


def test_release_lot(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign)
    entry = list_stream(f"lot:{lot.pk}")[-1]
    assert (entry.fact, entry.data["markets"]) == ("materials.LotReleased", ["CN", "HK"])
    assert entry.payload["signatures"][0]["meaning"] == "lot released"
    assert lot.state == "released"


def test_release_lot_refused(actor: Find, sign: Sign) -> None:
    lot = receive(actor("warehouse"))
    arguments: dict[str, Any] = {"lot_id": lot.pk, "markets": ["CN"], "reason": ""}
    refused(NotAllowed, "journal.signature_required", lambda: actions.release_lot(**arguments, by=actor("qareviewer")))
    refused(NotAllowed, "people.role_needed", lambda: actions.release_lot(**arguments, by=actor("operator1")))
    arguments["markets"] = []
    qa = sign(actor("qareviewer"), "materials.release_lot", **arguments)
    refused(Refused, "materials.no_market", lambda: actions.release_lot(**arguments, by=qa))


def test_release_lot_to_market(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign)
    refused(Refused, "materials.wrong_market", lambda: consume(lot, "1", market="SG"))
    arguments: dict[str, Any] = {"lot_id": lot.pk, "market": "SG"}
    qa = sign(actor("qareviewer"), "materials.release_lot_to_market", **arguments)
    actions.release_lot_to_market(**arguments, by=qa)
    assert list_stream(f"lot:{lot.pk}")[-1].data["market"] == "SG"
    consume(lot, "1", market="SG")


@pytest.mark.requirement("N7")
def test_consume_lot(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign)
    movement = consume(lot, "2.4", whole_units=True)
    lot.refresh_from_db()
    entry = list_stream(f"lot:{lot.pk}")[-1]
    assert (movement.quantity, movement.used, lot.on_hand) == (Decimal(-3), Decimal("2.4"), Decimal(7))
    assert (entry.fact, entry.data["drawn"]) == ("materials.LotConsumed", "3.000000000")
    assert entry.payload["refs"] == ["batch:test"]
    refused(Refused, "materials.too_little", lambda: consume(lot, "7.1"))
    refused(Refused, "materials.unit_wrong", lambda: consume(lot, "1", unit="IU"))
    refused(Refused, "materials.wrong_material", lambda: consume(lot, "1", material_code="cryomedium"))


@pytest.mark.requirement("N7")
def test_expiry_is_looked_at_when_it_is_used(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign, expires_at=clock.now() + timedelta(milliseconds=1500))
    consume(lot, "1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1.6)")
    refused(Refused, "materials.expired", lambda: consume(lot, "1"))


def test_consume_lot_is_no_door(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign)
    with pytest.raises(NotAllowed):
        actions.consume_lot(
            lot_code=lot.code,
            material_code=lot.material_code,
            quantity=Decimal(1),
            unit="mL",
            market="CN",
            holder="x",
            by=actor("operator1"),
        )


def test_reserve_lot_and_release_reservation(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign, number="T-1", material_code="only_here")
    until = clock.now() + timedelta(days=1)
    arguments: dict[str, Any] = {"material_code": "only_here", "unit": "mL", "market": "CN", "until": until}
    first = actions.reserve_lot(**arguments, quantity=Decimal(6), holder="order:a", by=SYSTEM)
    refused(
        Refused,
        "materials.none_to_reserve",
        lambda: actions.reserve_lot(**arguments, quantity=Decimal(6), holder="order:b", by=SYSTEM),
    )
    refused(Refused, "materials.too_little", lambda: consume(lot, "5", holder="order:b"))
    consume(lot, "5", holder="order:a")
    first.refresh_from_db()
    lot.refresh_from_db()
    assert (first.state, first.quantity, lot.reserved, lot.on_hand) == ("held", Decimal(1), Decimal(1), Decimal(5))
    actions.release_reservation(holding_id=first.pk, by=SYSTEM)
    lot.refresh_from_db()
    assert (Holding.objects.get(pk=first.pk).state, lot.reserved) == ("released", Decimal(0))
    assert list_stream(f"lot:{lot.pk}")[-1].fact == "materials.ReservationReleased"


@pytest.mark.requirement("N7")
def test_thaw_vials_discard_thawed(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign)
    vial: dict[str, Any] = {"thaw_to_use": timedelta(hours=2), "single_thaw": True}
    take: dict[str, Any] = {
        "lot_code": lot.code,
        "material_code": lot.material_code,
        "quantity": Decimal("1.2"),
        "unit": "mL",
        "market": "CN",
        "holder": "batch:test",
    }
    refused(Refused, "materials.not_thawed", lambda: consume(lot, "1.2", **vial))
    thaw = actions.thaw_vials(**take, by=SYSTEM)
    lot.refresh_from_db()
    assert (thaw.vials, lot.on_hand) == (2, Decimal(8))
    refused(Refused, "materials.thawed_already", lambda: actions.thaw_vials(**take, by=SYSTEM))
    refused(Refused, "materials.too_few_thawed", lambda: consume(lot, "2.5", **vial))
    refused(Refused, "materials.not_thawed", lambda: consume(lot, "1.2", holder="batch:other", **vial))
    refused(
        Refused,
        "materials.no_reason",
        lambda: actions.discard_thawed(lot_code=lot.code, holder="batch:test", reason="", by=actor("operator1")),
    )
    actions.discard_thawed(lot_code=lot.code, holder="batch:test", reason="dropped", by=actor("operator1"))
    assert list_stream(f"lot:{lot.pk}")[-1].fact == "materials.ThawDiscarded"
    actions.thaw_vials(**take, by=SYSTEM)
    consume(lot, "1.2", **vial)
    lot.refresh_from_db()
    assert (lot.on_hand, set(Thaw.objects.values_list("state", flat=True))) == (Decimal(6), {"discarded", "used"})


def test_reject_lot(actor: Find, sign: Sign) -> None:
    lot = receive(actor("warehouse"))
    arguments: dict[str, Any] = {"lot_id": lot.pk, "reason": "certificate does not agree"}
    actions.reject_lot(**arguments, by=sign(actor("qareviewer"), "materials.reject_lot", **arguments))
    assert list_stream(f"lot:{lot.pk}")[-1].fact == "materials.LotRejected"
    refused(Refused, "materials.not_released", lambda: consume(lot, "1"))
    again: dict[str, Any] = {"lot_id": lot.pk, "markets": ["CN"], "reason": ""}
    qa = sign(actor("qareviewer"), "materials.release_lot", **again)
    refused(Conflict, "journal.no_such_transition", lambda: actions.release_lot(**again, by=qa))


def test_recall_lot_names_what_used_it(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign)
    consume(lot, "1", holder="batch:one")
    consume(lot, "1", holder="batch:two")
    arguments: dict[str, Any] = {"lot_id": lot.pk, "reason": "supplier's letter"}
    actions.recall_lot(**arguments, by=sign(actor("qareviewer"), "materials.recall_lot", **arguments))
    entry = list_stream(f"lot:{lot.pk}")[-1]
    assert entry.data["used_by"] == ["batch:one", "batch:two"] == entry.payload["refs"]
    refused(Refused, "materials.not_released", lambda: consume(lot, "1"))


def test_adjust_lot_by_two(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign)
    arguments: dict[str, Any] = {"lot_id": lot.pk, "counted": Decimal(9), "reason": "stock count"}
    one, two = actor("warehouse"), actor("warehouse2")
    refused(NotAllowed, "journal.own_witness", lambda: actions.adjust_lot(**arguments, by=one, witness=one))
    actions.adjust_lot(**arguments, by=one, witness=sign(two, "materials.adjust_lot", **arguments))
    lot.refresh_from_db()
    assert (lot.on_hand, list_stream(f"lot:{lot.pk}")[-1].data["quantity"]) == (Decimal(9), "-1.000000000")


def test_load_demonstration() -> None:
    assert Lot.objects.filter(state="released").count() >= 9
    assert Lot.objects.filter(number="DEMO-LV-002", state="quarantined").exists()


FORGED = """
INSERT INTO materials_movement
    (id, lot_id, kind, ordinal, quantity, reserved, on_hand_after, reserved_after, used, holder, market, moved_at)
SELECT gen_random_uuid(), %s, 'receipt', 2, 5, 0, 99, 0, 0, '', '', now()
"""


def raw(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_ledger_holds_against_raw_sql(actor: Find, sign: Sign) -> None:
    lot = released(actor, sign)
    for statement in (
        "UPDATE materials_lot SET on_hand = -1 WHERE id = %s",
        "UPDATE materials_lot SET on_hand = on_hand + 1 WHERE id = %s",
        "UPDATE materials_lot SET reserved = on_hand + 1 WHERE id = %s",
        "UPDATE materials_movement SET quantity = 100 WHERE lot_id = %s",
        "DELETE FROM materials_movement WHERE lot_id = %s",
        FORGED,
    ):
        with pytest.raises(DatabaseError):
            raw(statement, lot.pk)
