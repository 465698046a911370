"""The temperature trace as a line with its limits: numbers for an inline SVG, nothing fetched from anywhere."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vein2vein.engines.instruments.trace import read_trace
from vein2vein.logistics import reads
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.states import ShipmentKind

WIDTH, HEIGHT, LEFT, TOP = 800, 240, 60, 12
MOST = 400
"""Pairs of points drawn at most; of more readings each stretch keeps its lowest and highest."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit line: its height in the drawing, its temperature, and whether it may never be passed."""

    y: float
    text_y: float
    celsius: str
    absolute: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A trace drawn 800 × 240: the line's points, limits, and the ends of the journey."""

    points: str
    limits: tuple[Limit, ...]
    starts_at: datetime
    ends_at: datetime
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - 8
    bottom: int = HEIGHT - 12


def thinned(points: Sequence[tuple[datetime, Decimal]]) -> list[tuple[datetime, Decimal]]:
    """Return at most 2 × `MOST` points in which no stretch lost its lowest or highest reading."""
    if len(points) <= 2 * MOST:
        return list(points)
    size = -(-len(points) // MOST)
    found = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        ends = {min(stretch, key=lambda one: one[1]), max(stretch, key=lambda one: one[1])}
        found += sorted(ends)
    return found


def draw(
    points: Sequence[tuple[datetime, Decimal]], limits: Sequence[tuple[Decimal, bool]], start: datetime, stop: datetime
) -> Drawing:
    """Return the drawing of readings (time, °C) from `start` to `stop`, with limits (°C, whether absolute)."""
    inside = [one for one in points if start <= one[0] <= stop] or list(points)
    values = [celsius for _, celsius in inside] + [celsius for celsius, _ in limits]
    low, high = float(min(values)) - 1, float(max(values)) + 1
    span = (stop - start).total_seconds() or 1.0

    def x_of(at: datetime) -> float:
        return LEFT + (WIDTH - 8 - LEFT) * (at - start).total_seconds() / span

    def y_of(celsius: Decimal) -> float:
        return TOP + (HEIGHT - 12 - TOP) * (high - float(celsius)) / (high - low)

    line = " ".join(f"{x_of(at):.1f},{y_of(celsius):.1f}" for at, celsius in thinned(inside))
    drawn = tuple(
        Limit(round(y_of(celsius), 1), round(y_of(celsius) + 4, 1), f"{celsius:f}", absolute)
        for celsius, absolute in limits
    )
    return Drawing(line, drawn, start, stop)


def drawing_of(shipment: Shipment) -> Drawing | None:
    """Return the drawing of a received shipment's trace, or None where there is none."""
    trace = reads.find_trace(shipment.pk)
    if trace is None or not trace.sha256:
        return None
    rule = reads.wanted_of(shipment.order_id, ShipmentKind(shipment.kind)).excursion
    bounds = itertools.product((rule.allowed, rule.absolute), ("low", "high"))
    limits = []
    for bound, side in bounds:
        quantity = getattr(bound, side)
        if quantity is not None:
            limits.append((Decimal(quantity.to("degC").magnitude), bound is rule.absolute))
    points = read_trace(bytes(trace.content), trace.filename, allow_gaps=True).points
    return draw(points, limits, trace.window_from_at, trace.window_to_at)
