"""A server of the user's own: backed up and restored to a moment by the documented commands, verified, gone on with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from tests.own_server import OWNER, OwnServer, own_server
from vein2vein.settings import databases, embedded

pytestmark = pytest.mark.requirement("recovery")
WITHIN_SECONDS = 60
"""How long the whole rehearsal may take, from the disaster to the first act after it."""


class Installation:
    """An installation whose database is on that server, worked by the command line."""

    def __init__(self, server: OwnServer, folder: Path) -> None:
        self.server, self.state, self.folder = server, folder / "state", folder

    def command(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        surroundings = {name: value for name, value in os.environ.items() if name != "V2V_TEST_CLUSTER"}
        surroundings |= {"V2V_STATE": str(self.state), "PYTHONPATH": str(databases.PROJECT / "src")}
        return subprocess.run(
            [sys.executable, "-m", "vein2vein.cli", *arguments],
            input=given,
            capture_output=True,
            text=True,
            env=surroundings | {"DATABASE_URL": self.server.url},
            check=False,
        )

    def done(self, *arguments: str, given: str = "") -> str:
        ran = self.command(*arguments, given=given)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def act(self, reason: str, code: str) -> None:
        """Take equipment out of service: an act that is acknowledged."""
        with self.server.superuser("site") as connection:
            row = connection.execute("SELECT id FROM network_equipment WHERE code = %s", [code]).fetchone()
        assert row is not None
        given = (f"equipment_id={row[0]}", f"reason={reason}", "--as", "supervisor")
        self.done("act", "network.take_equipment_out_of_service", *given, given=f"{settings.DEMONSTRATION_PASSWORD}\n")

    def told(self, reason: str) -> bool:
        """Whether an act with this reason is in the journal."""
        with self.server.superuser("site") as connection:
            asked = "SELECT count(*) FROM journal_entry WHERE payload LIKE %s"
            return connection.execute(asked, [f"%{reason}%"]).fetchone() == (1,)


@pytest.fixture
def site(committed_db: str, tmp_path: Path) -> Iterator[Installation]:
    """The demonstration site on a server that keeps its log, as the guide says."""
    kept = tmp_path / "wal"
    kept.mkdir()
    archive = f"archive_command=test ! -f {kept}/%f && cp %p {kept}/%f"
    with own_server(tmp_path / "own", "archive_mode=on", archive, "archive_timeout=60s") as server:
        made, dump = Installation(server, tmp_path), tmp_path / "dump.sql"
        ours = embedded.locate(databases.state_folder())
        plain = ("--no-owner", "--no-privileges", "-h", str(ours.sockets), "-U", embedded.OWNER, "-d", committed_db)
        done = embedded.program(ours, "pg_dump", "-f", str(dump), *plain)
        assert done.returncode == 0, done.stdout
        into = ("-U", OWNER, "-d", "site", "-v", "ON_ERROR_STOP=1", "-f", str(dump))
        server.program("psql", "-q", *server.address, *into)
        made.state.mkdir(mode=0o700)
        for key in databases.state_folder().glob("*-key"):
            shutil.copy2(key, made.state / key.name)
        # The run-time role and its rights are made by whoever migrates.
        made.done("django", "migrate", "--database", "owner", "--verbosity", "0")
        yield made


def test_restored_to_a_moment_by_its_own_tools_verified_and_gone_on_with(site: Installation, tmp_path: Path) -> None:
    server, heads, copy = site.server, tmp_path / "heads.jsonl", tmp_path / "base"
    server.program("pg_basebackup", *server.address, "-U", "postgres", "-D", str(copy), "-X", "stream", "-c", "fast")
    site.act("before the moment", "WS-01")
    root = site.command("journal", "seal").stdout.strip()
    time.sleep(0.1)
    moment = datetime.now(UTC).isoformat(sep=" ")
    time.sleep(0.1)
    site.act("after the moment", "WS-02")
    site.done("journal", "heads", str(heads))
    with server.superuser() as connection:
        connection.execute("SELECT pg_switch_wal()")  # else it is kept within a minute

    began = time.monotonic()
    server.stop()
    server.cluster.data.rename(server.cluster.data.with_name("postgres.before"))
    shutil.copytree(copy, server.cluster.data)
    server.cluster.data.chmod(0o700)
    with (server.cluster.data / "postgresql.auto.conf").open("a") as settings_of_server:
        settings_of_server.write(f"restore_command = 'cp {tmp_path}/wal/%f %p'\n")
        settings_of_server.write(f"recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n")
    (server.cluster.data / "recovery.signal").touch()
    server.start()

    assert "whole" in site.done("journal", "verify")
    compared = site.command("journal", "compare", str(heads))
    assert compared.returncode == 1, compared.stdout
    assert "1 entries missing in 1 streams" in compared.stdout + compared.stderr
    assert site.told("before the moment")
    assert not site.told("after the moment")
    site.act("after the moment, again", "WS-02")
    took = time.monotonic() - began
    site.done("journal", "export", str(tmp_path / "journal.jsonl"))
    site.done("verify", str(tmp_path / "journal.jsonl"), "--root", root)
    assert took < WITHIN_SECONDS, f"{took:.0f} s from the disaster to the next act"
