"""Capacity over time: shifts, closures and deliveries as steps, in hours since the model's start.

Shifts are local time; a night that is an hour shorter or longer is one here too, because every step is put on the
absolute time line by the zone's own rules.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vein2vein.engines.twin.model import Resource, Shift, Stock

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Steps:
    """From `at[i]` hours on `capacity[i]` is there, until `at[i + 1]`; the first begins at 0 or before."""

    at: tuple[float, ...]
    capacity: tuple[int, ...]

    def open_hours(self, begins: float, ends: float) -> float:
        """Return the capacity in unit-hours between two times."""
        return math.fsum(there * hours for there, hours in self._between(begins, ends))

    def worked_hours(self, begins: float, ends: float) -> float:
        """Return the hours between two times in which there is any capacity."""
        return math.fsum(hours for there, hours in self._between(begins, ends) if there > 0)

    def _between(self, begins: float, ends: float) -> Iterator[tuple[int, float]]:
        place = max(bisect_right(self.at, begins) - 1, 0)
        while place < len(self.at) and self.at[place] < ends:
            until = self.at[place + 1] if place + 1 < len(self.at) else math.inf
            low, high = max(begins, self.at[place]), min(ends, until)
            yield self.capacity[place], max(high - low, 0.0)
            place += 1


def minutes(text: str) -> int:
    """Return `08:30` as minutes after midnight, 24:00 included; `ValueError` for what is no time of day."""
    hours, _, rest = text.partition(":")
    if not (hours.isdecimal() and rest.isdecimal() and len(hours) == len(rest) == 2):
        raise ValueError(text)
    made = int(hours) * 60 + int(rest)
    if int(rest) > 59 or made > 24 * 60:
        raise ValueError(text)
    return made


def resource_steps(resource: Resource, starts_at: datetime, last_h: float) -> Steps:
    """Return a resource's capacity from the start to `last_h` hours later; after it, what was there last."""
    if not resource.shifts and not resource.closures:
        return Steps((0.0,), (resource.capacity,))
    zone = ZoneInfo(resource.zone)
    edges: dict[float, int] = {}
    day = starts_at.astimezone(zone).date() - timedelta(days=1)
    final = (starts_at + timedelta(hours=last_h)).astimezone(zone).date()
    while day <= final:
        for minute, there in _day(resource, day):
            local = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
            edges[(local.astimezone(UTC) - starts_at).total_seconds() / 3600] = there
        day += timedelta(days=1)
    return _folded(sorted(edges.items()))


def _day(resource: Resource, day: date) -> Iterator[tuple[int, int]]:
    for closure in resource.closures:
        if closure.first <= day <= closure.last:
            yield 0, closure.capacity
            return
    if not resource.shifts:
        yield 0, resource.capacity
        return
    windows = [(minutes(one.begins), minutes(one.until), one.capacity) for one in _shifts(resource.shifts, day)]
    for minute in sorted({0} | {edge for one in windows for edge in one[:2]} - {24 * 60}):
        yield minute, sum(there for begins, until, there in windows if begins <= minute < until)


def _shifts(shifts: tuple[Shift, ...], day: date) -> Iterator[Shift]:
    return (one for one in shifts if DAYS[day.weekday()] in one.days)


def stock_steps(stock: Stock) -> Steps:
    """Return what has come in of a stock up to each delivery."""
    edges, total = {0.0: 0}, 0
    for one in sorted(stock.deliveries, key=lambda delivery: delivery.day):
        total += one.amount
        edges[one.day * 24.0] = total
    return _folded(sorted(edges.items()))


def _folded(edges: list[tuple[float, int]]) -> Steps:
    at, capacity = [0.0], [0]
    for hour, there in edges:
        if hour <= 0.0:
            capacity[0] = there
        elif there != capacity[-1]:
            at.append(hour)
            capacity.append(there)
    return Steps(tuple(at), tuple(capacity))
