"""The databases that tests clone, kept between runs: named by a digest of all that they are made from, so never stale.

The base has all migrations applied (some ten seconds); the world is the base with the demonstration site loaded
(three). A run takes what it finds, makes what is missing, and drops what no run can want any more.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from vein2vein.settings import databases

PACKAGE = Path(settings.ROOT) / "src" / "vein2vein"
OUT_OF_SCHEMA = ("tests", "locale", "templates", "static", "__pycache__")
GROUND = ("core", "journal", "settings")
"""What migrations are made of and run by, beside themselves: ids, rights, roles."""
_held: list[IO[str]] = []


def _digest(files: Iterator[Path], *more: object) -> str:
    seen = hashlib.sha256(repr(more).encode())
    for path in sorted(set(files)):
        seen.update(f"{path.relative_to(settings.ROOT)} {path.stat().st_size}\n".encode() + path.read_bytes())
    return seen.hexdigest()[:12]


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        inside = path.relative_to(settings.ROOT).parts
        if path.is_file() and path.name != "pages.py" and not set(OUT_OF_SCHEMA) & set(inside[2:]):
            yield path


def _of_the_base() -> Iterator[Path]:
    yield Path(settings.ROOT) / "requirements.lock"
    yield from PACKAGE.glob("*/migrations/*.py")
    yield from PACKAGE.glob("*/states.py")
    for name in GROUND:
        yield from _sources(PACKAGE / name)


def _of_the_world() -> Iterator[Path]:
    """Loading is done by actions of the lower contexts, and those know nothing of what is above the highest one."""
    from vein2vein.driver.site import LOADERS

    highest = max(settings.CONTEXTS.index(loader.split(".")[1]) for loader, _ in LOADERS)
    for name in ("engines", "doors", *settings.CONTEXTS[: highest + 1]):
        yield from _sources(PACKAGE / name)
    yield PACKAGE / "driver" / "site.py"
    yield from _sources(Path(settings.THERAPIES))


@functools.cache
def names() -> tuple[str, str]:
    """The names of base and world that fit the files, the environment and, as the site's dates do, the day."""
    base = _digest(_of_the_base(), sys.version_info, settings.INSTALLED_APPS)
    variables = sorted(
        (name, value)
        for name, value in os.environ.items()
        if name.startswith("V2V_") and name not in ("V2V_TEST_RUN", "V2V_SETUP_LOCKED")
    )
    keys = (path for path in databases.state_folder().glob("*-key") if path.is_file())
    secrets = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(keys)]
    world = _digest(_of_the_world(), base, variables, secrets, datetime.now(UTC).date())
    return f"v2v_base_{base}", f"v2v_world_{world}"


def maintenance() -> psycopg.Connection[Any]:
    """A connection of the owner to the cluster, beside any database of the tests."""
    return psycopg.connect(databases.conninfo(settings.DATABASES["owner"], "postgres"), autocommit=True)


def create(name: str, template: str) -> None:
    """Create a database as a copy of another."""
    with maintenance() as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def drop(name: str) -> None:
    """Drop a database; sessions of killed servers may need a moment to end, or to be ended."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for attempt in range(50):
        try:
            with maintenance() as server:
                server.execute(statement)
        except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege):
            if attempt == 49:
                raise
            time.sleep(0.1)
        else:
            return


def simulate(name: str) -> None:
    """Mark a database as simulated, so that days may pass in it."""
    with psycopg.connect(databases.conninfo(settings.DATABASES["owner"], name), autocommit=True) as made:
        made.execute("ALTER TABLE journal_database DISABLE TRIGGER USER")
        made.execute("UPDATE journal_database SET kind = 'simulated'")
        made.execute("ALTER TABLE journal_database ENABLE TRIGGER USER")


def point_to(name: str) -> None:
    """Let both connections of this process use another database."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        connections.settings[alias]["NAME"] = name


def begin() -> None:
    """Count this process among the runs of this cluster; the first one drops what earlier ones left behind."""
    with _alone():
        runs = (databases.state_folder() / "runs.lock").open("w")
        _held.append(runs)  # until this process ends
        try:
            fcntl.flock(runs, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(runs, fcntl.LOCK_SH)
            return
        for name in _databases() - set(names()):
            drop(name)
        fcntl.flock(runs, fcntl.LOCK_SH)


def ensure() -> str:
    """The name of the world's database, made now where it is not there."""
    from vein2vein.cli.run import collect_static

    _, world = names()
    base = tables()
    with _alone():
        collect_static()
        if world not in _databases():
            _build(world, base, _load)
    return world


def tables() -> str:
    """The name of the base's database, made now where it is not there: the tables, and nothing in them."""
    base, _ = names()
    with _alone():
        if base not in _databases():
            _build(base, "template0", _migrate)
    return base


@contextmanager
def _alone() -> Iterator[None]:
    with (databases.state_folder() / "templates.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _databases() -> set[str]:
    with maintenance() as server:
        return {
            name for (name,) in server.execute(r"SELECT datname FROM pg_database WHERE datname ~ '^v2v_(base|world)_'")
        }


def _build(name: str, template: str, fill: Callable[[], None]) -> None:
    """Make it beside its place and rename it there whole, so that a killed attempt leaves nothing that looks made."""
    fresh = f"{name}_made_by_{os.getpid()}"
    create(fresh, template)
    point_to(fresh)
    fill()
    point_to("postgres")
    with maintenance() as server:
        # No vacuum may be at work in it when it is cloned, and no test may change it.
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(fresh)))
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(fresh), sql.Identifier(name)))


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0)


def _load() -> None:
    from vein2vein.driver.site import load_if_empty

    load_if_empty()
