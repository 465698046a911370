"""The planner's board as data: units in rows, each bar an operation of a course; and what speaks against a move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import Blocker, Refused
from vein2vein.orders.reads import orders_seen
from vein2vein.planning import chains, telling
from vein2vein.planning.changes import Changes
from vein2vein.planning.current import Taken, content_of, taken_by
from vein2vein.planning.frame import Frame
from vein2vein.planning.models import Plan
from vein2vein.planning.moving import moved
from vein2vein.planning.naming import names_of

FIRST = (chains.SLOT, chains.BED)
"""Kinds that stand at the top of the board, the slots first, then beds; all others by name."""
AHEAD = timedelta(days=28)
BEHIND = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Bar:
    """An operation of a course on a unit, as the board shows it."""

    order_code: str
    operation: str
    name: str
    unit: str
    starts_at: datetime
    ends_at: datetime
    tone: str
    url: str
    fixed: bool

    @property
    def sign(self) -> str:
        """Return the sign of its state."""
        return telling.SIGNS[self.tone]


def bars(row: Plan, by: Actor, *, days: int = AHEAD.days) -> list[Bar]:
    """Return a plan's operations on units from two days ago to some days ahead, by time."""
    problem, plan = content_of(row)
    now = clock.now()
    begun = {(one.batch, one.operation) for one in problem.fixed}
    shifted = {(one.order_code, one.operation) for one in Changes.from_json(row.changes).moves}
    taken = taken_by(problem, plan.placed, row.origin_at)
    until = now + timedelta(days=days)
    near = [one for one in taken if one.ends_at > now - BEHIND and one.starts_at < until]
    orders = {one.code: one for one in orders_seen(by).filter(code__in=sorted({one.order for one in near}))}
    names, kinds = names_of(orders.values()), {one.code: one.kind for one in problem.resources}
    found = []
    for one in near:
        order = orders.get(one.order)
        if order is None:
            continue
        key = (one.order, one.operation)
        url = (
            reverse("timeline", args=["coi", order.coi_id])
            if order.coi_id
            else reverse("orders:order", args=[order.pk])
        )
        tone = telling.tone_of(order.state, moved=key in shifted)
        kind = kinds[one.unit]
        name = telling.kind_name(kind) if kind == chains.SLOT else telling.operation_name(one.operation, names)
        found.append(_bar(one, name, tone, url, fixed=key in begun))
    return sorted(found, key=lambda one: (one.starts_at, one.unit))


def _bar(one: Taken, name: str, tone: str, url: str, *, fixed: bool) -> Bar:
    return Bar(one.order, one.operation, name, one.unit, one.starts_at, one.ends_at, tone, url, fixed)


def data_of(row: Plan, by: Actor) -> dict[str, Any]:
    """Return the board as its script draws it: rows and bars, times as ISO text."""
    problem, _ = content_of(row)
    shown = bars(row, by)
    used = {one.unit for one in shown}
    kinds = {one.code: one.kind for one in problem.resources}
    rows = sorted(used, key=lambda code: (_rank(kinds[code]), kinds[code], _natural(code)))
    return {
        "rows": [
            {"id": code, "kind": kinds[code], "name": f"{code} · {telling.kind_name(kinds[code])}"} for code in rows
        ],
        "bars": [
            {
                "id": f"{one.order_code}/{one.operation}/{one.unit}",
                "row": one.unit,
                "order": one.order_code,
                "operation": one.operation,
                "text": f"{one.sign} {one.order_code[4:13]} {one.name}",
                "title": f"{one.order_code} · {one.name} · {one.unit}",
                "from": one.starts_at.isoformat(),
                "to": one.ends_at.isoformat(),
                "tone": one.tone,
                "url": one.url,
                "fixed": one.fixed,
            }
            for one in shown
        ],
        "now": clock.now().isoformat(),
        "offset_min": int((timezone.localtime(clock.now()).utcoffset() or timedelta(0)).total_seconds()) // 60,
    }


def _rank(kind: str) -> int:
    return FIRST.index(kind) if kind in FIRST else len(FIRST)


def _natural(code: str) -> tuple[str, int]:
    head = code.rstrip("0123456789")
    return head, int(code[len(head) :] or 0)


def proposal_blockers(row: Plan, *, order_code: str, operation: str, starts_at: datetime, unit: str) -> list[Blocker]:
    """Return what speaks against a move in a draft; it is only asked, nothing is kept."""
    problem, plan = content_of(row)
    start = Frame(row.origin_at).floor(starts_at)
    try:
        moved(problem, plan, batch=order_code, operation=operation, start_min=start, unit=unit)
    except Refused as refusal:
        return list(refusal.blockers)
    return []
