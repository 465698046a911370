"""`vein2vein run`: everything that serves one installation, from the database up, until Ctrl-C."""

import contextlib
import fcntl
import hashlib
import http.client
import importlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click
import django
from django.conf import settings

from vein2vein.cli import prepared, supervisor, tables
from vein2vein.cli.supervisor import Service, python_module
from vein2vein.settings import databases, embedded

HOST = "127.0.0.1"
READY_WITHIN_SECONDS = 90.0
WELL_WITHIN_SECONDS = 20.0
STARTING = frozenset({"database", "jobs"})
"""Parts of `/health` that become well by waiting a moment; the others are said as they are."""
WATCH_EVERY_SECONDS = 0.25
ASK_DATABASE_EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class Step:
    """One thing done before the servers start: `module:function`, returning lines to print under the address."""

    title: str
    path: str


# In this order; each is called with Django set up and the database answering. None may assume that it is the
# first start: all are idempotent.
STEPS: list[Step] = [
    Step("Tables", "vein2vein.cli.run:migrate"),
    Step("Demonstration site", "vein2vein.driver.starting:demonstration_at_start"),
    Step("Static files", "vein2vein.cli.run:collect_static"),
]


class Progress:
    """Lines on standard output, each with the seconds since the start."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def say(self, line: str) -> None:
        """Print one line with the time."""
        click.echo(f"[{time.monotonic() - self.began:6.1f} s] {line}")

    @contextlib.contextmanager
    def part(self, title: str) -> Iterator[None]:
        """Say that a part begins, and how long it took when it took long."""
        self.say(title)
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        if took > 2:
            self.say(f"{title}: done in {took:.1f} s")


class Stopping:
    """Whether somebody asked to stop, and whether they asked twice."""

    def __init__(self) -> None:
        self.times = 0

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        """Take note of Ctrl-C, a termination or a closed terminal."""
        self.times += 1

    def listen(self) -> None:
        """From now on take those three signals as a wish to stop in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask)

    def hurry(self) -> bool:
        """Whether they asked more than once."""
        return self.times > 1


@click.command()
def run() -> None:
    """Start database, web server and worker, and keep them up until Ctrl-C. PORT changes the port (8000)."""
    progress = Progress()
    port = _port()
    state = databases.state_folder()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_one(state):
        left = supervisor.sweep(str(state))
        if left:
            progress.say(f"Ended {len(left)} processes that an earlier, killed run had left")
        _refuse_taken(port)
        stopping = Stopping()
        stopping.listen()
        with progress.part("Database"), contextlib.ExitStack() as stack:
            if databases.external_url() is None:
                stack.enter_context(embedded.running(state))
            databases.ensure_ready()
            held = stack.pop_all()
        with held:
            lines = _prepare(progress, stopping, state)
            if not stopping.times:
                _serve(progress, stopping, state, port, lines)
            progress.say("Stopping the database" if databases.external_url() is None else "Leaving")
    progress.say("Stopped")


def _port() -> int:
    """The port of `PORT`, or 8000."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise click.ClickException(f"PORT={text}: a port is a number from 1 to 65535, such as PORT=8001")
    return int(text)


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[None]:
    """One run per state folder; a killed one frees its place."""
    with (state / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise click.ClickException(
                f"already running here, process {lock.read().strip()}: stop it with Ctrl-C there, "
                "or start a second one with a state of its own: V2V_STATE=/another/folder PORT=8001"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _refuse_taken(port: int) -> None:
    """A port that another program holds is said before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} cannot be used ({error.strerror}): choose another, as in PORT={port % 65535 + 1} make run"
            ) from error


def _prepare(progress: Progress, stopping: Stopping, state: Path) -> list[str]:
    """Do every step in order, unless it was all done for these very files; the lines to print under the address."""
    kept = prepared.recall(state)
    if kept is not None:
        progress.say("Tables, demonstration site and static files are as they were")
        return kept
    prepared.forget(state)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vein2vein.settings")
    django.setup()
    from django.db import connections

    lines: list[str] = []
    for step in STEPS:
        if stopping.times:
            return lines
        module, function = step.path.split(":")
        with progress.part(step.title):
            lines += getattr(importlib.import_module(module), function)() or []
    connections.close_all()
    prepared.remember(state, lines)
    return lines


def migrate() -> None:
    """Bring the tables up to date, as the owner."""
    tables.bring_up_to_date(click.echo)


def collect_static() -> None:
    """Gather the static files when any of them changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256(repr(settings.STORAGES).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda pair: str(pair[0])):
            facts = Path(storage.path(name)).stat()
            seen.update(f"{name} {facts.st_mtime_ns} {facts.st_size}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if stamp.exists() and stamp.read_text() == seen.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(seen.hexdigest())


def _services(state: Path, port: int, *, goes_on: bool) -> list[Service]:
    """The web server, the worker, and what lets a demonstration go on, in the order in which they are stopped."""
    logs = state / "logs"
    web = python_module("vein2vein.cli.serving", HOST, str(port))
    worker = python_module("django", "procrastinate", "--skip-checks", "worker", "--queues", "journal")
    # Simulations take what is left of the processor, and nothing waits for them.
    twin = [
        "nice",
        "-n",
        "10",
        *python_module("django", "procrastinate", "--skip-checks", "worker", "--queues", "twin"),
    ]
    services = [
        Service("Web server", web, logs / "web.log", patience_seconds=15),
        Service("Worker", worker, logs / "worker.log", patience_seconds=15),
        Service("Twin", twin, logs / "twin.log", patience_seconds=15),
    ]
    if goes_on:
        alive = python_module("vein2vein.driver.at_wall_speed")
        services.append(Service("Demonstration", alive, logs / "demonstration.log", patience_seconds=15))
    return services


def _goes_on(lines: list[str]) -> bool:
    """Whether a demonstration site with invented patients goes on by itself: there are sign-ins to print for it."""
    switches = ("V2V_DEMONSTRATION_GOES_ON", "V2V_DEMONSTRATION_PATIENTS")
    return bool(lines) and not any(os.environ.get(one) == "0" for one in switches)


def _serve(progress: Progress, stopping: Stopping, state: Path, port: int, lines: list[str]) -> None:
    """Start the services, print the address once it answers, and keep them and the database up."""
    services = _services(state, port, goes_on=_goes_on(lines))
    try:
        progress.say("Web server and worker")
        for service in services:
            supervisor.start(service, str(state))
        address = Address(progress, port, lines, services[0])
        ask_at = 0.0
        while not stopping.times:
            for service in services:
                supervisor.look_after(service, str(state), progress.say)
            if time.monotonic() >= ask_at:
                _look_after_database(progress, state)
                ask_at = time.monotonic() + ASK_DATABASE_EVERY_SECONDS
            address.print_when_ready()
            time.sleep(WATCH_EVERY_SECONDS)
    finally:
        for service in services:
            progress.say(f"Stopping: {service.name}")
            supervisor.stop(service, hurry=stopping.hurry)


def _look_after_database(progress: Progress, state: Path) -> None:
    """Start the embedded database again when it has died; a database of the user's own is theirs to keep up."""
    if databases.external_url() is not None or embedded.answers(state):
        return
    progress.say("Database: does not answer; starting again")
    try:
        embedded.ensure_running(state)
    except embedded.EmbeddedError as error:
        progress.say(f"Database: {error}")
    else:
        progress.say("Database: answers again")


class Address:
    """The address, printed once: when every part is well, or when the server answers and some part stays unwell."""

    def __init__(self, progress: Progress, port: int, lines: list[str], web: Service) -> None:
        self.progress, self.port, self.lines, self.web = progress, port, lines, web
        self.url = f"http://{HOST}:{port}"
        self.printed = False
        self.began = time.monotonic()

    def print_when_ready(self) -> None:
        """Ask `/health` and print; raises ClickException when nothing answers for too long."""
        if self.printed:
            return
        unwell = self._unwell_parts()
        waited = time.monotonic() - self.began
        if unwell is None and waited > READY_WITHIN_SECONDS:
            raise click.ClickException(
                f"no answer from the web server within {READY_WITHIN_SECONDS:.0f} s; its last lines:\n"
                + supervisor.tail(self.web)
            )
        if unwell is None or (STARTING & set(unwell) and waited < WELL_WITHIN_SECONDS):
            return
        self.printed = True
        self.progress.say("Ready" if not unwell else f"Ready, but not well: {', '.join(unwell)}; see {self.url}/health")
        click.echo(f"\n  vein2vein is at  {self.url}\n")
        for line in self.lines:
            click.echo(f"  {line}")
        click.echo("\n  Ctrl-C stops everything.\n")

    def _unwell_parts(self) -> list[str] | None:
        """The parts that `/health` calls unwell, or None when it does not answer 200."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            parts = json.load(answer)["parts"] if answer.status == http.HTTPStatus.OK else None
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return None
        finally:
            connection.close()
        if parts is None:
            return None
        return [name for name, part in parts.items() if not part["ok"]]
