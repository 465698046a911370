"""Definitions: who may submit, approve and retire; what is written; what a refusal leaves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import DefinitionId
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refused
from vein2vein.core.uploads import Upload
from vein2vein.journal.reads import list_recent, list_stream
from vein2vein.people.models import Account
from vein2vein.therapies import actions, commands, reads
from vein2vein.therapies.carrying import carry_through
from vein2vein.therapies.models import DefinitionVersion

__all__ = ["plain_static_files"]

THERAPIES = Path(__file__).parents[4] / "therapies"
RAPID = THERAPIES / "rapid-bcma-cd19"
SHORTER = ("weight_maximum_age: 14 d", "weight_maximum_age: 13 d")
Find = Callable[[str], Actor]
Sign = Callable[..., Actor]


def changed(version: str = "1.1.0", **replaced: tuple[str, str]) -> list[Upload]:
    """Return the rapid definition's files under another version, with texts replaced."""
    files = {path.name: path.read_text() for path in RAPID.iterdir() if path.is_file() and path.name[0] != "."}
    files["therapy.yaml"] = files["therapy.yaml"].replace("version: 1.0.0", f"version: {version}", 1)
    for name, (old, new) in replaced.items():
        file = name.replace("_yaml", ".yaml")
        assert old in files[file]
        files[file] = files[file].replace(old, new, 1)
    return [Upload(name, text.encode()) for name, text in files.items()]


def zipped(files: list[Upload]) -> Upload:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for one in files:
            archive.writestr(f"rapid/{one.filename}", one.content)
    return Upload("rapid.zip", buffer.getvalue())


def everything() -> tuple[Any, ...]:
    newest = list_recent(limit=1)
    rows = DefinitionVersion.objects.order_by("id").values_list("id", "state", "effective_from_on")
    return (newest[0].id if newest else 0, *rows)


def approved(actor: Find, sign: Sign, definition_id: Any, on: date | None = None) -> reads.VersionView:
    arguments = {"definition_id": definition_id, "effective_from_on": on or datetime.now(UTC).date()}
    if reads.find_version(definition_id) is not None and reads.find_rehearsal(definition_id) is None:
        carry_through(definition_id)
    return actions.approve_definition(**arguments, by=sign(actor("qp"), "therapies.approve_definition", **arguments))


def version_in_force(on: date) -> str:
    found = reads.effective_definition("rapid-bcma-cd19", on)
    assert found is not None
    return found.version


@pytest.mark.requirement("C")
def test_submitted_approved_in_force_and_retired(actor: Find, sign: Sign) -> None:
    today = datetime.now(UTC).date()
    made = actions.submit_definition(files=[zipped(changed(therapy_yaml=SHORTER))], by=actor("supervisor"))
    assert version_in_force(today) == "1.0.0"
    compared = reads.compare_definition(definition_id=DefinitionId(made.id), on=today, by=actor("qp"))
    assert any("weight_maximum_age" in one.path for one in compared.differences)
    assert compared.rehearsal == reads.NOT_REHEARSED
    wish: dict[str, Any] = {"definition_id": made.id, "effective_from_on": today}
    signed = sign(actor("qp"), "therapies.approve_definition", **wish)
    with pytest.raises(Refused, match="No virtual patient"):
        actions.approve_definition(**wish, by=signed)
    actions.rehearse_definition(definition_id=DefinitionId(made.id), by=actor("supervisor"))
    approved(actor, sign, made.id)
    compared = reads.compare_definition(definition_id=DefinitionId(made.id), on=today, by=actor("qp"))
    assert compared.rehearsal == reads.PASSED
    assert version_in_force(today) == "1.1.0"
    assert version_in_force(today - timedelta(days=1)) == "1.0.0"
    arguments: dict[str, Any] = {"definition_id": made.id, "reason": "superseded"}
    actions.retire_definition(**arguments, by=sign(actor("qp"), "therapies.retire_definition", **arguments))
    assert version_in_force(today) == "1.0.0"
    entries = list_stream(f"definition:{made.id}")
    told = [one.fact.partition(".")[2] for one in entries]
    way = ["DefinitionSubmitted", "RehearsalAsked", "DefinitionRehearsed", "DefinitionApproved", "DefinitionRetired"]
    assert told == way
    assert (entries[2].data["passes"], entries[2].data["blockers"]) == (True, 0)
    assert entries[3].data["rehearsed"] is True
    assert [one["meaning"] for one in entries[3].payload["signatures"]] == ["approved"]


@pytest.mark.parametrize(
    "action", ["submit_definition", "rehearse_definition", "approve_definition", "retire_definition"]
)
@pytest.mark.parametrize("username", ["physician.rj", "operator1", "analyst", "planner", "admin", "warehouse"])
def test_nobody_else_may(actor: Find, action: str, username: str) -> None:
    before = everything()
    arguments: dict[str, dict[str, Any]] = {
        "submit_definition": {"files": changed()},
        "rehearse_definition": {"definition_id": None},
        "approve_definition": {"definition_id": None, "effective_from_on": None},
        "retire_definition": {"definition_id": None, "reason": "x"},
    }
    with pytest.raises(NotAllowed):
        journal.ACTIONS[f"therapies.{action}"].run(**arguments[action], by=actor(username))
    assert everything() == before


def test_approval_without_a_signature_is_refused(actor: Find) -> None:
    made = actions.submit_definition(files=changed(), by=actor("supervisor"))
    before = everything()
    with pytest.raises(NotAllowed):
        actions.approve_definition(
            definition_id=DefinitionId(made.id), effective_from_on=date(2030, 1, 1), by=actor("qp")
        )
    assert everything() == before


def test_approval_is_not_dated_back_nor_given_twice(actor: Find, sign: Sign) -> None:
    made = actions.submit_definition(files=changed(), by=actor("qareviewer"))
    with pytest.raises(Refused, match="before it was approved"):
        approved(actor, sign, made.id, date(2025, 2, 1))
    approved(actor, sign, made.id)
    with pytest.raises(Refused, match="Only a draft"):
        approved(actor, sign, made.id)
    with pytest.raises(NotFound):
        approved(actor, sign, DefinitionId(journal.followers.SYSTEM_ACCOUNT))


def test_two_versions_do_not_take_effect_on_one_day(actor: Find, sign: Sign) -> None:
    first = actions.submit_definition(files=changed("1.1.0"), by=actor("supervisor"))
    second = actions.submit_definition(files=changed("1.2.0"), by=actor("supervisor"))
    approved(actor, sign, first.id)
    with pytest.raises(Conflict, match="takes effect on that day"):
        approved(actor, sign, second.id)


def test_a_version_and_a_content_exist_once(actor: Find) -> None:
    actions.submit_definition(files=changed(), by=actor("supervisor"))
    before = everything()
    for files in (changed(), changed(therapy_yaml=SHORTER)):
        with pytest.raises(Conflict):
            actions.submit_definition(files=files, by=actor("supervisor"))
    assert everything() == before


@pytest.mark.requirement("N7")
def test_one_id_never_stands_for_two_vectors(actor: Find, sign: Sign) -> None:
    mixed = changed(process_yaml=("material: lentiviral_vector", "material: cd19_vector"))
    files = {one.filename: one.content.decode() for one in mixed}
    files["supply.yaml"] = files["supply.yaml"].replace("lentiviral_vector", "cd19_vector")
    drafted = actions.submit_definition(
        files=[Upload(name, text.encode()) for name, text in files.items()], by=actor("qareviewer")
    )
    carry_through(DefinitionId(drafted.id))
    before = everything()
    with pytest.raises(Refused) as caught:
        approved(actor, sign, drafted.id)
    assert [one.code for one in caught.value.blockers] == ["therapies.vector_means_other"]
    assert caught.value.blockers[0].field == "materials.cd19_vector"
    assert everything() == before


@pytest.mark.requirement("C")
@pytest.mark.parametrize(
    "files",
    [
        [],
        changed()[:4],
        [*changed(), changed()[0]],
        [Upload("rapid.zip", b"not a zip")],
        [Upload("rapid.zip", b"PK\x03\x04" + b"\x00" * 50)],
        [zipped([*changed(), Upload("more.yaml", b"a: 1")])],
        changed(therapy_yaml=("declared_from: ", "declared_from: no_such_")),
        changed(therapy_yaml=("1.1.0", "[")),
        changed(supply_yaml=("72 h", "72 cell")),
    ],
    ids=["none", "four", "double", "no_zip", "cut_zip", "six", "reference", "yaml", "unit"],
)
def test_what_is_not_a_clean_definition_is_refused_with_its_place(actor: Find, files: list[Upload]) -> None:
    before = everything()
    with pytest.raises(Refused) as caught:
        actions.submit_definition(files=files, by=actor("supervisor"))
    assert all(one.field and one.mend for one in caught.value.blockers)
    assert everything() == before


def test_the_content_is_verified_when_it_is_loaded(actor: Find) -> None:
    row = DefinitionVersion.objects.get(therapy_code="rapid-bcma-cd19")
    assert reads.get_definition(row.pk).therapy.id == "rapid-bcma-cd19"
    row.files = {**row.files, "therapy.yaml": row.files["therapy.yaml"].replace("high: 3e5", "high: 3e6", 1)}
    with pytest.raises(Refused, match="content hash"):
        reads.content_of(row)
    row.refresh_from_db()
    row.canonical = row.canonical.replace("300000", "3000000") + " "
    with pytest.raises(Refused, match="content hash"):
        reads.content_of(row)


@pytest.mark.parametrize("column", ["canonical", "version", "content_hash", "therapy_code"])
def test_a_submitted_content_cannot_be_changed_by_sql(actor: Find, column: str) -> None:
    del actor
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE therapies_definitionversion SET {column} = {column} || 'x'")


def test_the_internal_load_has_no_door(actor: Find) -> None:
    with pytest.raises(NotAllowed):
        actions.load_definition(files=changed(), effective_from_on=date(2025, 1, 1), by=actor("qp"))


def page(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def sent() -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(one.filename, one.content) for one in changed()]


def test_pages(db: None) -> None:
    client = page("supervisor")
    assert "rapid-bcma-cd19" in client.get("/definitions").text
    answer = client.post("/definitions/submit", {"files": sent()})
    assert answer.status_code == 302, answer.text
    shown = page("qp").get(answer["Location"]).text
    assert 'data-rehearsal="none"' in shown
    carry_through(DefinitionId(UUID(answer["Location"].rpartition("/")[2])))
    shown = page("qp").get(answer["Location"]).text
    assert 'data-rehearsal="passed"' in shown
    assert 'data-action="therapies.approve_definition"' in shown
    assert client.post("/definitions/submit", {"files": sent()}).status_code == 409


@pytest.mark.requirement("C")
def test_check_and_diff_need_no_database(tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(commands.group, ["check", str(RAPID)]).exit_code == 0
    for one in changed(therapy_yaml=SHORTER):
        (tmp_path / one.filename).write_bytes(one.content)
    differs = run(commands.group, ["diff", "--no-batches", str(RAPID), str(tmp_path)])
    assert differs.exit_code == 1
    assert "therapy" in differs.output
    (tmp_path / "therapy.yaml").write_text(
        (RAPID / "therapy.yaml").read_text().replace("unit: cell/kg", "unit: cell/parsec")
    )
    wrong = run(commands.group, ["check", str(tmp_path)])
    assert wrong.exit_code == 3
    assert "therapy.yaml:" in wrong.output
    assert run(commands.group, ["check", str(tmp_path / "nowhere")]).exit_code == 3


@pytest.mark.usefixtures("db")
def test_shipped_definitions_are_in_force_at_once_and_pass_the_rehearsal_that_is_asked_for_beside() -> None:
    versions = list(reads.list_effective(clock.now().date()))
    assert len(versions) >= 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'definition_id' FROM procrastinate_jobs WHERE task_name = 'therapies.rehearse'")
        assert {one for (one,) in cursor.fetchall()} >= {str(one.pk) for one in versions}
    for one in versions:
        carry_through(DefinitionId(one.pk))
        found = reads.find_rehearsal(one.pk)
        assert found is not None
        assert found.passes, found.verdict
