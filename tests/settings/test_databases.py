"""Which database and which two roles the environment names."""

from pathlib import Path

import psycopg
import pytest

from vein2vein.settings import databases, embedded

VARIABLES = ("DATABASE_URL", "DATABASE_APP_URL", "V2V_DATABASE", "V2V_STATE", "V2V_TEST_CLUSTER")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("V2V_STATE", str(tmp_path))


def test_without_a_url_it_is_the_embedded_cluster(tmp_path: Path) -> None:
    found = databases.resolve()
    assert (found.owner["USER"], found.app["USER"]) == ("v2v_owner", "v2v_app")
    assert found.app["HOST"] == str(embedded.socket_folder(tmp_path))
    assert found.app["CONN_HEALTH_CHECKS"] is True
    assert "pool" in found.app["OPTIONS"]
    assert "pool" not in found.owner["OPTIONS"]


def test_the_cluster_of_the_tests_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("V2V_STATE")
    assert databases.state_folder() == databases.PROJECT / ".local" / "state"
    monkeypatch.setenv("V2V_TEST_CLUSTER", "1")
    assert databases.state_folder() == databases.PROJECT / ".local" / "test-state"


def test_another_database_of_the_same_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V2V_DATABASE", "journey")
    found = databases.resolve()
    assert found.owner["NAME"] == found.app["NAME"] == "journey"


def test_a_url_gives_every_part_and_the_app_role_a_kept_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ow%40ner:p%2Fw@db.example:6432/site?sslmode=require")
    found = databases.resolve()
    owner = {key: found.owner[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    assert owner == {"USER": "ow@ner", "PASSWORD": "p/w", "HOST": "db.example", "PORT": "6432", "NAME": "site"}
    assert found.owner["OPTIONS"]["sslmode"] == "require"
    assert found.app["USER"] == "v2v_app"
    assert len(found.app["PASSWORD"]) >= 32
    assert databases.resolve().app["PASSWORD"] == found.app["PASSWORD"]
    assert (tmp_path / "app-password").stat().st_mode & 0o777 == 0o600
    assert psycopg.conninfo.conninfo_to_dict(databases.conninfo(found.owner))["sslmode"] == "require"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///file.db", "must begin with postgresql://"),
        ("postgresql://user@host:port/name", "port is not a number"),
        ("postgresql://host/name", "must name a user and a database"),
        ("postgresql://user@host/", "must name a user and a database"),
    ],
)
def test_a_url_that_cannot_be_read_is_said(url: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(databases.DatabaseError, match=said):
        databases.resolve()


def test_the_run_time_role_may_not_be_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://one:a@host/name")
    monkeypatch.setenv("DATABASE_APP_URL", "postgresql://one:a@host/name")
    with pytest.raises(databases.DatabaseError, match="same role"):
        databases.resolve()
