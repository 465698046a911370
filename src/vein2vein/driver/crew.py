"""The demonstration's people at work: each act goes through the same action that a door calls, and is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.doors.telling import Told, tell
from vein2vein.driver.agenda import Clock
from vein2vein.driver.spoken import spoken
from vein2vein.journal.reads import list_recent, list_since
from vein2vein.people import reads as people
from vein2vein.people import signing

PLACES = {"CN-RJ-DEMO": "rj", "CN-BJ-DEMO": "bj", "HK-QM-DEMO": "hk", "SG-GH-DEMO": "sg"}
"""Hospitals by code, and how the user names of their staff end."""


class Crew:
    """Everybody who does something, on one clock; `show` is told of every entry, where it is given."""

    def __init__(self, clock: Clock, show: Callable[[Told], None] | None = None) -> None:
        self.clock, self.show = clock, show
        self.acts: Counter[str] = Counter()
        self._seen = self._newest() if show is not None else 0
        self._secret = people.demonstration_password()
        self._known: dict[str, Actor] = {}

    def who(self, username: str) -> Actor:
        """Return a demonstration account as an actor, looked up once: the permission gate asks anew at every act."""
        if username not in self._known:
            self._known[username] = people.actor_named(username)
        return self._known[username]

    def act(self, action: str, username: str, second: str = "", **arguments: Any) -> Any:
        """Perform `action` as `username`, signed and witnessed where it asks for it; then let followers read."""
        spec, arguments = journal.ACTIONS[action], spoken(arguments)
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
        with journal.followers_at_once() as woken:
            result = spec.run(**arguments, **present)
            journal.run_followers(woken)
        self.acts[action] += 1
        self._tell()
        return result

    def _newest(self) -> int:
        newest = list_recent(limit=1)
        return newest[0].id if newest else 0

    def _tell(self) -> None:
        if self.show is None:
            return
        for entry in list_since(self._seen):
            self.show(tell(entry))
            self._seen = entry.id
