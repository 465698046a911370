"""Who else works on a course: a person's entry that was not written here makes the course theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vein2vein.core.actor import Role
from vein2vein.core.refusals import Blocker, Refused
from vein2vein.driver.agenda import Clock
from vein2vein.driver.crew import Crew
from vein2vein.journal.reads import list_stream

LONGEST = 100_000
"""More entries than a course's stream has."""


@dataclass(slots=True)
class Seen:
    """How far each course's stream is known, kept in a file so that a restart knows it too."""

    path: Path
    heads: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what an earlier process has left."""
        if self.path.exists():
            self.heads = json.loads(self.path.read_text(encoding="utf-8"))

    def others(self, stream: str) -> bool:
        """Say whether a person has written on a stream since it was last noted; a new stream is nobody's."""
        if stream not in self.heads:
            return False
        behind = list_stream(stream, after=self.heads[stream], limit=LONGEST)
        return any(Role.SYSTEM not in one.payload["by"]["roles"] for one in behind)

    def note(self, stream: str) -> None:
        """Take everything that stands on a stream as known."""
        known = self.heads.get(stream, 0)
        behind = list_stream(stream, after=known, limit=LONGEST)
        self.heads[stream] = behind[-1].seq if behind else known
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.heads), encoding="utf-8")
        fresh.replace(self.path)


class Watching(Crew):
    """The people of one course, who stop for good as soon as somebody else has acted on it."""

    def __init__(self, clock: Clock, seen: Seen, stream: Callable[[], str]) -> None:
        """Take where it is noted, and the course's stream, "" before it has one."""
        super().__init__(clock)
        self._noted, self._stream = seen, stream

    def act(self, action: str, username: str, second: str = "", **arguments: Any) -> Any:
        """Perform an action like everybody, unless a visitor works on this course; raises `Refused` then."""
        stream = self._stream()
        if stream and self._noted.others(stream):
            raise Refused(Blocker("driver.visited", "somebody else works on this course"))
        result = super().act(action, username, second, **arguments)
        if stream := self._stream():
            self._noted.note(stream)
        return result
