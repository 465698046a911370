"""The first look of each role at its work, in a real browser, with ten thousand orders: time and bytes."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page

from bench import cloning, place
from bench.registry import Figure, Options, Report

ORDERS = 10_000
DATABASE = "bench_workspaces"
PEOPLE = (
    "physician.rj", "coordinator.rj", "nurse.rj", "celllab.rj", "infusion.rj", "planner", "operator1", "supervisor",
    "analyst", "qcreviewer", "qareviewer", "qp", "warehouse", "carrier.a", "admin",
)  # fmt: skip
"""One person of each role; each opens the work list, and the planner the control room too."""
WITHIN_MS = 1000.0
ROOM_KB = 300.0
PAINTED = """() => {
  const [page] = performance.getEntriesByType('navigation');
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const every = [page, ...performance.getEntriesByType('resource')];
  return {painted: paint ? paint.startTime : page.domContentLoadedEventEnd,
          bytes: every.reduce((sum, one) => sum + one.transferSize, 0)};
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """One page opened for the first time by one person: when something stood there, and what it took to bring it."""

    who: str
    path: str
    painted_ms: float
    kilobytes: float


def measure(_: Options) -> Report:
    """Open each workspace in a browser that has seen nothing of it yet."""
    with place.installation(database=DATABASE) as running:
        import django

        django.setup()
        from tests.chromium import launch
        from vein2vein.people.reads import demonstration_password
        from vein2vein.settings import databases, embedded

        cluster = embedded.ensure_running(databases.state_folder())
        orders, entries = cloning.clone(cluster.conninfo(embedded.SUPERUSER, DATABASE), ORDERS)
        pages = [(who, "/") for who in PEOPLE] + [("planner", "/control-room")]
        with launch() as browser:
            _look(browser, running.address, "planner", "/", demonstration_password())  # warms the server alone
            looks = [_look(browser, running.address, *each, demonstration_password()) for each in pages]
    return _report(looks, orders, entries)


def _look(browser: Browser, address: str, who: str, path: str, password: str) -> Look:
    """Sign in, forget everything but the session, and open a page as if for the first time."""
    session = browser.new_context()
    page = session.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", who)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/")
    cookies = session.cookies()
    session.close()
    fresh = browser.new_context()
    fresh.add_cookies([{**one} for one in cookies])  # type: ignore[typeddict-item]
    return _opened(fresh, address, who, path)


def _opened(context: BrowserContext, address: str, who: str, path: str) -> Look:
    page: Page = context.new_page()
    page.goto(f"{address}{path}?first=look", wait_until="load")  # signing in has shown the other: it would be kept
    told = page.evaluate(PAINTED)
    context.close()
    return Look(who, path, float(told["painted"]), float(told["bytes"]) / 1000)


def _report(looks: list[Look], orders: int, entries: int) -> Report:
    slowest, largest = max(looks, key=lambda one: one.painted_ms), max(looks, key=lambda one: one.kilobytes)
    figures = [Figure(f"`{one.path}` of {one.who}: first paint", one.painted_ms, "ms") for one in looks] + [
        Figure("room below 1 s of the slowest first paint", WITHIN_MS - slowest.painted_ms, "ms", least=0.0),
        Figure(f"most transferred (`{largest.path}` of {largest.who})", largest.kilobytes, "kB"),
        Figure("room below 300 kB of what is transferred", ROOM_KB - largest.kilobytes, "kB", least=0.0),
    ]
    return Report(
        "The first look at a workspace",
        figures,
        [
            f"{orders:,} orders, {entries:,} journal entries; headless Chromium with an empty cache, on the same cores",
            "transferred: the page, its styles, scripts, fonts and pictures, as they came over the wire",
        ],
    )
