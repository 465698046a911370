"""People at their screens: what a browser story says, in the words of the trade."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.chromium import new_context
from vein2vein.core.clock import SimulatedClock
from vein2vein.people import reads as people

EXPECTED_NOISE = ("Failed to load resource: the server responded with a status of 4",)
"""What the browser itself writes when a page is refused; a refusal is a page here, not an error."""


class Person:
    """One person signed in at a screen of their own."""

    def __init__(self, address: str, context: BrowserContext, username: str) -> None:
        self.address, self.context, self.username = address, context, username
        self.page: Page = context.new_page()
        self.password = people.demonstration_password()

    def sign_in(self) -> Person:
        """Sign in through the page."""
        self.open("/sign-in")
        self.page.fill("input[name=username]", self.username)
        self.page.fill("input[name=password]", self.password)
        self.page.click("main button[type=submit]")
        expect(self.page.locator("header .who form[action$='sign-out']")).to_be_visible()
        return self

    def open(self, path: str) -> Person:
        """Go to a page of the site."""
        self.page.goto(self.address + path)
        return self

    def status_of(self, path: str) -> int:
        """Return the HTTP status that this person gets for a page."""
        return self.context.request.get(self.address + path, max_redirects=0).status

    def form(self, action: str, within: str = "main") -> Locator:
        """Return the form of an action on the page that is open."""
        return self.page.locator(within).locator(f"form[data-action='{action}']").first

    def fill(self, action: str, within: str = "main", **values: str) -> Locator:
        """Fill a form: scans are typed as a scanner types them, ended by Enter; the rest is typed or chosen."""
        form = self.form(action, within)
        for name, value in values.items():
            field = form.locator(f"[name='{name}']")
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return form

    def sign(self, form: Locator, secret: str | None = None) -> None:
        """Enter this person's secret in the signature of a form."""
        form.locator("[name='_secret']").fill(secret or self.password)

    def with_second(self, form: Locator, username: str) -> None:
        """Let a second person enter name and secret."""
        form.locator("[name='_witness']").fill(username)
        form.locator("[name='_witness_secret']").fill(self.password)

    def act(
        self, action: str, within: str = "main", *, second: str = "", signed: bool = False, **values: str
    ) -> Person:
        """Fill and send a form and see that it was done."""
        self.send(action, within, second=second, signed=signed, **values)
        expect(self.page.locator(".message[role=status]")).to_be_visible()
        return self

    def send(
        self, action: str, within: str = "main", *, second: str = "", signed: bool = False, **values: str
    ) -> Person:
        """Fill and send a form, whatever comes of it."""
        form = self.fill(action, within, **values)
        if second:
            self.with_second(form, second)
        if signed:
            self.sign(form)
        with self.page.expect_navigation():
            form.locator("button[type=submit]").click()
        return self

    def refused(self, code: str) -> Locator:
        """See that the page says what refused, by the blocker's code, and that nothing was changed."""
        blocker = self.page.locator(f".blockers [data-code='{code}']").first
        expect(blocker).to_be_visible()
        return blocker

    def picture(self, name: str, folder: Path | None, *, whole: bool = False) -> None:
        """Take a picture of the page when pictures are wanted."""
        if folder is not None:
            self.page.screenshot(path=folder / f"{name}.png", full_page=whole)


class House:
    """The site at an address, its browser and its clock."""

    def __init__(self, address: str, browser: Browser, clock: SimulatedClock) -> None:
        self.address, self.browser, self.clock = address, browser, clock
        self.errors: list[str] = []
        self.outside: list[str] = []
        self._contexts: list[BrowserContext] = []
        self._people: dict[tuple[str, str], Person] = {}

    def person(self, username: str, *, locale: str = "en-GB", width: int = 1280, height: int = 900) -> Person:
        """Return somebody at a screen of their own, signed in."""
        key = (username, f"{locale}{width}")
        if key not in self._people:
            self._people[key] = Person(self.address, self._context(locale, width, height), username).sign_in()
        return self._people[key]

    def nobody(self, *, locale: str = "en-GB") -> Person:
        """Return a screen at which nobody has signed in."""
        return Person(self.address, self._context(locale, 1280, 900), "")

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**span))

    def _context(self, locale: str, width: int, height: int) -> BrowserContext:
        context = new_context(self.browser, locale=locale, width=width, height=height)
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self._contexts.append(context)
        return context

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "about:")):
            self.outside.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED_NOISE):
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def close(self) -> None:
        """Close every screen; nothing may have gone wrong in any of them, nor left this machine."""
        for context in self._contexts:
            with contextlib.suppress(Exception):
                context.close()
        assert not self.outside
        assert not self.errors


def pages_of(person: Person) -> Iterator[str]:
    """Give the addresses that this person's navigation leads to."""
    for link in person.page.locator("header nav a").all():
        yield str(link.get_attribute("href"))
