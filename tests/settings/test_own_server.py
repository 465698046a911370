"""A PostgreSQL of the user's own: the run-time role is made beside the owner, or the mend is said."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from vein2vein.settings import databases, embedded


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Cluster]:
    """Another cluster, standing for the user's own server; it has no run-time role yet."""
    with embedded.running(tmp_path_factory.mktemp("own")) as cluster:
        with psycopg.connect(cluster.conninfo(embedded.SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute("DROP ROLE v2v_app")
            connection.execute("CREATE ROLE humble LOGIN")
            connection.execute("CREATE DATABASE site OWNER v2v_owner")
        yield cluster


def _url(server: embedded.Cluster, user: str) -> str:
    return f"postgresql://{user}@/site?host={server.sockets}&port={embedded.PORT}"


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("V2V_STATE", str(tmp_path))
    monkeypatch.delenv("DATABASE_APP_URL", raising=False)
    monkeypatch.delenv("V2V_DATABASE", raising=False)


def test_an_owner_who_may_not_make_roles_is_told_what_to_do(
    server: embedded.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", _url(server, "humble"))
    with pytest.raises(databases.DatabaseError, match=r"may not create the run-time role.*DATABASE_APP_URL"):
        databases.ensure_ready()


def test_the_run_time_role_is_made_once_with_a_kept_password(
    server: embedded.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", _url(server, "v2v_owner"))
    for _ in range(2):
        found = databases.ensure_ready()
    with psycopg.connect(databases.conninfo(found.app)) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert row.fetchone() == ("v2v_app", False, False)
    with psycopg.connect(server.conninfo(embedded.SUPERUSER, "postgres")) as connection:
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'v2v_app'").fetchone()
    assert kept is not None
    assert kept[0].startswith("SCRAM-SHA-256$")


def test_another_database_is_made_on_the_same_server(server: embedded.Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", _url(server, "v2v_owner"))
    monkeypatch.setenv("V2V_DATABASE", "journey")
    found = databases.ensure_ready()
    with psycopg.connect(databases.conninfo(found.owner)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("journey",)


def test_a_server_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me@/site?host={tmp_path}")
    with pytest.raises(databases.DatabaseError, match="cannot be reached"):
        databases.ensure_ready()
