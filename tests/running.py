"""`vein2vein run` as tests start it: a state, a port and a database of its own, and nothing left behind."""

from __future__ import annotations

import http.client
import http.cookies
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vein2vein.cli import supervisor
from vein2vein.settings import databases, embedded

START_WITHIN_SECONDS = 180.0
RECOVER_WITHIN_SECONDS = 90.0


@dataclass(frozen=True)
class Answer:
    """What the web server answered."""

    status: int
    headers: http.client.HTTPMessage
    text: str


def _given(cookies: http.cookies.SimpleCookie) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())}


@dataclass
class Run:
    """One `vein2vein run` with a state and a port of its own."""

    state: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> subprocess.Popen[bytes]:
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

    def sign_in(self, username: str, password: str) -> str:
        """Sign in by the page, as a browser does; return the first page that is shown."""
        asked = self._ask("GET", "/sign-in", "", {})
        cookies = http.cookies.SimpleCookie()
        for each in asked.headers.get_all("Set-Cookie") or []:
            cookies.load(each)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', asked.text)
        assert found is not None, asked.text
        form = {"csrfmiddlewaretoken": found[1], "username": username, "password": password, "next": "/"}
        done = self._ask("POST", "/sign-in", urllib.parse.urlencode(form), _given(cookies))
        assert done.status == 302, done.text
        for each in done.headers.get_all("Set-Cookie") or []:
            cookies.load(each)
        return self._ask("GET", "/", "", _given(cookies)).text

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
            connection.request(method, path, body, headers | form)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
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


def until(true: Callable[[], bool], seconds: float, run: Run) -> None:
    """Wait until it is true; fail with what the run said."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, run.said
        time.sleep(0.1)


@contextmanager
def a_run() -> Iterator[Run]:
    """Give a run that is not started yet; whatever it started is ended."""
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
