"""A site on a simulated clock, served to a real browser: the same application, pages, database and role as in service.

The server runs in threads of the test's process, so that its clock is the test's: days pass when the test says so.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser

from tests import template as worlds
from tests.chromium import PROJECT, launch
from tests.stories.house import House
from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock

ORDER = PROJECT / "examples" / "order-rapid-myeloma.json"
_DAY = re.compile(r"\b(2026-\d\d-\d\d)")


def fresh_order(path: Path, authored_on: date) -> bytes:
    """Return the example order as if it had been written on `authored_on`: every date in it moved by as much."""
    text = path.read_text()
    written = next(
        date.fromisoformat(entry["resource"]["authoredOn"][:10])
        for entry in json.loads(text)["entry"]
        if entry["resource"]["resourceType"] == "ServiceRequest"
    )
    moved = authored_on - written
    return _DAY.sub(lambda found: (date.fromisoformat(found[1]) + moved).isoformat(), text).encode()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = True


def _serving(at: SimulatedClock) -> Any:
    """Return the application, each request of it on the test's clock and with connections of its own."""
    application = get_wsgi_application()

    def on_this_clock(environ: dict[str, Any], start_response: Any) -> Any:
        with clock.use(at):
            return application(environ, start_response)

    return on_this_clock


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give where the film lies that the browser takes for what its camera sees."""
    return tmp_path_factory.mktemp("camera") / "seen.y4m"


@pytest.fixture(scope="session")
def browser(camera: Path) -> Iterator[Browser]:
    with launch(camera) as started:
        yield started


@pytest.fixture
def house(committed_db: str, browser: Browser) -> Iterator[House]:
    """Give the site, open in a browser, on a clock that the test moves."""
    connections["default"].close()
    worlds.simulate(committed_db)
    settings.DEMONSTRATION_PASSWORD  # noqa: B018 - the demonstration's people have it
    at = SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5))
    server = make_server("127.0.0.1", 0, _serving(at), server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    with clock.use(at):
        opened = House(f"http://127.0.0.1:{server.server_port}", browser, at)
        yield opened
        opened.close()
    server.shutdown()
    server.server_close()
