"""Which database this installation uses, and with which two roles: the owner who migrates, and the run-time role."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from psycopg import sql

from vein2vein.core.secrets import kept
from vein2vein.settings import embedded

Parameters = dict[str, Any]

PROJECT = Path(__file__).resolve().parents[3]


class DatabaseError(RuntimeError):
    """The database that was asked for cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Databases:
    """Connection parameters ready for Django's `DATABASES`: `owner` migrates, `app` is what serves run as."""

    owner: Parameters
    app: Parameters


def throw_away() -> bool:
    """Whether this process uses the cluster of the tests (`V2V_TEST_CLUSTER=1`): separate, and fsync off."""
    return os.environ.get("V2V_TEST_CLUSTER") == "1"


def state_folder() -> Path:
    """The folder of what must outlive a restart: `V2V_STATE`, else `.local/state` (tests: `.local/test-state`)."""
    named = os.environ.get("V2V_STATE")
    if named:
        return Path(named).absolute()
    return PROJECT / ".local" / ("test-state" if throw_away() else "state")


def external_url() -> str | None:
    """`DATABASE_URL` when it names a PostgreSQL of the user's own; None when the embedded one is to be used."""
    return os.environ.get("DATABASE_URL") or None


PREPARED: Parameters = {"server_side_binding": True, "prepare_threshold": 5}
"""The run-time role's statements are prepared when asked for the fifth time on a connection: planning them anew took
the server longer than running them."""


def resolve() -> Databases:
    """The connection parameters of owner and run-time role, by environment; starts nothing.

    `DATABASE_URL` (owner) and `DATABASE_APP_URL` (run-time role) name any PostgreSQL; without them it is the embedded
    cluster. `V2V_DATABASE` names another database of the same cluster. Raises DatabaseError on a URL it cannot read.
    """
    name = os.environ.get("V2V_DATABASE") or None
    url = external_url()
    if url is None:
        host = str(embedded.socket_folder(state_folder()))
        there = {"HOST": host, "PORT": str(embedded.PORT), "NAME": name or embedded.DATABASE, "PASSWORD": ""}
        owner = there | {"USER": embedded.OWNER, "OPTIONS": {}}
        app = there | {"USER": embedded.APP, "OPTIONS": {}}
    else:
        owner = _from_url("DATABASE_URL", url)
        app_url = os.environ.get("DATABASE_APP_URL")
        app = _from_url("DATABASE_APP_URL", app_url) if app_url else _app_beside(owner)
        if name:
            owner, app = owner | {"NAME": name}, app | {"NAME": name}
        if owner["USER"] == app["USER"]:
            raise DatabaseError("DATABASE_URL and DATABASE_APP_URL name the same role: the run-time role must not own")
    pool = {} if throw_away() else {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}}
    return Databases(owner=_django(owner, {}), app=_django(app, PREPARED | pool))


def _django(parameters: Parameters, options: Parameters) -> Parameters:
    """One entry of `DATABASES`. A pooled connection is checked when taken, so a database restart costs no request.

    Rows are joined in the order in which they are asked for: weighing every order of nine tables took the server 24 ms,
    reading them 0.4 ms.
    """
    joins = "-c join_collapse_limit=3 -c from_collapse_limit=3"
    given = {"connect_timeout": 10} | parameters["OPTIONS"]
    given["options"] = f"{joins} {given['options']}" if "options" in given else joins
    return parameters | {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": given | options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }


def _from_url(variable: str, url: str) -> Parameters:
    """The parameters in a `postgresql://user:password@host:port/name?option=value`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise DatabaseError(f"{variable} must begin with postgresql:// (it begins with {parts.scheme or 'nothing'}://)")
    options = dict(parse_qsl(parts.query))
    try:
        port = str(parts.port or options.pop("port", 5432))
    except ValueError as error:
        raise DatabaseError(f"{variable}: the port is not a number from 1 to 65535") from error
    name, user = unquote(parts.path.lstrip("/")), unquote(parts.username or "")
    if not name or not user:
        raise DatabaseError(f"{variable} must name a user and a database: postgresql://USER:PASSWORD@HOST:5432/NAME")
    host = unquote(parts.hostname or "") or options.pop("host", "")
    return {
        "HOST": host,
        "PORT": port,
        "NAME": name,
        "USER": user,
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": options,
    }


def _app_beside(owner: Parameters) -> Parameters:
    """The run-time role on the owner's server, with the password that this installation keeps for it."""
    return owner | {"USER": embedded.APP, "PASSWORD": kept(state_folder(), "app-password")}


def ensure_ready() -> Databases:
    """Make the database reachable: start the embedded cluster, or create the run-time role on the user's own server.

    Idempotent; raises EmbeddedError or DatabaseError with the mend.
    """
    databases = resolve()
    url = external_url()
    try:
        if url is None:
            embedded.ensure_running(state_folder())
        if os.environ.get("V2V_DATABASE"):
            _ensure_database(databases.owner, _from_url("DATABASE_URL", url)["NAME"] if url else embedded.DATABASE)
        if url and not os.environ.get("DATABASE_APP_URL"):
            _ensure_app_role(databases)
    except psycopg.OperationalError as error:
        raise DatabaseError(f"the database of DATABASE_URL cannot be reached: {error}") from error
    return databases


def conninfo(parameters: Parameters, name: str | None = None) -> str:
    """A libpq connection string for one entry of `DATABASES`, on its database or another one."""
    options = {key: value for key, value in parameters["OPTIONS"].items() if key not in ("pool", *PREPARED)}
    chosen = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    filled = {key: parameters[source] for key, source in chosen.items() if parameters[source]}
    return psycopg.conninfo.make_conninfo(**(filled | options | ({"dbname": name} if name else {})))


def _ensure_database(owner: Parameters, beside: str) -> None:
    """Create the database that `V2V_DATABASE` names, when it is not there, by way of the one beside it."""
    with psycopg.connect(conninfo(owner, beside), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [owner["NAME"]]).fetchone():
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(owner["NAME"])))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return


def _ensure_app_role(databases: Databases) -> None:
    """Create the run-time role with the kept password, or find that it opens with it."""
    role, password = databases.app["USER"], databases.app["PASSWORD"]
    try:
        with psycopg.connect(conninfo(databases.owner), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(create.format(sql.Identifier(role), sql.Literal(password)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"the role of DATABASE_URL may not create the run-time role {role}: create it yourself "
            f"(CREATE ROLE {role} LOGIN PASSWORD …) and name it in DATABASE_APP_URL"
        ) from error
    try:
        psycopg.connect(conninfo(databases.app)).close()
    except psycopg.OperationalError as error:
        raise DatabaseError(
            f"the run-time role {role} exists already, with a password that is not the one kept in "
            f"{state_folder() / 'app-password'}: name it with its password in DATABASE_APP_URL"
        ) from error
