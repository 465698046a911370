"""The published demand scenarios (Triantafyllou et al., Scientific Reports 12:17365, 2022): which facilities to open.

One row of the file is one scenario: `profile`, then therapies collected on days 1–90 as `t1 … t90`; other columns are
left alone. Six candidate facilities with 4, 31, 10, 4, 31 and 10 parallel lines; at most two are opened; each therapy
takes 1 day of leukapheresis, 1 or 2 days out, 7 on a line, 7 in quality control, 1 or 2 days back, 18 in all at most.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import numpy as np

from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.networks.capacity import can_take

DAYS = 90
COLLECTION_DAYS, LINE_DAYS, CONTROL_DAYS = 1, 7, 7
LEG_DAYS = (1, 2)
RETURN_WITHIN_DAYS = 18
AT_MOST_OPEN = 2
LINES = {1: 4, 2: 31, 3: 10, 4: 4, 5: 31, 6: 10}
"""Parallel lines of each facility, by its number."""
USD_A_DAY = {4: Decimal("23136.13"), 10: Decimal("57840.33"), 31: Decimal("173521.00")}
"""Capital and fixed running cost of a facility, by its lines."""
COLUMNS = ("profile", "m11", "m22", "m33", "m44", "m55", "m66", "inff")

_LONGEST = 6
SLACK_DAYS = min(
    LEG_DAYS[-1] - LEG_DAYS[0],
    RETURN_WITHIN_DAYS - COLLECTION_DAYS - LINE_DAYS - CONTROL_DAYS - 2 * LEG_DAYS[0],
)
"""How long a start may be put off by taking the slower way out: what is left when both ways are the fast one."""


@dataclass(frozen=True, slots=True)
class Label:
    """The facilities to open in one scenario; none where no two of them suffice."""

    profile: str
    open: frozenset[int]

    def row(self) -> list[str]:
        """Return the label as its row, in the order of `COLUMNS`."""
        return [self.profile, *(str(int(number in self.open)) for number in LINES), str(int(not self.open))]


def facility_sets() -> list[tuple[int, ...]]:
    """Return all sets that may be opened, the cheapest first, among equal ones that of the lowest numbers."""
    sets = [one for size in range(1, AT_MOST_OPEN + 1) for one in combinations(LINES, size)]
    return sorted(sets, key=lambda one: (sum(USD_A_DAY[LINES[number]] for number in one), one))


def label(lines: Iterable[str]) -> Iterator[Label]:
    """Label the scenarios of a CSV file, in its order; raises `Refused` naming line and column of what is wrong."""
    profiles, rows = _read(lines)
    collected = np.array(rows, dtype=np.int64).reshape(len(rows), DAYS)
    chosen: list[frozenset[int]] = [frozenset()] * len(rows)
    waiting = np.arange(len(rows))
    tried = 0
    for candidate in facility_sets():
        together = sum(LINES[number] for number in candidate)
        if together <= tried or not waiting.size:
            continue  # dearer and no larger than what did not suffice
        tried = together
        taken = can_take(collected[waiting], together, LINE_DAYS, SLACK_DAYS)
        for index in waiting[taken]:
            chosen[index] = frozenset(candidate)
        waiting = waiting[~taken]
    return (Label(profile, opened) for profile, opened in zip(profiles, chosen, strict=True))


def _read(lines: Iterable[str]) -> tuple[list[str], list[list[int]]]:
    reader = csv.reader(lines)
    head = next(reader, [])
    wanted = ["profile", *(f"t{day}" for day in range(1, DAYS + 1))]
    missing = [name for name in wanted if name not in head]
    if missing:
        raise _fault(N_("This column is missing"), missing[0], ",".join(head)[:60])
    places = [head.index(name) for name in wanted]
    profiles, rows = [], []
    for cells in reader:
        if not cells:
            continue
        where = f"line {reader.line_num}"
        if len(cells) != len(head):
            raise _fault(N_("The row has not as many cells as the head has"), where, str(len(cells)))
        profiles.append(cells[places[0]])
        rows.append(_counts([cells[place] for place in places[1:]], where))
    return profiles, rows


def _counts(texts: list[str], where: str) -> list[int]:
    for day, text in enumerate(texts, 1):
        if not (text.isdecimal() and text.isascii() and len(text) <= _LONGEST):
            raise _fault(N_("A number of therapies is a whole number from 0 to 999999"), f"{where}, t{day}", text[:60])
    return [int(text) for text in texts]


def _fault(message: str, field: str, value: str) -> Refused:
    mend = N_("Write a head with profile and t1 to t90, and in each row how many were collected on each day")
    return Refused(Blocker("networks.not_scenarios", message, field, value, mend))
