"""Where benchmarks run: an installation of their own, with the server of `make run`, and none of yours touched."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

PROJECT = Path(__file__).parents[1]
LOCAL = PROJECT / ".local"
STATE = LOCAL / "bench"
READY_WITHIN_S = 180.0


@dataclass(frozen=True, slots=True)
class Running:
    """An installation at work: its address, and the process above server and worker."""

    address: str
    pid: int


def settle() -> None:
    """Point this process at the benchmarks' installation; before anything of Django is imported."""
    os.environ["V2V_STATE"] = str(STATE)
    os.environ.pop("V2V_TEST_CLUSTER", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "vein2vein.settings"


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def served(command: list[str], address: str, environment: dict[str, str] | None = None) -> Iterator[int]:
    """Run a server within the block: ready when `address` answers anything, ended with the block; give its process."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | (environment or {}), stdout=log, stderr=log)
        try:
            _await(process, address)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - an address of this machine
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server did not come up; see {STATE / 'server.log'}")


@contextlib.contextmanager
def installation(database: str = "") -> Iterator[Running]:
    """Run `make run` within the block, with `database` in a fresh one of that name; its invented people rest."""
    settle()
    if database:
        os.environ["V2V_DATABASE"] = database  # before anything of ours is imported: settings are read once
        _drop(database)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "vein2vein.cli", "run"]
    quiet = {"PORT": str(port), "V2V_DEMONSTRATION_GOES_ON": "0"}
    with served(command, f"{address}/health", quiet) as pid:
        yield Running(address, pid)


def _drop(database: str) -> None:
    from vein2vein.settings import databases, embedded

    STATE.mkdir(parents=True, exist_ok=True)
    with embedded.running(databases.state_folder()) as cluster:
        conninfo = cluster.conninfo(embedded.SUPERUSER, "postgres")
        with psycopg.connect(conninfo, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def processor_seconds_of_all(root: int) -> float:
    """Return the processor time of a process and of all that are below it now, in seconds."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = int(_stat(int(folder.name))[1])
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    total = 0.0
    for pid in family:
        with contextlib.suppress(OSError):
            total += processor_seconds(pid)
    return total


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
