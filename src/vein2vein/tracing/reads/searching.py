"""Search: what a scanned code or a few typed letters stand for, everywhere, within what the asking person may see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import Blocker
from vein2vein.doors.reading import read
from vein2vein.engines.codes import PREFIXES, BadCode, Scanned, scan
from vein2vein.engines.codes import Kind as Code
from vein2vein.identity.reads import number_digests
from vein2vein.tracing.reads.asking import rows
from vein2vein.tracing.reads.sought import BASE_ONLY, REGISTERS, Register
from vein2vein.tracing.states import Sought

FEWEST = 2
"""Characters below which only whole codes are found."""
OF_A_KIND = 8
"""How many things of one kind an answer lists, unless more are asked for."""
_LONGEST = 200
_CARRIES_OURS = (Code.EQUIPMENT, Code.WORKSTATION, Code.SHIPPER, Code.LOGGER)
_SERIAL = re.compile(r"[0-9A-Z]{5,13}")


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: what it is, the code people know it by, and what tells it from its like.

    `exact` says that what was asked for is this thing's whole code; `leads_to` is the id of the page that shows it.
    """

    kind: Sought
    id: UUID
    code: str
    name: str
    name_zh: str
    state: str
    place: str
    note: str
    at: datetime | None
    leads_to: UUID
    exact: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked for, as which kind of code it was understood, where, and what was found there.

    `more` names the kinds of which there are more than are listed. `refused` says why a code of ours cannot be right.
    """

    text: str
    understood: str
    refused: Blocker | None
    looked_in: tuple[Sought, ...]
    hits: tuple[Hit, ...]
    more: tuple[Sought, ...]


@read("tracing.search")
def search(*, text: str, kind: Sought | None = None, limit: int = OF_A_KIND, by: Actor) -> Findings:
    """Find a code that was scanned or typed, whole or its beginning, or a part of a name; a hospital finds its own.

    A hospital's people find their patient's orders by the whole hospital number too; nobody else does.
    At most `limit` (1 to 50) things of each kind, those whose whole code it is first; of one `kind` where it is given.
    """
    wanted = " ".join(text.replace("\x00", "").split())[:_LONGEST]
    registers = [
        one
        for one in REGISTERS
        if (by.sites is None or one.scope != BASE_ONLY) and (kind is None or kind in one.sought)
    ]
    looked_in = tuple(one for one in Sought if (kind in (None, one)) and any(one in each.sought for each in registers))
    if not wanted:
        return Findings("", "", None, looked_in, (), ())
    found, refused = _understood(wanted)
    limit = max(1, min(limit, 50))
    hits = _ask(registers, wanted, found, limit, by)
    exact = [one for one in hits if one.exact]
    kept: list[Hit] = []
    more: list[Sought] = []
    for sought in looked_in:
        of_kind = [one for one in exact or hits if one.kind is sought]
        kept += of_kind[:limit]
        if len(of_kind) > limit:
            more.append(sought)
    understood = "" if found is None else found.kind.value
    return Findings(wanted, understood, None if hits else refused, looked_in, tuple(kept), tuple(more))


def _understood(text: str) -> tuple[Scanned | None, Blocker | None]:
    """Return a good code, or why what looks like one of ours is none."""
    try:
        return scan(text), None
    except BadCode as bad:
        ours = text.upper().partition("-")[0] in PREFIXES.values() and text.count("-") > 1
        return None, bad.blocker() if ours else None


def _wholes(text: str, found: Scanned | None) -> list[str]:
    """Return what a whole code may be stored as: as it was scanned, as it was typed, or what it carries."""
    wholes = [text, text.upper(), text.lower()]
    if found is not None:
        wholes.append(found.value)
        if found.kind in _CARRIES_OURS:
            wholes.append(found.value.partition("-")[2].rpartition("-")[0])
    return list(dict.fromkeys(wholes))


def _beginnings(text: str, prefix: str) -> list[str]:
    """Return how a code may begin that begins like this: as it was typed, or read off a label without its prefix."""
    upper = text.upper()
    found = [upper, text, text.lower()]
    if prefix and upper.isascii() and not upper.startswith(prefix):
        bare = upper.replace("-", "").replace(" ", "")
        found.append(f"{prefix}-{upper}")
        if _SERIAL.fullmatch(bare):
            found.append(f"{prefix}-" + "-".join(bare[at : at + 4] for at in range(0, len(bare), 4)))
    return list(dict.fromkeys(found))


def _ask(registers: list[Register], text: str, found: Scanned | None, limit: int, by: Actor) -> list[Hit]:
    values: dict[str, Any] = {
        "all": by.sites is None,
        "sites": sorted(by.sites or (), key=str),
        "wholes": _wholes(text, found),
        "holds": f"%{_literal(text)}%",
        "digests": number_digests(text, by=by),
        "at": clock.now(),
    }
    parts = []
    for place, one in enumerate(registers):
        begins = _beginnings(text, one.prefix) if len(text) >= FEWEST and found is None else []
        names = [f"b{place}_{number}" for number in range(len(begins))]
        values |= {name: f"{_literal(each)}%" for name, each in zip(names, begins, strict=True)}
        parts.append(_part(one, names, limit))
    hits: dict[tuple[str, UUID], Hit] = {}
    for row in rows(" UNION ALL ".join(parts), values):
        hit = Hit(**{**row, "kind": Sought(row["kind"])})
        if hit.exact or (hit.kind, hit.id) not in hits:
            hits[hit.kind, hit.id] = hit
    return list(hits.values())


def _part(register: Register, begins: list[str], limit: int) -> str:
    """Return the question to one register: first what is exactly it, then what begins so or holds it."""
    exact = " OR ".join(f"{column} = ANY(%({register.against})s)" for column in register.whole)
    like = [f"{column} LIKE %({name})s" for column in register.begins for name in begins]
    like += [f"{column} ILIKE %(holds)s" for column in register.holds] if begins else []
    kind = register.kind or f"'{register.sought[0].value}'"
    asked = f"SELECT {kind} AS kind, {{}} AS exact, {register.rows} WHERE {register.scope} AND ({{}})"
    order = f"ORDER BY {register.order} LIMIT {limit + 1}"
    parts = [f"({asked.format('TRUE', exact)} {order})"]
    if like:
        parts.append(f"({asked.format('FALSE', ' OR '.join(like))} {order})")
    return " UNION ALL ".join(parts)


def _literal(text: str) -> str:
    """Return a text for LIKE in which nothing stands for anything else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
