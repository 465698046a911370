"""`vein2vein run` for real: it answers, recovers when any part is killed, and leaves nothing behind."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vein2vein.cli import supervisor
from vein2vein.settings import databases, embedded

START_WITHIN_SECONDS = 120.0
RECOVER_WITHIN_SECONDS = 90.0


@dataclass
class Run:
    """One `vein2vein run` with a state and a port of its own."""

    state: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def start(self, **more: str) -> "subprocess.Popen[bytes]":
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("V2V_TEST")}
        surroundings |= {"V2V_STATE": str(self.state), "PORT": str(self.port), "V2V_STATIC": str(self.state / "static")}
        surroundings |= {"PYTHONPATH": str(databases.PROJECT / "src"), **more}
        with (self.state.parent / "said.txt").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vein2vein.cli", "run"],
                stdout=said,
                stderr=said,
                env=surroundings,
                start_new_session=True,
            )
        return self.process

    @property
    def said(self) -> str:
        return (self.state.parent / "said.txt").read_text()

    def health(self) -> dict[str, Any] | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            found: dict[str, Any] = json.load(answer)
        except (OSError, http.client.HTTPException, ValueError):
            return None
        else:
            return found if answer.status == 200 else None
        finally:
            connection.close()

    def well(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said
        found = self.health()
        return found is not None and bool(found["parts"]["database"]["ok"]) and self.child("procrastinate") is not None

    def children(self) -> dict[int, str]:
        """The processes of this run, database apart, by their command lines."""
        found = {}
        wanted = f"{supervisor.MARK}={self.state}".encode()
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def child(self, word: str) -> int | None:
        return min((pid for pid, line in self.children().items() if word in line), default=None)


def _until(true: Callable[[], bool], seconds: float, run: Run) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, run.said
        time.sleep(0.1)


@pytest.fixture
def run() -> Iterator[Run]:
    folder = Path(tempfile.mkdtemp(prefix="v2v-run-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (folder / "state").mkdir()
    started = Run(folder / "state", port)
    yield started
    if started.process is not None and started.process.poll() is None:
        started.process.kill()
        started.process.wait()
    supervisor.sweep(str(started.state))
    embedded.stop(started.state)
    shutil.rmtree(folder)


@pytest.mark.requirement("A")
def test_it_starts_recovers_from_every_kill_and_leaves_nothing_behind(run: Run) -> None:
    first = run.start()
    _until(run.well, START_WITHIN_SECONDS, run)
    _until(lambda: f"http://127.0.0.1:{run.port}" in run.said, START_WITHIN_SECONDS, run)

    second = subprocess.run(
        [sys.executable, "-m", "vein2vein.cli", "run"],
        env=os.environ | {"V2V_STATE": str(run.state), "PYTHONPATH": str(databases.PROJECT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "already running here" in second.stderr

    killed = [run.child(word) for word in ("vein2vein.cli.serving", "procrastinate")]
    for pid in killed:
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    _until(lambda: run.well() and not set(killed) & run.children().keys(), RECOVER_WITHIN_SECONDS, run)

    postmaster = int((run.state / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(postmaster, signal.SIGKILL)
    _until(lambda: "Database: answers again" in run.said and run.well(), RECOVER_WITHIN_SECONDS, run)

    first.kill()
    first.wait()
    _until(lambda: run.children() == {}, RECOVER_WITHIN_SECONDS, run)
    third = run.start()
    _until(run.well, RECOVER_WITHIN_SECONDS, run)
    third.send_signal(signal.SIGINT)
    assert third.wait(RECOVER_WITHIN_SECONDS) == 0
    assert run.children() == {}
    assert not embedded.answers(run.state)


@pytest.mark.requirement("A")
def test_a_port_that_is_taken_is_said_before_anything_is_started(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", run.port))
        taken.listen()
        assert run.start().wait(30) == 1
    assert f"port {run.port} cannot be used" in run.said
    assert not (run.state / "postgres").exists()


@pytest.mark.requirement("A")
@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_said(run: Run, port: str) -> None:
    assert run.start(PORT=port).wait(30) == 1
    assert "a port is a number from 1 to 65535" in run.said
