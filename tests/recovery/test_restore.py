"""A backup is restored to its end and to a moment, verified, and gone on with; what it lacks is named."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from django.conf import settings

from vein2vein.settings import databases, embedded

pytestmark = pytest.mark.requirement("recovery")


class Site:
    """An installation of its own, filled from the demonstration site, worked by the command line."""

    def __init__(self, folder: Path) -> None:
        self.state, self.backups = folder / "state", folder / "backups"

    def command(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        surroundings = {name: value for name, value in os.environ.items() if name != "V2V_TEST_CLUSTER"}
        surroundings |= {"V2V_STATE": str(self.state), "PYTHONPATH": str(databases.PROJECT / "src")}
        return subprocess.run(
            [sys.executable, "-m", "vein2vein.cli", *arguments],
            input=given,
            capture_output=True,
            text=True,
            env=surroundings,
            check=False,
        )

    def done(self, *arguments: str, given: str = "") -> str:
        ran = self.command(*arguments, given=given)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def act(self, reason: str, code: str) -> None:
        """Take equipment out of service: an act that is acknowledged."""
        password = f"{settings.DEMONSTRATION_PASSWORD}\n"
        identity = self.rows("SELECT id FROM network_equipment WHERE code = %s", code)[0][0]
        given = (f"equipment_id={identity}", f"reason={reason}", "--as", "supervisor")
        self.done("act", "network.take_equipment_out_of_service", *given, given=password)

    def told(self, reason: str) -> bool:
        """Whether an act with this reason is in the journal."""
        return bool(self.rows("SELECT 1 FROM journal_entry WHERE payload LIKE %s", f"%{reason}%"))

    def rows(self, statement: LiteralString, value: str) -> list[tuple[Any, ...]]:
        """Ask the database of the installation, which is started for it."""
        with (
            embedded.running(self.state) as cluster,
            psycopg.connect(cluster.conninfo(embedded.OWNER, embedded.DATABASE)) as connection,
        ):
            return connection.execute(statement, [value]).fetchall()


@pytest.fixture
def site(committed_db: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    test = embedded.locate(databases.state_folder())
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("V2V_TEST_CLUSTER")
        cluster = embedded.ensure_running(made.state)
        dump = tmp_path / "dump.sql"
        address = ("-h", str(test.sockets), "-U", embedded.OWNER, "-d", committed_db)
        done = embedded.program(test, "pg_dump", "-f", str(dump), *address)
        assert done.returncode == 0, done.stdout
        for key in databases.state_folder().glob("*-key"):
            shutil.copy2(key, made.state / key.name)
        into = ("-h", str(cluster.sockets), "-U", embedded.OWNER, "-d", embedded.DATABASE)
        done = embedded.program(cluster, "psql", "-q", "-v", "ON_ERROR_STOP=1", *into, "-f", str(dump))
        assert done.returncode == 0, done.stdout
        embedded.stop(made.state)
        yield made
        embedded.stop(made.state)


def test_restored_to_its_end_and_to_a_moment_and_gone_on_with(site: Site) -> None:
    site.done("database", "backup", str(site.backups))
    site.act("before the moment", "WS-01")
    time.sleep(0.1)
    moment = datetime.now(UTC).isoformat()
    time.sleep(0.1)
    site.act("after the moment", "WS-02")

    said = site.done("database", "restore", str(site.backups), "--at", moment)
    assert "network.take_equipment_out_of_service" in said
    assert "NOT ALL THERE: 1 entries missing in 1 streams" in said
    assert "enter them again" in said
    assert site.told("before the moment")
    assert not site.told("after the moment")

    site.act("after the moment, again", "WS-02")
    assert "nothing that was known is missing" in site.done("database", "restore", str(site.backups))
    assert site.told("after the moment, again")


def test_a_lost_disk_is_restored_from_the_copy_and_the_log(site: Site) -> None:
    site.done("database", "backup", str(site.backups))
    site.act("kept in the log", "WS-01")
    with embedded.running(site.state) as cluster:
        site.done("journal", "heads", str(site.backups / "heads.jsonl"))
    cluster = embedded.ensure_running(site.state)
    os.kill(int((cluster.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    shutil.rmtree(site.state)

    ran = site.command("database", "restore", str(site.backups))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "nothing that was known is missing" in ran.stdout
    assert (site.state / "patient-numbers-key").exists() or not (site.backups / "keys" / "patient-numbers-key").exists()
    assert site.told("kept in the log")


def test_what_the_log_did_not_reach_is_named_and_the_exit_code_says_so(site: Site) -> None:
    site.done("database", "backup", str(site.backups))
    kept = {path.name for path in (site.backups / "wal").iterdir()}
    site.act("lost with the disk", "WS-01")
    site.done("journal", "heads", str(site.backups / "heads.jsonl"))
    embedded.stop(site.state)
    shutil.rmtree(site.state)
    for path in (site.backups / "wal").iterdir():
        if path.name not in kept:
            path.unlink()
    ran = site.command("database", "restore", str(site.backups))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "missing" in ran.stdout
    assert "were acknowledged and are not in it" in ran.stdout


def test_a_restore_that_cannot_be_done_leaves_everything_as_it_was(site: Site) -> None:
    nothing = site.command("database", "restore", str(site.backups))
    assert nothing.returncode == 1
    assert "holds no backup" in nothing.stderr
    site.done("database", "backup", str(site.backups))
    time.sleep(1)  # the names are of whole seconds
    site.done("database", "backup", str(site.backups), "--keep", "1")
    early = site.command("database", "restore", str(site.backups), "--at", "2020-01-01T00:00:00+00:00")
    assert early.returncode == 1
    assert "the oldest backup" in early.stderr
    vague = site.command("database", "restore", str(site.backups), "--at", "yesterday")
    assert vague.returncode == 2
    assert "not a time with a zone" in vague.stderr
    (copy,) = site.backups.glob("base-*")
    (copy / "global" / "pg_control").write_bytes(b"damaged")
    damaged = site.command("database", "restore", str(site.backups))
    assert damaged.returncode == 1
    assert "pg_verifybackup failed" in damaged.stderr
    assert site.rows("SELECT count(*) > 0 FROM journal_entry WHERE stream <> %s", "") == [(True,)]
