"""Timelines and work lists with ten thousand orders: sixteen people, each asking for a page once a second."""

from __future__ import annotations

import http.cookiejar
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench import cloning, place
from bench.registry import Figure, Options, Report

ORDERS = 10_000
CLIENTS = 16
DATABASE = "bench_lists"
WITHIN_MS = 150.0
PAGES: Mapping[str, tuple[str, ...]] = {
    "coordinator.rj": ("/", "/orders", "timeline"),
    "physician.bj": ("/", "/orders", "timeline"),
    "operator1": ("/", "/batches", "timeline"),
    "analyst": ("/", "/laboratory", "timeline"),
    "qareviewer": ("/", "/quality/batches", "/quality/deviations", "timeline"),
    "qp": ("/", "/quality/batches", "timeline"),
    "planner": ("/", "/orders", "/control-room", "timeline"),
    "warehouse": ("/", "/shipments", "timeline"),
}
"""What each asks for, in turn: the work list that they come in by, the list of their trade, a patient's timeline."""


@dataclass(slots=True)
class Found:
    """Waits in milliseconds by page, and answers by status."""

    waits: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, page: str, status: int, wait_ms: float) -> None:
        """Count one answer."""
        with self.lock:
            self.waits[page].append(wait_ms)
            self.answers[status] += 1


def measure(options: Options) -> Report:
    """Let sixteen signed-in people ask once a second for the time given, beside the worker, on the cloned site."""
    with place.installation(database=DATABASE) as running:
        import django

        django.setup()
        from vein2vein.people.reads import demonstration_password
        from vein2vein.settings import databases, embedded

        cluster = embedded.ensure_running(databases.state_folder())
        orders, entries = cloning.clone(cluster.conninfo(embedded.SUPERUSER, DATABASE), ORDERS)
        names = [name for _, name in zip(range(CLIENTS), _round(PAGES), strict=False)]
        people = [_signed_in(running.address, name, demonstration_password()) for name in names]
        chains = {name: _chains(name) for name in PAGES}
        found = Found()
        for seconds in (3.0, options.seconds):
            found = Found()
            _ask(running.address, list(zip(names, people, strict=True)), chains, found, seconds)
    return _report(found, orders, entries, options)


def _report(found: Found, orders: int, entries: int, options: Options) -> Report:
    every = sorted(wait for waits in found.waits.values() for wait in waits)
    figures = [Figure("95 % of all pages within", _at(every, 0.95), "ms")]
    figures += [Figure(f"`{page}`: 95 % within", _at(sorted(waits), 0.95), "ms") for page, waits in found.waits.items()]
    figures.append(Figure("room below 150 ms of 95 %", WITHIN_MS - _at(every, 0.95), "ms", least=0.0))
    failed = {status: count for status, count in sorted(found.answers.items()) if status != 200}
    return Report(
        "Timelines and work lists",
        figures,
        [
            f"{orders:,} orders, {entries:,} journal entries",
            f"{CLIENTS} people, a page each a second, for {options.seconds:.0f} s: {len(every)} pages, "
            + (f"failed, by status: {failed}" if failed else "none failed"),
            "the demonstration's courses cloned below the actions, each as far on its way as it is",
            "nothing is done meanwhile: lists and work lists are made once in half a minute, timelines every time",
            "server, worker, database and the people asking share the cores",
        ],
    )


def _at(waits: list[float], share: float) -> float:
    return waits[min(len(waits) - 1, int(share * len(waits)))] if waits else 0.0


def _round(pages: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    while True:
        yield from pages


def _signed_in(address: str, username: str, password: str) -> urllib.request.OpenerDirector:
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{address}/sign-in", timeout=60).read()
    token = next(one.value for one in jar if "csrf" in one.name)
    form = {"csrfmiddlewaretoken": token, "username": username, "password": password, "next": "/"}
    sent = urllib.request.Request(  # noqa: S310 - an address of this machine
        f"{address}/sign-in", urllib.parse.urlencode(form).encode(), {"Referer": f"{address}/sign-in"}
    )
    answer = browser.open(sent, timeout=60)
    if "sign-in" in answer.url:
        raise RuntimeError(f"{username} could not sign in")
    return browser


def _chains(username: str) -> list[str]:
    """Return the chains whose timeline somebody may see."""
    from vein2vein.orders.models import Order
    from vein2vein.people.reads import actor_named

    by, rows = actor_named(username), Order.objects.exclude(coi_id=None)
    if by.sites is not None:
        rows = rows.filter(hospital_id__in=by.sites)
    return [str(one) for one in rows.values_list("coi_id", flat=True)]


def _ask(
    address: str,
    people: list[tuple[str, urllib.request.OpenerDirector]],
    chains: Mapping[str, list[str]],
    found: Found,
    seconds: float,
) -> None:
    until = time.monotonic() + seconds

    def one(number: int, name: str, browser: urllib.request.OpenerDirector) -> None:
        draw = random.Random(number)  # noqa: S311 - a sample, no secret
        time.sleep(number / len(people))
        turn = number
        while time.monotonic() < until:
            page = PAGES[name][turn % len(PAGES[name])]
            turn += 1
            path = f"/timeline/coi/{draw.choice(chains[name])}" if page == "timeline" else page
            began = time.monotonic()
            try:
                with browser.open(address + path, timeout=60) as answer:
                    answer.read()
                    status = answer.status
            except urllib.error.HTTPError as refused:
                status = refused.code
            took = time.monotonic() - began
            found.note(page, status, 1000 * took)
            time.sleep(max(0.0, 1.0 - took))

    threads = [threading.Thread(target=one, args=(number, *each)) for number, each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
