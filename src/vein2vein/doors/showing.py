"""A record as somebody was shown it: a signature holds for exactly that, and what was added since refuses it."""

from __future__ import annotations

import re

from vein2vein.core.refusals import N_, Blocker, Conflict, Refused
from vein2vein.doors.telling import tell
from vein2vein.journal.reads import find_head, list_stream

_TOLD = 5
_DIGITS = 16
_VERSION = re.compile(r"(\d{1,18})-([0-9a-f]{16})")


def version_of(stream: str) -> str:
    """Return the version of a thread: its newest entry's number, and the start of the hash over all before it."""
    head = find_head(stream)
    return "" if head is None else f"{head.seq}-{head.hash[:_DIGITS]}"


def refuse_changed(stream: str, shown: str) -> None:
    """Raise `Conflict` with what was written to a thread after the version `shown`; "" was not shown at all."""
    if not shown or version_of(stream) == shown:
        return
    found = _VERSION.fullmatch(shown)
    seen = list_stream(stream, after=int(found[1]) - 1, limit=1) if found else []
    if found is None or not seen or seen[0].hash[:_DIGITS] != found[2]:
        mend = N_("Open the page again, and sign what it shows")
        raise Refused(Blocker("doors.no_such_version", N_("This is no version of it"), "record_version", shown, mend))
    told = [tell(one) for one in list_stream(stream, after=seen[0].seq, limit=_TOLD)]
    raise Conflict(
        [
            Blocker(
                code="doors.record_changed",
                message=N_("After the page was opened: %(what)s (%(who)s)"),
                field="record_version",
                value=shown,
                mend=N_("Look at what was added, and sign what stands now"),
                params={"what": one.text, "who": one.who},
            )
            for one in told
        ]
    )
