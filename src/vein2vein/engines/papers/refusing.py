"""The one way a paper is refused."""

from __future__ import annotations

from collections.abc import Mapping

from vein2vein.core.refusals import Blocker


class CannotPrint(ValueError):
    """A paper that would not say what it must: which field, what value, why, and what to do."""

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
        return Blocker(
            code="papers.cannot_print",
            message=self._why,
            field=self.field,
            value=self.value,
            mend=self._mend,
            params=self.params,
        )
