"""Child processes stay up, start again after a kill, stop in groups, and never outlive a killed supervisor."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vein2vein.cli import supervisor
from vein2vein.cli.supervisor import Service

FAMILY = (
    "import subprocess, sys, time; print('up', flush=True); "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "open(sys.argv[1], 'w').write(str(child.pid)); time.sleep(60)"
)
ORPHAN_MAKER = (
    "import os, pathlib, signal, sys; from vein2vein.cli import supervisor; "
    "command = [sys.executable, '-c', 'import time; time.sleep(60)']; "
    "s = supervisor.Service('one', command, pathlib.Path(sys.argv[1]), 1); "
    "supervisor.start(s, 'nobody'); print(s.process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
)


def _until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def family(tmp_path: Path, mark: str) -> Iterator[tuple[Service, Path]]:
    """A service that has a child of its own, whose pid is in the file."""
    child = tmp_path / "child"
    service = Service("Family", [sys.executable, "-c", FAMILY, str(child)], tmp_path / "family.log", 5)
    supervisor.start(service, mark)
    _until(lambda: child.exists() and bool(child.read_text()))
    yield service, child
    supervisor.stop(service, hurry=lambda: True)


def _told(service: Service, mark: str, said: list[str]) -> bool:
    supervisor.look_after(service, mark, said.append)
    return bool(said)


def _pid(service: Service) -> int:
    assert service.process is not None
    return service.process.pid


def test_a_killed_service_starts_again_and_its_children_are_ended(family: tuple[Service, Path], mark: str) -> None:
    service, child = family
    first, first_child = _pid(service), int(child.read_text())
    os.kill(first, signal.SIGKILL)
    said: list[str] = []

    def up_again() -> bool:
        supervisor.look_after(service, mark, said.append)
        return service.process is not None and service.process.pid != first

    _until(up_again)
    _until(lambda: _gone(first_child))
    assert "killed by SIGKILL; starting again in 0.5 s" in said[0]
    assert "    up" in said[0]


def test_each_death_makes_the_pause_longer(tmp_path: Path, mark: str) -> None:
    service = Service("Broken", [sys.executable, "-c", "raise SystemExit(7)"], tmp_path / "broken.log", 1)
    service.failures = 3
    supervisor.start(service, mark)
    said: list[str] = []
    _until(lambda: _told(service, mark, said))
    assert "ended with status 7; starting again in 4 s" in said[0]
    service.failures = 50
    supervisor.start(service, mark)
    said.clear()
    _until(lambda: _told(service, mark, said))
    assert "starting again in 30 s" in said[0]


def test_stopping_ends_the_whole_group(family: tuple[Service, Path]) -> None:
    service, child = family
    parent = _pid(service)
    supervisor.stop(service, hurry=lambda: False)
    _until(lambda: _gone(parent) and _gone(int(child.read_text())))


def test_one_that_does_not_listen_is_ended_after_its_patience(tmp_path: Path, mark: str) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    service = Service("Deaf", [sys.executable, "-c", deaf], tmp_path / "deaf.log", 0.3)
    supervisor.start(service, mark)
    _until(lambda: "deaf" in supervisor.tail(service))
    pid = _pid(service)
    supervisor.stop(service, hurry=lambda: False)
    assert _gone(pid)


def test_a_killed_supervisor_takes_its_children_with_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN_MAKER, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == -signal.SIGKILL
    _until(lambda: _gone(int(done.stdout)))


def test_what_was_left_behind_all_the_same_is_found_by_its_mark(family: tuple[Service, Path], mark: str) -> None:
    service, child = family
    assert supervisor.sweep("another mark") == []
    assert sorted(supervisor.sweep(mark)) == sorted([_pid(service), int(child.read_text())])
    _until(lambda: _gone(int(child.read_text())))
