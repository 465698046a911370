"""Treatment courses for attacks: shipments real where they are the matter, skipped where they are not."""

from __future__ import annotations

from collections.abc import Sequence

from vein2vein.logistics.tests.conftest import Way
from vein2vein.orders.tests.conftest import Course


class Treatment(Way):
    """One patient's course; with `shipped`, journeys go through logistics, else the order only advances."""

    shipped = False

    def _journey(self, step: str) -> None:
        getattr(Way if self.shipped else Course, step)(self)

    def _in_transit(self) -> None:
        self._journey("_in_transit")

    def _received(self) -> None:
        self._journey("_received")

    def _material_accepted(self) -> None:
        self._journey("_material_accepted")

    def _dispatched(self) -> None:
        self._journey("_dispatched")

    def _at_site(self) -> None:
        self._journey("_at_site")

    def collect(self) -> None:
        """Activate a label and record the collection."""
        self._collected()
        self.again()


def side_by_side(courses: Sequence[Treatment], *states: str) -> None:
    """Carry courses to one state after the other, all of them before the next: days pass for each alike."""
    for state in states:
        for course in courses:
            course.to(state)
