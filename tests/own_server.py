"""A PostgreSQL that stands for one of the user's own: over TCP on 127.0.0.1, with passwords, not ours to start."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from vein2vein.settings import embedded

OWNER, PASSWORD, DATABASE = "site_owner", "p/w:of@the owner", "site"


@dataclass(frozen=True)
class OwnServer:
    """One running server; `url` is what goes into DATABASE_URL."""

    cluster: embedded.Cluster
    port: int
    settings: tuple[str, ...] = ()

    def start(self) -> None:
        """Start it as its administrator does, and wait until it answers."""
        sockets = f"unix_socket_directories={self.cluster.sockets}"
        given = ("listen_addresses=127.0.0.1", f"port={self.port}", sockets, *self.settings)
        options = " ".join(f"-c {shlex.quote(each)}" for each in given)
        self.program("pg_ctl", "-w", "-D", str(self.cluster.data), "-l", str(self.cluster.log), "-o", options, "start")

    def stop(self) -> None:
        """Stop it; whoever is connected is disconnected."""
        self.program("pg_ctl", "-w", "-m", "fast", "-D", str(self.cluster.data), "stop")

    def program(self, name: str, *arguments: str) -> str:
        """Run one of PostgreSQL's own tools to its end; return what it said."""
        done = embedded.program(self.cluster, name, *arguments)
        assert done.returncode == 0, done.stdout + self.cluster.log.read_text()
        return done.stdout

    @property
    def address(self) -> tuple[str, ...]:
        """Return how PostgreSQL's own tools find it."""
        return ("-h", str(self.cluster.sockets), "-p", str(self.port))

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}:p%2Fw%3Aof%40the%20owner@127.0.0.1:{self.port}/{DATABASE}"

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.cluster.sockets), port=self.port, user="postgres", dbname=database, autocommit=True
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_server(state: Path, *settings: str) -> Iterator[OwnServer]:
    """Make a server with one owner who may make roles and an empty database; stop it in the end."""
    cluster, port = embedded.ensure_running(state), free_port()
    with psycopg.connect(cluster.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE vein2vein")
        for role in (embedded.OWNER, embedded.APP):
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                sql.Identifier(OWNER), sql.Literal(PASSWORD)
            )
        )
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*map(sql.Identifier, (DATABASE, OWNER))))
    embedded.stop(state)
    server = OwnServer(cluster, port, settings)
    server.start()
    try:
        yield server
    finally:
        embedded.stop(state)
