"""A present state: which courses are open, where each of them stands and since when, and what is on hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vein2vein.core.records import Faults, parsed, read, text_of
from vein2vein.core.refusals import N_
from vein2vein.engines.twin import model as m
from vein2vein.engines.twin.models import checked

STATE = "vein2vein present state 1"
HOURS_A_DAY, YEAR_H = 24.0, 8760.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a thread of a course stands: at an operation since a time, or before it, waiting for a resource."""

    operation: str
    since: datetime
    waiting_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """An open course: its demand, its position (several within operations that run together), milestones passed.

    What it holds follows from its position; branches that run together and are not named are finished.
    """

    name: str
    demand: str
    at: tuple[Position, ...]
    milestones: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """All open courses at one moment, also those that have their dose and still hold a bed; `on_hand`: the stocks."""

    as_of: datetime
    threads: tuple[Thread, ...]
    on_hand: Mapping[str, int] = field(default_factory=dict)
    format: str = STATE


def present_from_json(text: str) -> Present:
    """Return the present state that a JSON text writes; raises `Refused` with every fault of form."""
    return read(Present, parsed(text))


def present_to_json(present: Present) -> str:
    """Return the one JSON text of a present state."""
    return text_of(present)


def check_present(model: m.Model, present: Present) -> Faults:
    """Return every fault of a present state held against its model."""
    faults = Faults()
    if present.format != STATE:
        faults.add("format", present.format, N_("this is not a present state"), N_("write “%(format)s”"), format=STATE)
    demands = {one.name: one for one in model.demand}
    routes = {one.name: one for one in model.routes}
    seen = set[str]()
    for thread in present.threads:
        where = f"threads[{thread.name}]"
        if not thread.name or thread.name in seen:
            faults.add(where, thread.name, N_("this name is empty or used twice"), N_("give each its own"))
        seen.add(thread.name)
        if thread.demand not in demands:
            _unknown(f"{where}.demand", thread.demand, sorted(demands), faults)
            continue
        names = _operations(routes[demands[thread.demand].route].operations)
        for place in thread.at:
            if place.operation not in names:
                _unknown(f"{where}.at", place.operation, sorted(names), faults)
        times = [*(place.since for place in thread.at), *thread.milestones.values()]
        if not thread.at or (times and max(times) > present.as_of):
            message, mend = N_("this course is nowhere, or in the future"), N_("say where it is, and since when")
            faults.add(f"{where}.at", len(thread.at), message, mend)
    for stock in model.stocks:
        if present.on_hand.get(stock.name, -1) < 0:
            message, mend = N_("it is not said how many are on hand"), N_("write a whole number from 0 on")
            faults.add(f"on_hand[{stock.name}]", present.on_hand.get(stock.name, ""), message, mend)
    return faults


def _operations(operations: tuple[m.Operation, ...]) -> set[str]:
    names = {one.name for one in operations if one.name}
    for one in operations:
        if isinstance(one, m.Together):
            names = names.union(*(_operations(branch) for branch in one.branches))
    return names


def _unknown(where: str, name: str, known: list[str], faults: Faults) -> None:
    message, mend = N_("there is no such thing here"), N_("write one of: %(words)s")
    faults.add(where, name, message, mend, words=", ".join(known)[:400])


def model_from_now(model: m.Model, present: Present, days: float) -> m.Model:
    """Return the model begun at the present: its calendars, its demand grown so far, its stocks as they are."""
    passed_h = (present.as_of - model.starts_at).total_seconds() / 3600.0
    demand = tuple(
        dataclasses.replace(
            one, patients_per_year=one.patients_per_year * (1.0 + one.growth_per_year) ** (passed_h / YEAR_H)
        )
        for one in model.demand
    )
    stocks = tuple(
        dataclasses.replace(
            stock,
            deliveries=(
                m.Delivery(day=0.0, amount=present.on_hand[stock.name]),
                *(
                    m.Delivery(day=one.day - passed_h / HOURS_A_DAY, amount=one.amount)
                    for one in stock.deliveries
                    if one.day * HOURS_A_DAY > passed_h
                ),
            ),
        )
        for stock in model.stocks
    )
    return checked(
        dataclasses.replace(
            model, starts_at=present.as_of, warm_up_days=0.0, days=days, run_out_days=0.0, demand=demand, stocks=stocks
        )
    )
