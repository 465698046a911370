"""The four refusals and the blockers they carry.

A blocker (阻断项) says what stands in the way: a code one can grep for, a message in English that
the doors translate, the field and value at fault, and the mend. Rules return lists of blockers;
actions raise them. Each refusal becomes an HTTP status and an exit code once, at the mounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - the customary name of a marked, not yet translated text
    """Mark a message for translation and return it as it is."""
    return message


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that stands in the way.

    `message` and `mend` are English texts marked with `N_`, with %(name)s places filled from
    `params` after translation.
    """

    code: str
    message: str
    field: str = ""
    value: str = ""
    mend: str = ""
    params: Mapping[str, str] = attribute(default_factory=dict)

    def __str__(self) -> str:
        """Return message and mend in English."""
        text = self.message % self.params if self.params else self.message
        mend = self.mend % self.params if self.params else self.mend
        where = f"{self.field}={self.value!r}: " if self.field else ""
        return f"{where}{text}" + (f" ({mend})" if mend else "")


class Unfit(ValueError):
    """A value that cannot be taken for what it must be: which field, what value, why, and what to do."""

    code: ClassVar[str]

    def __init__(self, field: str, value: str, why: str, mend: str, params: Mapping[str, str] | None = None) -> None:
        """Carry English texts marked with `N_`, with %(name)s places filled from `params`."""
        self.field = field
        self.value = value
        self.params: dict[str, str] = dict(params or {})
        self._why = why
        self._mend = mend
        super().__init__(f"{field} {value[:80]!r}: {self.why}; {self.mend}")

    @property
    def why(self) -> str:
        """Return in English what is wrong."""
        return self._why % self.params if self.params else self._why

    @property
    def mend(self) -> str:
        """Return in English what to do about it."""
        return self._mend % self.params if self.params else self._mend

    def blocker(self) -> Blocker:
        """Return the same as a blocker that an action may refuse with; texts stay translatable."""
        return Blocker(self.code, self._why, field=self.field, value=self.value, mend=self._mend, params=self.params)


class Refusal(Exception):
    """An act that was not done, and left no trace but the answer."""

    http_status: ClassVar[int] = 422
    exit_code: ClassVar[int] = 1

    def __init__(self, blockers: Sequence[Blocker] | Blocker) -> None:
        """Carry one blocker or more."""
        self.blockers: tuple[Blocker, ...] = (blockers,) if isinstance(blockers, Blocker) else tuple(blockers)
        if not self.blockers:
            raise ValueError("a refusal names at least one blocker")
        super().__init__("; ".join(str(blocker) for blocker in self.blockers))


class Refused(Refusal):
    """The rules forbid the act as things stand."""

    http_status = 422
    exit_code = 3


class NotAllowed(Refusal):
    """The person may not do it: role, site, training, or signature."""

    http_status = 403
    exit_code = 4


class TooOften(NotAllowed):
    """Not now: whoever asks has asked too often; after `retry_after_s` seconds they may again."""

    http_status = 429

    def __init__(self, blocker: Blocker, retry_after_s: int) -> None:
        """Carry the blocker and the wait."""
        super().__init__(blocker)
        self.retry_after_s = retry_after_s


class Conflict(Refusal):
    """Somebody else was first: the state changed, or the resource is taken."""

    http_status = 409
    exit_code = 5


class NotFound(Refusal):
    """No such thing, or not one that this person may see."""

    http_status = 404
    exit_code = 6


def refuse_any(blockers: Sequence[Blocker]) -> None:
    """Raise `Refused` when there is at least one blocker."""
    if blockers:
        raise Refused(blockers)
