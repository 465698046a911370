"""Courses that do not go straight, walked through the API as each person's own client; the pages that they see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.attack.conftest import _worker_database, clock_at
from tests.attack.courses import Treatment
from tests.attack.doors import Interface, Outcome, Page
from tests.static_files import plain_static_files
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.identity.models import Container
from vein2vein.journal import run_followers
from vein2vein.journal.reads import list_stream
from vein2vein.network.models import Reservation

__all__ = ["_worker_database", "clock_at", "plain_static_files"]


class Walk(Treatment):
    """One patient's course whose next acts go through the API; journeys are real."""

    shipped = True

    def __init__(self, clock: SimulatedClock, find: Callable[[str], Actor], sign: Callable[..., Actor], place: str):
        super().__init__(clock, find, sign, place=place)
        self.api, self.page = Interface(), Page()

    def do(self, action: str, by: str, second: str = "", /, **arguments: Any) -> Outcome:
        """Do an act through the API and let everybody follow it; it must be done."""
        outcome = self.api.act(action, by, second, **arguments)
        assert outcome.done, (action, outcome.status, outcome.text[:800])
        run_followers()
        if hasattr(self, "order"):
            self.again()
        return outcome

    def by_page(self, action: str, by: str, second: str = "", /, **arguments: Any) -> None:
        """Do an act by the form of its page and let everybody follow it; it must be done."""
        outcome = self.page.act(action, by, second, **arguments)
        assert outcome.done, (action, outcome.status, sorted(outcome.codes))
        run_followers()
        self.again()

    def refused(self, code: str, action: str, by: str, second: str = "", /, **arguments: Any) -> None:
        """Try an act through the API; it must be refused by this blocker."""
        outcome = self.api.act(action, by, second, **arguments)
        assert code in outcome.codes, (action, outcome.status, outcome.text[:800])

    def on_order(self, action: str, by: str, second: str = "", /, **arguments: Any) -> Outcome:
        """Do an act on the order."""
        return self.do(f"orders.{action}", by, second, order_id=self.order.pk, **arguments)

    def on_shipment(self, action: str, by: str, second: str = "", /, **arguments: Any) -> Outcome:
        """Do an act on the shipment."""
        outcome = self.do(f"logistics.{action}", by, second, shipment_id=self.shipment.pk, **arguments)
        self.shipment.refresh_from_db()
        return outcome

    def sees(self, username: str, text: str, address: str = "/", language: str = "en") -> None:
        """Require that a person's page says something; by default the work list."""
        answer = self.page.client(username).get(address, headers={"accept-language": language})
        assert answer.status_code == 200, (username, address, answer.status_code)
        shown = answer.content.decode()
        assert text in shown, (username, text, re.sub(r"<[^>]+>|\s+", " ", shown)[:3000])

    @property
    def order_page(self) -> str:
        """Return the address of the order's page."""
        return f"/orders/{self.order.pk}"

    def facts(self) -> list[str]:
        """Return the facts on the course's stream, first to last."""
        return [one.fact for one in list_stream(self.order.stream)]

    def cells(self) -> dict[str, tuple[str, str]]:
        """Return state and disposition of each container of cells, by its code."""
        rows = Container.objects.filter(coi_id=self.order.coi_id).exclude(kind__in=["sample", "retain"])
        return {one.code: (one.state, one.disposition) for one in rows}

    def slots(self) -> list[str]:
        """Return the states of the reservations that were made for the order, by the alphabet."""
        rows = Reservation.objects.filter(holder=f"order:{self.order.pk}")
        return sorted(rows.values_list("state", flat=True))

    def told(self, *texts: str, language: str = "en") -> None:
        """Require that the timeline says these."""
        for text in texts:
            self.sees("qareviewer", text, f"/timeline/coi/{self.order.coi_id}?whole=yes", language)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**span))


@pytest.fixture
def walk(clock_at: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]) -> Walk:
    """A course at the Shanghai hospital."""
    return Walk(clock_at, actor, sign, "rj")
