"""No hospital number, initials or birth date in the journal, in an address, in a log, or readable in the database."""

from __future__ import annotations

import logging
from datetime import date

import pytest
from django.db import connection

from vein2vein import journal
from vein2vein.core.refusals import Refusal
from vein2vein.doors.presenting import present
from vein2vein.doors.reading import READS
from vein2vein.identity import reads, secrecy
from vein2vein.identity.models import Patient, PatientNumber
from vein2vein.identity.tests.conftest import Bench, Course, make_course
from vein2vein.identity.tests.test_actions import link, wristband
from vein2vein.journal.verification import verify_chain, verify_fold

SECRETS = ("0047113", "0050001", "1961-05-17", "9930218", "1975-11-02", "ILO")
"""Numbers, birth dates and initials of the fixtures; no drawn code has a 0, 1, I, L or O."""


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_the_journal_carries_none_of_it(ours: Course, theirs: Course) -> None:
    ours.product()
    link(ours)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), string_agg(stream || ' ' || payload || ' ' || refs::text, ' ') FROM journal_entry"
        )
        row = cursor.fetchone()
    assert row is not None
    assert row[0] > 20
    assert found_in(row[1]) == []
    digest = PatientNumber.objects.filter(patient_id=ours.chain.patient_id).values_list("number_digest", flat=True)
    assert not any(one in row[1] for one in digest)


def test_what_is_left_out_of_the_journal_still_folds(ours: Course) -> None:
    ours.product()
    assert verify_chain() == []
    assert [fault for fault in verify_fold() if fault.startswith("identity_")] == []


def test_a_copy_of_the_database_does_not_tell_the_number(ours: Course) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(n::text, ' ') FROM identity_patientnumber n")
        row = cursor.fetchone()
    assert row is not None
    assert not any(secret in row[0] for secret in SECRETS[:5])
    number = PatientNumber.objects.get(patient_id=ours.chain.patient_id)
    assert secrecy.decrypt(number.number_encrypted) == "ZYH-0047113"
    other = Patient.objects.get(pk=ours.chain.patient_id).hospital_id
    assert number.number_digest == secrecy.digest(other, " zyh-0047113")


def test_rows_are_presented_without_it(ours: Course) -> None:
    patient = Patient.objects.get(pk=ours.chain.patient_id)
    number = PatientNumber.objects.get(patient=patient)
    assert set(present(patient)) == {"id", "hospital_id", "sex"}
    assert found_in(str(present(number))) == []


def test_no_read_of_a_door_takes_or_gives_a_number(ours: Course, bench: Bench) -> None:
    import inspect

    for name, spec in READS.items():
        if name.startswith("identity."):
            assert not {"hospital_number", "birth_date", "initials"} & set(inspect.signature(spec.body).parameters)
            assert spec.body not in (reads.bedside, reads.bedside_for_label, reads.find_patient_by_number)


def test_only_the_hospital_reads_the_bedside_identifiers(ours: Course, bench: Bench) -> None:
    assert reads.bedside(ours.chain.pk, by=bench.who("nurse.rj")).birth_date == date(1961, 5, 17)
    for username in ("supervisor", "admin", "nurse.hk"):
        with pytest.raises(Refusal) as caught:
            reads.bedside(ours.chain.pk, by=bench.who(username))
        assert found_in(str(caught.value)) == []


def test_neither_refusals_nor_logs_repeat_it(ours: Course, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="vein2vein")
    said = []
    for attempt in (
        lambda: make_course(bench, "rj", "CN-RJ-DEMO", ours.number, ours.birth_date),
        lambda: wristband(ours, hospital_number="HKQ9930218"),
        lambda: wristband(ours, birth_date=date(1975, 11, 2)),
        lambda: link(ours, former_number="ZYH-0050001"),
    ):
        with pytest.raises(Refusal) as caught:
            attempt()
        said.append(str(caught.value))
    assert found_in(" ".join(said)) == []
    assert found_in(caplog.text) == []


def test_answers_kept_for_replays_have_none_of_it(ours: Course, bench: Bench) -> None:
    from vein2vein.doors.performing import perform

    arguments = {"coi_id": ours.chain.pk, "hospital_number": ours.number, "birth_date": ours.birth_date}
    second = bench.witness("nurse.rj2", "identity.issue_wristband", arguments)
    perform("identity.issue_wristband", arguments, by=bench.who("nurse.rj"), witness=second, key="k1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest || answer FROM doors_answered WHERE key = 'k1'")
        row = cursor.fetchone()
    assert row is not None
    assert found_in(row[0]) == []
    assert "identity.register_patient" in journal.ACTIONS
