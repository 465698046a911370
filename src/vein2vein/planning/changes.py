"""What a plan changes against what is in force, in words that last: was, becomes, why, who must be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.scheduling import Placed, Plan, SchedulingProblem
from vein2vein.planning import chains
from vein2vein.planning.frame import GRID_MIN, Frame
from vein2vein.planning.making import Made

WHY: Mapping[str, str] = {
    "moved.ready": N_("The course is ready only at %(at)s"),
    "moved.follows": N_("%(before)s before it ends only at %(at)s"),
    "moved.gone": N_("%(resource)s is not there any more"),
    "moved.unqualified": N_("%(resource)s is not qualified for it any more"),
    "moved.closed": N_("%(resource)s is closed or not there then"),
    "moved.lot": N_("Lot %(lot)s is not there, or not in date then"),
    "moved.room": N_("%(resource)s is needed then for %(who)s"),
    "moved.limit": N_("%(after)s after it can start only at %(at)s, and must not wait longer"),
    "moved.better": N_("The new place costs less: an earlier end, or room for others"),
    "by_hand": N_("Moved by the planner: %(reason)s"),
    "follows_move": N_("It follows what the planner moved: %(reason)s"),
}
"""By the engine's code; its own sentences tell minutes, these tell times."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An operation that is elsewhere: times as ISO text, units, and the reason with its places."""

    order_code: str
    operation: str
    was_at: str
    becomes_at: str
    was_units: tuple[str, ...]
    units: tuple[str, ...]
    why: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PromiseMoved:
    """A promised infusion that the plan does not keep."""

    order_id: str
    order_code: str
    was_at: str
    becomes_at: str
    why: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that a plan changes; `told` are the orders whose hospital must know, `broken` what is given up for whom."""

    moves: tuple[Moved, ...] = ()
    promises: tuple[PromiseMoved, ...] = ()
    told: tuple[str, ...] = ()
    broken: tuple[dict[str, Any], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return the changes as a plan keeps them."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Changes:
        """Return what `as_json` wrote."""
        moves = (
            Moved(**{**one, "was_units": tuple(one["was_units"]), "units": tuple(one["units"])})
            for one in told.get("moves", ())
        )
        promises = (PromiseMoved(**one) for one in told.get("promises", ()))
        return cls(tuple(moves), tuple(promises), tuple(told.get("told", ())), tuple(told.get("broken", ())))

    def after_move(
        self,
        problem: SchedulingProblem,
        was: Plan,
        plan: Plan,
        frame: Frame,
        *,
        order_code: str,
        operation: str,
        reason: str,
    ) -> Changes:
        """Return the changes with those of one course as it is after a move by hand."""
        before = {one.operation: one for one in was.placed if one.batch == order_code}
        mine = []
        for one in plan.placed:
            old = before.get(one.operation)
            if one.batch == order_code and old is not None and (old.start_min, old.resources) != _where(one):
                code = "by_hand" if one.operation == operation else "follows_move"
                mine.append(_moved(old, one, frame, {"code": code, "params": {"reason": reason}}))
        names = {one.operation for one in mine}
        others = [one for one in self.moves if one.order_code != order_code or one.operation not in names]
        told = {*self.told, *([order_code] if names & _telling(problem, order_code) else [])}
        promises = [one for one in self.promises if one.order_code != order_code]
        return replace(self, moves=(*others, *mine), promises=tuple(promises), told=tuple(sorted(told)))


def changes_of(made: Made) -> Changes:
    """Return what a plan that was just made changes."""
    frame = made.compiled.frame
    was = {(one.batch, one.operation): one for one in made.compiled.before}
    now = {(one.batch, one.operation): one for one in made.plan.placed}
    moves = [
        _moved(was[one.batch, one.operation], now[one.batch, one.operation], frame, _why(one.why, frame))
        for one in made.moves
    ]
    reasons = {one.order_code: one.why for one in reversed(moves)}
    told = {one.order_code for one in moves if one.operation in _telling(made.problem, one.order_code)}
    return Changes(
        moves=tuple(moves),
        promises=tuple(late_promises(made, reasons)),
        told=tuple(sorted(told)),
        broken=tuple(
            {
                "order_code": one.batch,
                "what": one.what.value,
                "why": {} if one.why is None else _why(one.why, frame),
                "end_at": frame.at(one.end_min).isoformat(),
            }
            for one in made.broken
        ),
    )


def late_promises(made: Made, reasons: Mapping[str, dict[str, Any]]) -> Iterable[PromiseMoved]:
    """Yield the promised dates that a plan does not keep."""
    frame = made.compiled.frame
    return promises_broken(made.problem, made.plan, frame, reasons, made.compiled.order_ids)


def promises_broken(
    problem: SchedulingProblem,
    plan: Plan,
    frame: Frame,
    reasons: Mapping[str, dict[str, Any]],
    order_ids: Mapping[str, str],
) -> Iterable[PromiseMoved]:
    """Yield the promised infusions that begin later in a plan than promised."""
    starts = {one.batch: one.start_min for one in plan.placed if one.operation == chains.INFUSION}
    lasts = {one.code: one.operations[-1].duration_min for one in problem.recipes}
    for batch in problem.batches:
        if batch.due_min is None or batch.code not in starts:
            continue
        promised = batch.due_min - lasts[batch.recipe]
        if starts[batch.code] > promised + GRID_MIN:
            yield PromiseMoved(
                order_id=order_ids.get(batch.code, ""),
                order_code=batch.code,
                was_at=frame.at(promised).isoformat(),
                becomes_at=frame.at(starts[batch.code]).isoformat(),
                why=reasons.get(batch.code, {}),
            )


def _telling(problem: SchedulingProblem, order_code: str) -> set[str]:
    """Return the operations of a course whose times a hospital or the plant has been told."""
    recipe = next((one.recipe for one in problem.batches if one.code == order_code), "")
    operations = next((one.operations for one in problem.recipes if one.code == recipe), ())
    slot = {one.code for one in operations if any(use.kind == chains.SLOT for use in one.uses)}
    return {chains.COLLECTION, chains.INFUSION, *slot}


def _where(one: Placed) -> tuple[int, tuple[str, ...]]:
    return one.start_min, one.resources


def _moved(was: Placed, now: Placed, frame: Frame, why: dict[str, Any]) -> Moved:
    return Moved(
        order_code=now.batch,
        operation=now.operation,
        was_at=frame.at(was.start_min).isoformat(),
        becomes_at=frame.at(now.start_min).isoformat(),
        was_units=was.resources,
        units=now.resources,
        why=why,
    )


def _why(why: Blocker, frame: Frame) -> dict[str, Any]:
    params = dict(why.params)
    if "minute" in params:
        params["at"] = frame.at(int(params.pop("minute"))).isoformat()
    return {"code": why.code, "params": params}
