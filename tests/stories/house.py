"""People at their screens: what a browser story says, in the words of the trade."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.chromium import new_context
from vein2vein.core.clock import SimulatedClock
from vein2vein.people import reads as people

EXPECTED_NOISE = (
    "Failed to load resource: the server responded with a status of 4",
    "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
)
"""What the browser itself writes when a page is refused (a page here, not an error) or a test cuts the network off."""


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

    def another(self) -> Person:
        """Return a second window of the same person, on the page that is open."""
        window = Person(self.address, self.context, self.username)
        window.page.goto(self.page.url)
        return window

    def status_of(self, path: str) -> int:
        """Return the HTTP status that this person gets for a page."""
        return self.context.request.get(self.address + path, max_redirects=0).status

    def form(self, action: str, **hidden: str) -> Locator:
        """Return the form of an action on the page that is open, unfolded; `hidden` tells apart several of them."""
        marks = "".join(f":has(input[name='{name}'][value='{value}'])" for name, value in hidden.items())
        form = self.page.locator(f"main form[data-action='{action}']{marks}").first
        form.evaluate("one => { for (let each = one; each; each = each.parentElement) each.open = true; }")
        return form

    def fill(self, form: Locator, **values: str) -> Locator:
        """Fill a form: texts typed, choices chosen, files handed in."""
        for name, value in values.items():
            field = form.locator(f"[name='{name}']:not([type=hidden])")
            kind = field.evaluate("one => one.tagName + ':' + one.type")
            if kind.startswith("SELECT"):
                field.select_option(value)
            elif kind == "INPUT:file":
                field.set_input_files(value)
            elif kind == "INPUT:checkbox":
                field.check()
            else:
                field.fill(value)
        return form

    def send(
        self,
        action: str,
        *,
        at: Mapping[str, str] | None = None,
        second: str = "",
        secret: str = "",
        scans: Mapping[str, str] | None = None,
        **values: str,
    ) -> Person:
        """Fill and send a form, whatever comes of it; `scans` are typed as a scanner does, each ended by Enter."""
        form = self.fill(self.form(action, **(at or {})), **values)
        if second:
            form.locator("[name='_witness']").fill(second)
            form.locator("[name='_witness_secret']").fill(self.password)
        if secret:
            form.locator("[name='_secret']").fill(secret)
        scanned = list((scans or {}).items())
        for name, code in scanned:
            field = form.locator(f"[name='{name}']")
            field.fill(code)
            if name == scanned[-1][0]:
                break
            field.press("Enter")
        with self.page.expect_navigation():
            if scanned:
                form.locator(f"[name='{scanned[-1][0]}']").press("Enter")
            else:
                form.locator("button[type=submit]").click()
        return self

    def act(self, action: str, **given: Any) -> Person:
        """Fill and send a form and see that it was done."""
        self.send(action, **given)
        expect(self.page.locator(".message[role=status]")).to_be_visible()
        return self

    def refused(self, words: str) -> None:
        """See that the page says in words why it refuses, and that nothing was changed."""
        expect(self.page.locator(".blockers").first).to_contain_text(words)
        expect(self.page.locator("main")).to_contain_text("Nothing was changed.")

    def go(self, words: str) -> Person:
        """Follow a link of the page by its words, in a menu as well."""
        link = self.page.get_by_role("link", name=words, include_hidden=True).first
        link.evaluate("one => { for (let each = one; each; each = each.parentElement) each.open = true; }")
        with self.page.expect_navigation():
            link.click()
        return self


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

    def nobody(self, *, locale: str = "en-GB", width: int = 1280, height: int = 900) -> Person:
        """Return a screen at which nobody has signed in."""
        return Person(self.address, self._context(locale, width, height), "")

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
            context.close()
        assert not self.outside
        assert not self.errors, self.errors
