"""Journal entries as people read them: what the fact says, in the user's language."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from vein2vein.core.facts import FACTS
from vein2vein.doors.naming import named
from vein2vein.journal.reads import EntryView

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a timeline."""

    seq: int
    stream: str
    performed_at: datetime
    recorded_at: datetime
    late: bool
    text: str
    who: str
    signatures: tuple[str, ...]
    reason: str
    fact: str
    refs: tuple[str, ...]
    data: dict[str, Any]
    hash: str


class _Blank(defaultdict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def tell(entry: EntryView) -> Told:
    """Return an entry as a line of a timeline."""
    payload = entry.payload
    says = getattr(FACTS.get(entry.fact), "says", "") or entry.fact.partition(".")[2]
    values = _Blank(str, {key: _shown(value) for key, value in entry.data.items()})
    return Told(
        seq=entry.seq,
        stream=entry.stream,
        performed_at=entry.performed_at,
        recorded_at=entry.recorded_at,
        late="late" in payload,
        text=gettext(says) % values,
        who=str(payload["by"]["name"]),
        signatures=tuple(f"{one['printed_name']}: {gettext(one['meaning'])}" for one in payload.get("signatures", [])),
        reason=str(payload.get("reason", "")),
        fact=entry.fact,
        refs=tuple(payload["refs"]),
        data=entry.data,
        hash=entry.hash,
    )


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
    text = str(value)
    if _TIME.match(text):
        return timezone.localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")
    return named(text) if text.isidentifier() and text.islower() else text
