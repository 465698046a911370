"""Plans in the reader's words: operations by their definition's names, reasons with times, states with a sign."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from vein2vein.core.refusals import N_, Blocker
from vein2vein.doors.naming import named
from vein2vein.doors.templatetags.doors import stamp
from vein2vein.orders.states import OrderState
from vein2vein.planning import chains
from vein2vein.planning.changes import WHY

OPERATIONS: Mapping[str, str] = {
    chains.COLLECTION: N_("Collection"),
    chains.TRANSPORT_IN: N_("Transport to the plant"),
    chains.RELEASE_TESTS: N_("Release tests"),
    chains.REVIEW: N_("Batch review"),
    chains.RELEASE: N_("Release"),
    chains.TRANSPORT_OUT: N_("Transport to the hospital"),
    chains.INFUSION: N_("Infusion"),
}
KINDS: Mapping[str, str] = {
    chains.SLOT: N_("Manufacturing slot"),
    chains.BED: N_("Infusion bed"),
    chains.COURIER: N_("Couriers"),
}
BREACHES: Mapping[str, str] = {
    "promise": N_("the promised date"),
    "patient_limit": N_("the patient's limit"),
    "hold": N_("a longest wait or shelf life"),
}
SIGNS: Mapping[str, str] = {"before": "○", "going": "▶", "made": "◆", "moved": "⇄", "booked": "■"}
"""By what a bar is, beside its colour: not begun, under way, product made, moved by this plan, in use now."""
_MADE = frozenset({OrderState.MANUFACTURED, OrderState.RELEASED, OrderState.DISPATCHED, OrderState.AT_SITE})
_BEFORE = frozenset({OrderState.DRAFTED, OrderState.SUBMITTED, OrderState.ACCEPTED})


AGAINST: Mapping[str, str] = {
    "plan.before_ready": N_("It would begin before the course is ready, %(ready)s"),
    "plan.wait_short": N_("It would begin before what comes before it has ended"),
    "plan.wait_long": N_("It would wait longer than the definition allows"),
    "plan.limit": N_("It would be too long after the end of %(after)s"),
    "plan.capacity": N_("%(unit)s is taken then: %(who)s"),
    "plan.closed": N_("%(unit)s is closed or not there then"),
    "plan.qualification": N_("%(unit)s is not qualified for it"),
    "plan.frozen": N_("Nothing else can begin before %(until)s"),
    "scheduling.no_place": N_("What follows it finds no place any more"),
}
"""What the checker finds, in the planner's words; of what is not here the checker's own sentence is shown."""


def against(blocker: Blocker, at: Callable[[int], datetime], names: Mapping[str, str]) -> str:
    """Return what speaks against a move as a sentence; `at` makes a time of the checker's minutes."""
    message = AGAINST.get(blocker.code)
    if message is None:
        return ""
    params = {**blocker.params, "unit": blocker.value}
    params |= {name: stamp(at(int(params[name]))) for name in ("ready", "until") if name in params}
    if "after" in params:
        params["after"] = operation_name(params["after"], names)
    return gettext(message) % params


def operation_name(code: str, names: Mapping[str, str]) -> str:
    """Return what people call an operation."""
    if code in OPERATIONS:
        return gettext(OPERATIONS[code])
    return names.get(code) or named(code)


def why_said(why: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the reason of a move as a sentence."""
    if not why:
        return ""
    params = dict(why.get("params", {}))
    for name in ("before", "after"):
        if name in params:
            params[name] = operation_name(params[name], names)
    if "at" in params:
        params["at"] = stamp(params["at"])
    message = WHY[why["code"]]
    return gettext(message) % params


def kind_name(kind: str) -> str:
    """Return what people call a kind of unit: a role, a class of equipment, a resource."""
    if kind in KINDS:
        return gettext(KINDS[kind])
    plain = kind.replace("_", " ")
    told = gettext(plain)
    return named(kind) if told == plain else told


def tone_of(state: str, *, moved: bool) -> str:
    """Return which of the signs a course's bar has."""
    if moved:
        return "moved"
    if state in _BEFORE:
        return "before"
    return "made" if state in _MADE else "going"


@dataclass(frozen=True, slots=True)
class Line:
    """A move as a page shows it."""

    order_code: str
    operation: str
    was_at: datetime
    becomes_at: datetime
    was_units: str
    units: str
    why: str


def lines(moves: Iterable[Any], names: Mapping[str, str]) -> list[Line]:
    """Return moves in words."""
    return [
        Line(
            one.order_code,
            operation_name(one.operation, names),
            datetime.fromisoformat(one.was_at),
            datetime.fromisoformat(one.becomes_at),
            ", ".join(one.was_units),
            ", ".join(one.units),
            why_said(one.why, names),
        )
        for one in moves
    ]
