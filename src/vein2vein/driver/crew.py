"""The demonstration's people at work: each act goes through the same action that a door calls, and is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.doors.telling import Told, tell
from vein2vein.journal.reads import list_recent, list_since
from vein2vein.people import reads as people
from vein2vein.people import signing

PLACES = {"CN-RJ-DEMO": "rj", "CN-BJ-DEMO": "bj", "HK-QM-DEMO": "hk", "SG-GH-DEMO": "sg"}
"""Hospitals by code, and how the user names of their staff end."""


class Crew:
    """Everybody who does something, on one simulated clock."""

    def __init__(self, clock: SimulatedClock, show: Callable[[Told], None]) -> None:
        self.clock, self.show = clock, show
        self._seen = self._newest()
        self._secret = people.demonstration_password()

    def who(self, username: str) -> Actor:
        """Return a demonstration account as an actor."""
        return people.actor_named(username)

    def act(self, action: str, username: str, second: str = "", **arguments: Any) -> Any:
        """Perform `action` as `username`, signed and witnessed where it asks for it; then let followers read."""
        spec = journal.ACTIONS[action]
        by = self.who(username)
        if spec.signed is not None:
            given = journal.with_defaults(spec, arguments)
            by = signing.sign(by, username=username, secret=self._secret, action=action, arguments=given)
        present: dict[str, Any] = {"by": by}
        if second:
            given = journal.with_defaults(spec, arguments)
            present["witness"] = signing.witness(second, secret=self._secret, action=action, arguments=given)
        elif spec.witnessed is not None:
            present["witness"] = None
        result = spec.run(**arguments, **present)
        journal.run_followers()
        self._tell()
        return result

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**span))

    def _newest(self) -> int:
        newest = list_recent(limit=1)
        return newest[0].id if newest else 0

    def _tell(self) -> None:
        for entry in list_since(self._seen):
            self.show(tell(entry))
            self._seen = entry.id
