"""The embedded PostgreSQL is made once, found again, recovers from a kill, and stops for the last user."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from vein2vein.settings import databases, embedded

ENSURE = (
    "import sys, pathlib; from vein2vein.settings import embedded; embedded.ensure_running(pathlib.Path(sys.argv[1]))"
)


@pytest.fixture(scope="module", autouse=True)
def _as_in_production() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("V2V_TEST_CLUSTER", raising=False)
        yield


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="v2v-embedded-") as folder:
        yield Path(folder) / "state"
        embedded.stop(Path(folder) / "state")


@pytest.fixture(scope="module")
def cluster(state: Path) -> embedded.Cluster:
    """Made by two processes that ask at the same moment."""
    command = [sys.executable, "-c", ENSURE, str(state)]
    surroundings = os.environ | {"PYTHONPATH": str(databases.PROJECT / "src")}
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, env=surroundings) for _ in range(2)]
    errors = [process.communicate(timeout=60)[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    return embedded.ensure_running(state)


def _pid(cluster: embedded.Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def test_only_this_user_enters_the_folders(cluster: embedded.Cluster) -> None:
    for folder in (cluster.state, cluster.sockets, cluster.data):
        assert folder.stat().st_mode & 0o077 == 0, folder


def test_the_roles_have_their_rights_and_no_more(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.conninfo(embedded.SUPERUSER, embedded.DATABASE)) as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolcanlogin FROM pg_roles "
            "WHERE rolname LIKE 'v2v%' ORDER BY rolname"
        ).fetchall()
        listen = connection.execute("SHOW listen_addresses").fetchone()
        checksums = connection.execute("SHOW data_checksums").fetchone()
    assert rows == [
        (embedded.APP, False, False, False, False, True),
        (embedded.OWNER, False, True, True, False, True),
    ]
    assert listen == ("",)
    assert checksums == ("on",)


def test_the_run_time_role_makes_no_tables(cluster: embedded.Cluster) -> None:
    with (
        psycopg.connect(cluster.conninfo(embedded.APP, embedded.DATABASE)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE mine (id int)")


def test_the_owner_can_make_what_migrations_need(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.conninfo(embedded.OWNER, embedded.DATABASE)) as connection:
        for extension in ("btree_gist", "pg_trgm"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}".encode())
        connection.rollback()


def test_a_killed_server_comes_back_with_every_committed_row(state: Path, cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.conninfo(embedded.OWNER, embedded.DATABASE)) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    os.kill(_pid(cluster), signal.SIGKILL)
    again = embedded.ensure_running(state)
    with psycopg.connect(again.conninfo(embedded.OWNER, embedded.DATABASE)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_pid_file_whose_number_is_another_process_now_does_not_stop_it(
    state: Path, cluster: embedded.Cluster
) -> None:
    assert embedded.stop(state)
    assert not embedded.answers(state)
    assert not embedded.stop(state)
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n0\n5432\n\n\n")
    embedded.ensure_running(state)
    assert embedded.answers(state)


def test_the_last_of_several_users_stops_it(state: Path, cluster: embedded.Cluster) -> None:
    with embedded.running(state):
        with embedded.running(state):
            pass
        assert embedded.answers(state)
    assert not embedded.answers(state)
    embedded.ensure_running(state)


def test_another_major_version_is_never_opened(tmp_path: Path) -> None:
    data = tmp_path / "state" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.EmbeddedError, match=r"written by PostgreSQL 17.*pg_dump"):
        embedded.ensure_running(tmp_path / "state")
    assert sorted(path.name for path in data.iterdir()) == ["PG_VERSION"]


def test_an_unknown_folder_in_its_place_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "state" / "postgres"
    data.mkdir(parents=True)
    (data / "thesis.txt").write_text("mine")
    with pytest.raises(embedded.EmbeddedError, match="not a PostgreSQL data folder"):
        embedded.ensure_running(tmp_path / "state")
    assert (data / "thesis.txt").read_text() == "mine"


def test_the_socket_path_stays_short_however_deep_the_project_is(tmp_path: Path) -> None:
    deep = tmp_path / ("very" * 20) / "deep"
    assert embedded.socket_folder(deep) == embedded.socket_folder(deep)
    assert len(str(embedded.socket_folder(deep) / ".s.PGSQL.5432")) < embedded.LONGEST_SOCKET_PATH
    assert embedded.socket_folder(deep) != embedded.socket_folder(tmp_path / ("very" * 20) / "other")
    assert embedded.socket_folder(Path("/srv/state")) == Path("/srv/state/socket")


@pytest.mark.skipif(os.getuid() != 0, reason="the way of root where user namespaces are refused")
def test_root_without_user_namespaces_runs_it_as_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V2V_NO_USER_NAMESPACE", "1")
    cluster = embedded.ensure_running(tmp_path)
    try:
        assert Path(f"/proc/{_pid(cluster)}").stat().st_uid == embedded.NOBODY
        with psycopg.connect(cluster.conninfo(embedded.APP, embedded.DATABASE)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        began = time.monotonic()
        assert embedded.stop(tmp_path)
        shutil.rmtree(cluster.home)
    assert time.monotonic() - began < embedded.PATIENCE_SECONDS
