"""`vein2vein run` for real: it answers, recovers when any part is killed, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.running import RECOVER_WITHIN_SECONDS, START_WITHIN_SECONDS, Run, a_run, until
from vein2vein.settings import databases, embedded


@pytest.fixture
def run() -> Iterator[Run]:
    with a_run() as started:
        yield started


@pytest.mark.requirement("A")
def test_it_starts_recovers_from_every_kill_and_leaves_nothing_behind(run: Run) -> None:
    first = run.start()
    until(run.well, START_WITHIN_SECONDS, run)
    until(lambda: f"http://127.0.0.1:{run.port}" in run.said, START_WITHIN_SECONDS, run)

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
    until(lambda: run.well() and not set(killed) & run.children().keys(), RECOVER_WITHIN_SECONDS, run)

    postmaster = int((run.state / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(postmaster, signal.SIGKILL)
    until(lambda: "Database: answers again" in run.said and run.well(), RECOVER_WITHIN_SECONDS, run)

    first.kill()
    first.wait()
    until(lambda: run.children() == {}, RECOVER_WITHIN_SECONDS, run)
    third = run.start()
    until(run.well, RECOVER_WITHIN_SECONDS, run)
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
