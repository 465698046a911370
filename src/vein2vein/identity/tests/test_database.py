"""What the database itself refuses to the run-time role, whatever a program says: raw SQL as v2v_app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from vein2vein.core.ids import new_id
from vein2vein.identity import actions
from vein2vein.identity.states import ContainerKind, Disposition
from vein2vein.identity.tests.conftest import Bench, Course


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def forbidden(constraint: str = "") -> Iterator[None]:
    """Require that the database refuses, now or when the transaction would commit, by this constraint."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():  # noqa: PT012 - what is tried is the caller's
        yield
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    cause = caught.value.__cause__
    if constraint:
        assert isinstance(cause, psycopg.Error)
        assert cause.diag.constraint_name == constraint
    else:
        assert getattr(cause, "sqlstate", "") == "42501"


TABLES = [
    "identity_patient",
    "identity_patientnumber",
    "identity_chain",
    "identity_container",
    "identity_parentage",
    "identity_position",
    "identity_custody",
    "identity_kit",
    "identity_label",
    "identity_identitycheck",
]


def test_the_tests_act_as_the_run_time_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("v2v_app", False)


@pytest.mark.requirement("N15")
@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_ever_deleted_or_a_table_emptied_or_altered(db: None, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with forbidden():
            sql(statement)
    with pytest.raises(DatabaseError, match="must be owner"), transaction.atomic():
        sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


@pytest.mark.requirement("N15")
def test_triggers_cannot_be_switched_off(db: None) -> None:
    with forbidden():
        sql("SET session_replication_role = replica")


@pytest.mark.requirement("N2")
def test_a_container_never_changes_its_chain(ours: Course, theirs: Course) -> None:
    bag = ours.collected()
    with forbidden("identity_container_coi_id_kept"):
        sql("UPDATE identity_container SET coi_id = %s WHERE id = %s", theirs.chain.pk, bag.pk)


@pytest.mark.requirement("N2")
def test_a_chain_never_changes_its_patient(ours: Course, theirs: Course) -> None:
    with forbidden("identity_chain_patient_id_kept"):
        sql("UPDATE identity_chain SET patient_id = %s WHERE id = %s", theirs.chain.patient_id, ours.chain.pk)


@pytest.mark.requirement("N2")
def test_no_container_descends_from_another_chain(ours: Course, theirs: Course) -> None:
    child, parent = ours.collected(), theirs.collected()
    for coi, constraint in (
        (ours, "identity_parentage_parent_on_chain"),
        (theirs, "identity_parentage_child_on_chain"),
    ):
        with forbidden(constraint):
            sql(
                "INSERT INTO identity_parentage (id, coi_id, child_id, parent_id) VALUES (%s, %s, %s, %s)",
                new_id(),
                coi.chain.pk,
                child.pk,
                parent.pk,
            )


@pytest.mark.requirement("N2")
def test_a_parentage_is_never_rewritten(ours: Course) -> None:
    bag = ours.collected()
    sample = ours.derive([bag], ContainerKind.SAMPLE)
    other = ours.derive([bag], ContainerKind.SAMPLE)
    with forbidden("identity_parentage_parent_id_kept"):
        sql("UPDATE identity_parentage SET parent_id = %s WHERE child_id = %s", other.pk, sample.pk)


CONTAINER = (
    "INSERT INTO identity_container (id, coi_id, code, kind, role, state, disposition, donation_number, statement_en, "
    "statement_zh, made_at) VALUES (%s, %s, %s, %s, 'bag', 'active', 'quarantined', '', '', '', now())"
)


@pytest.mark.requirement("N2")
@pytest.mark.parametrize(
    ("kind", "constraint"),
    [
        ("sample", "identity_container_has_parent"),
        ("final_product", "identity_container_has_parent"),
        ("starting_material", "identity_container_has_label"),
    ],
)
def test_no_container_comes_from_nowhere(ours: Course, kind: str, constraint: str) -> None:
    with forbidden(constraint):
        sql(CONTAINER, new_id(), ours.chain.pk, f"CTN-{kind}", kind)


@pytest.mark.requirement("N2")
def test_a_donation_number_is_on_one_chain_only(ours: Course, theirs: Course) -> None:
    ours.check_collection()
    ours.activate(ours.labels()[0], donation_number="=G123498654321" + "77")
    bag = theirs.collected()
    with forbidden("identity_donation_one_chain"):
        sql("UPDATE identity_container SET donation_number = 'G123498654321' WHERE id = %s", bag.pk)


@pytest.mark.requirement("N3")
def test_a_label_never_changes_its_chain_or_its_container(ours: Course, theirs: Course) -> None:
    bag, label = ours.collected(), ours.labels()[0]
    other = ours.derive([bag], ContainerKind.SAMPLE)
    with forbidden("identity_label_coi_id_kept"):
        sql("UPDATE identity_label SET coi_id = %s WHERE id = %s", theirs.chain.pk, label.pk)
    with forbidden("identity_label_container_id_once"):
        sql("UPDATE identity_label SET container_id = %s WHERE id = %s", other.pk, label.pk)
    with forbidden("identity_label_code_kept"):
        sql("UPDATE identity_label SET code = 'LBL-COPY' WHERE id = %s", label.pk)


@pytest.mark.requirement("N3")
def test_a_spare_label_cannot_be_put_on_another_patients_container(ours: Course, theirs: Course) -> None:
    bag, spare = theirs.collected(), ours.labels()[1]
    with forbidden("identity_label_container_on_chain"):
        sql(
            "UPDATE identity_label SET container_id = %s, state = 'voided' WHERE id = %s",
            bag.pk,
            spare.pk,
        )


@pytest.mark.requirement("N3")
def test_a_container_has_one_label_in_force_and_keeps_it(ours: Course) -> None:
    bag, (label, spare, _) = ours.collected(), ours.labels()
    with forbidden("identity_one_label_in_force"):
        sql("UPDATE identity_label SET container_id = %s, state = 'activated' WHERE id = %s", bag.pk, spare.pk)
    with forbidden("identity_label_stays"):
        sql("UPDATE identity_label SET state = 'voided' WHERE id = %s", label.pk)


@pytest.mark.requirement("N3")
def test_a_void_label_stays_void(ours: Course) -> None:
    spare = ours.labels()[1]
    ours.bench.public("identity.void_label", by="nurse.rj", scanned_label=spare.code, reason="torn")
    with forbidden("identity_label_transition"):
        sql("UPDATE identity_label SET state = 'printed' WHERE id = %s", spare.pk)
    with forbidden("identity_label_voided_at_once"):
        sql("UPDATE identity_label SET voided_at = now() WHERE id = %s", spare.pk)


@pytest.mark.requirement("N3")
def test_a_label_in_force_is_on_a_container(ours: Course) -> None:
    with forbidden("identity_label_bound_when_in_force"):
        sql("UPDATE identity_label SET state = 'activated' WHERE id = %s", ours.labels()[0].pk)


@pytest.mark.requirement("N3")
def test_a_label_code_exists_once(ours: Course) -> None:
    with forbidden("identity_label_code_key"):
        sql(
            "INSERT INTO identity_label (id, coi_id, kind, code, state, purpose, container_kind, container_role,"
            " printed_at) VALUES (%s, %s, 'container', %s, 'printed', 'x', '', '', now())",
            new_id(),
            ours.chain.pk,
            ours.labels()[0].code,
        )


CUSTODY = (
    "INSERT INTO identity_custody (id, container_id, custodian_kind, custodian_ref, custodian_name, during) "
    "VALUES (%s, %s, 'person', 'account:x', 'X', {})"
)


@pytest.mark.requirement("N5")
@pytest.mark.parametrize(
    ("during", "constraint"),
    [
        ("tstzrange(now() - interval '1 hour', NULL)", "identity_one_custodian"),
        ("tstzrange(now() + interval '1 hour', NULL)", "identity_one_custodian"),
        ("tstzrange(now(), now())", "identity_custody_not_empty"),
        ("'empty'::tstzrange", "identity_custody_not_empty"),
    ],
)
def test_a_container_has_one_custodian_at_a_time(ours: Course, during: str, constraint: str) -> None:
    bag = ours.collected()
    with forbidden(constraint):
        sql(CUSTODY.format(during), new_id(), bag.pk)


@pytest.mark.requirement("N15")
def test_a_custody_is_closed_once_and_otherwise_kept(ours: Course) -> None:
    bag = ours.collected()
    ours.bench.do(actions.hand_over, by="nurse.rj", container_ids=[bag.pk], to=_carrier())
    first, second = bag.custodies.order_by("id")
    with forbidden("identity_custody_closes_once"):
        sql("UPDATE identity_custody SET during = tstzrange(lower(during), NULL) WHERE id = %s", first.pk)
    with forbidden("identity_custody_closes_once"):
        sql(
            "UPDATE identity_custody SET during = tstzrange(lower(during) - interval '1 day', now()) WHERE id = %s",
            second.pk,
        )
    with forbidden("identity_custody_custodian_ref_kept"):
        sql("UPDATE identity_custody SET custodian_ref = 'account:y' WHERE id = %s", second.pk)


def _carrier() -> Any:
    from vein2vein.identity.rules import Custodian
    from vein2vein.identity.states import CustodianKind
    from vein2vein.network import reads as network

    site = network.get_site("CARRIER-A-DEMO")
    return Custodian(CustodianKind.ORGANISATION, f"site:{site.pk}", site.name_en)


CHECK = (
    "INSERT INTO identity_identitycheck (id, coi_id, occasion, container_id, performed_by_id, witnessed_by_id,"
    " wristband_id, manual, checked_at) VALUES (%s, %s, 'infusion', %s, %s, %s, %s, false, now())"
)


@pytest.mark.requirement("N5")
def test_an_identity_check_has_two_people_and_one_chain(ours: Course, theirs: Course, bench: Bench) -> None:
    bag, band = ours.product(), ours.band.pk
    nurse, second = bench.who("infusion.rj").account_id, bench.who("infusion.rj2").account_id
    with forbidden("identity_check_two_people"):
        sql(CHECK, new_id(), ours.chain.pk, bag.pk, nurse, nurse, band)
    with forbidden("identity_check_wristband_on_chain"):
        sql(CHECK, new_id(), ours.chain.pk, bag.pk, nurse, second, theirs.band.pk)
    with forbidden("identity_check_container_on_chain"):
        sql(CHECK, new_id(), theirs.chain.pk, bag.pk, nurse, second, theirs.band.pk)
    with forbidden("identity_check_wristband"):
        sql(CHECK, new_id(), ours.chain.pk, bag.pk, nurse, second, None)
    with forbidden("identity_check_container"):
        sql(CHECK, new_id(), ours.chain.pk, None, nurse, second, band)


@pytest.mark.requirement("N5")
def test_a_product_is_not_infused_unmatched(ours: Course) -> None:
    made = ours.product()
    with forbidden("identity_container_transition"):
        sql("UPDATE identity_container SET state = 'infused' WHERE id = %s", made.pk)
    ours.bench.do(actions.thaw_container, by="celllab.rj", container_id=made.pk)
    with forbidden("identity_infused_after_check"):
        sql("UPDATE identity_container SET state = 'infused' WHERE id = %s", made.pk)


@pytest.mark.requirement("N6")
def test_a_product_is_not_thawed_before_release_even_in_one_statement(ours: Course) -> None:
    made = ours.derive([ours.collected()], ContainerKind.FINAL_PRODUCT)
    for columns in ("state = 'thawed'", "state = 'thawed', disposition = 'released'"):
        with forbidden("identity_product_released"):
            sql(f"UPDATE identity_container SET {columns} WHERE id = %s", made.pk)


@pytest.mark.requirement("N6")
def test_nothing_but_product_is_infused_and_a_rejection_is_final(ours: Course) -> None:
    bag = ours.collected()
    with forbidden("identity_only_product_infused"):
        sql("UPDATE identity_container SET state = 'thawed' WHERE id = %s", bag.pk)
        sql("UPDATE identity_container SET state = 'infused' WHERE id = %s", bag.pk)
    ours.bench.do(actions.set_disposition, by="warehouse", container_id=bag.pk, disposition=Disposition.REJECTED)
    with forbidden("identity_rejection_final"):
        sql("UPDATE identity_container SET disposition = 'released' WHERE id = %s", bag.pk)


def test_nothing_is_tied_to_a_closed_chain(ours: Course) -> None:
    ours.bench.do(actions.close_chain, by="coordinator.rj", coi_id=ours.chain.pk)
    with forbidden("identity_chain_open"):
        sql(CONTAINER, new_id(), ours.chain.pk, "CTN-LATE", "starting_material")
    with forbidden("identity_chain_transition"):
        sql("UPDATE identity_chain SET state = 'open' WHERE id = %s", ours.chain.pk)


def test_a_hospital_number_means_one_patient(ours: Course, theirs: Course) -> None:
    with forbidden("identity_patientnumber_patient_id_kept"):
        sql(
            "UPDATE identity_patientnumber SET patient_id = %s WHERE patient_id = %s",
            theirs.chain.patient_id,
            ours.chain.patient_id,
        )
    with forbidden("identity_number_one_patient"):
        sql(
            "INSERT INTO identity_patientnumber (id, patient_id, hospital_id, number_encrypted, number_digest,"
            " current, linked_at) SELECT gen_random_uuid(), patient_id, hospital_id, number_encrypted,"
            " number_digest, false, now() FROM identity_patientnumber WHERE patient_id = %s",
            ours.chain.patient_id,
        )
