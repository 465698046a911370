"""Child processes that must stay up: started in groups of their own, watched, started again, stopped in order.

Nothing may outlive the supervisor: a child asks the kernel for SIGTERM at its parent's death, and whatever a
killed supervisor's killed child left behind is found at the next start by a mark in its environment.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MARK = "V2V_SUPERVISED_BY"
PR_SET_PDEATHSIG = 1
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_AFTER_SECONDS = 5.0
TAIL_LINES = 15

Say = Callable[[str], None]


@dataclass
class Service:
    """One child process and its children: what starts it, where its messages go, how long it may take to stop."""

    name: str
    command: list[str]
    log: Path
    patience_seconds: float
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = 0
    log_began: int = field(default=0)


def start(service: Service, mark: str) -> None:
    """Start a service in a session and process group of its own, dying with this process."""
    service.log.parent.mkdir(parents=True, exist_ok=True)
    if service.log.exists() and service.log.stat().st_size > 10_000_000:
        service.log.replace(service.log.with_suffix(".log.1"))
    supervisor = os.getpid()
    libc = ctypes.CDLL(None)

    def die_with_parent() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:
            os._exit(1)

    with service.log.open("ab") as log:
        service.log_began = log.tell()
        service.process = subprocess.Popen(
            service.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {MARK: mark},
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the supervisor has one thread only
        )
    service.started_at = time.monotonic()


def look_after(service: Service, mark: str, say: Say) -> None:
    """Start a service again when it has died, each time after a longer pause, and say so."""
    now = time.monotonic()
    if service.process is None:
        if now >= service.start_again_at:
            say(f"{service.name}: starting again")
            start(service, mark)
        return
    status = service.process.poll()
    if status is None:
        if service.failures and now - service.started_at > STEADY_AFTER_SECONDS:
            service.failures = 0
        return
    _kill_group(service.process.pid)
    pause = min(FIRST_PAUSE_SECONDS * 2**service.failures, LONGEST_PAUSE_SECONDS)
    service.failures += 1
    service.process = None
    service.start_again_at = now + pause
    how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
    say(f"{service.name}: {how}; starting again in {pause:g} s. Its last lines:\n{tail(service)}")


def tail(service: Service) -> str:
    """Return the last lines that a service wrote since it was started."""
    with contextlib.suppress(FileNotFoundError):
        text = service.log.read_bytes()[service.log_began :].decode(errors="replace")
        return "\n".join(f"    {line}" for line in text.strip().splitlines()[-TAIL_LINES:])
    return ""


def stop(service: Service, *, hurry: Callable[[], bool]) -> None:
    """Ask a service to finish, wait for its patience (not when `hurry()` says so), then end its whole group."""
    process = service.process
    if process is None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    until = time.monotonic() + service.patience_seconds
    while process.poll() is None and time.monotonic() < until and not hurry():
        time.sleep(0.05)
    _kill_group(process.pid)
    process.wait()
    service.process = None


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def sweep(mark: str) -> list[int]:
    """End processes that an earlier, killed supervisor with this mark left behind; return their ids."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(FileNotFoundError, PermissionError, ProcessLookupError):
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    os.kill(int(folder.name), signal.SIGKILL)
                    found.append(int(folder.name))
    until = time.monotonic() + 5
    while time.monotonic() < until and any(_alive(pid) for pid in found):
        time.sleep(0.02)
    return found


def _alive(pid: int) -> bool:
    """Whether a process still holds anything: a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def python_module(module: str, *arguments: str) -> list[str]:
    """Return the command line of a Python module under this very interpreter."""
    return [sys.executable, "-m", module, *arguments]
