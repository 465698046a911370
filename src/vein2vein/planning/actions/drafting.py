"""Drafts: a plan made of what is live, moved by hand, undone; none of them books anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import PlanId
from vein2vein.core.refusals import refuse_any
from vein2vein.engines.scheduling import Plan as EnginePlan
from vein2vein.engines.scheduling import certify, plan_to_json, problem_to_json
from vein2vein.network.reads import get_site
from vein2vein.planning import facts, reads, rules
from vein2vein.planning.changes import Changes, changes_of, promises_broken
from vein2vein.planning.compiling import compile_plant
from vein2vein.planning.current import content_of
from vein2vein.planning.frame import Frame
from vein2vein.planning.making import make
from vein2vein.planning.models import DateChange, Plan
from vein2vein.planning.moving import moved

PLANNER = frozenset({Role.PLANNER})


def stream_of(plant: str) -> str:
    """Return the stream of everything that a plant planned."""
    return f"site:{get_site(plant).pk}"


@journal.action("planning.make_plan", roles=PLANNER)
def make_plan(*, plant: str = "CN-LG", reason: str = "", by: Actor) -> Plan:
    """Plan what is live at a plant near the plan in force, and keep it as a draft with certificate, bound and gap.

    Nothing is booked. Raises `Refused` naming what binds where there is no plan. A former draft is withdrawn.
    """
    compiled = compile_plant(plant, journal.current().at)
    made = make(compiled)
    for one in reads.list_drafts(plant):
        journal.transition(one, "withdraw", _told(facts.PlanWithdrawn, one), stream=stream_of(plant))
    changes = changes_of(made)
    row = _row(
        plant,
        origin=compiled.frame.origin,
        problem=problem_to_json(made.problem),
        plan=plan_to_json(made.plan),
        certificate=made.certificate,
        changes=changes.as_json(),
        reason=reason,
        by=by,
    )
    _write(row, made.plan, changes)
    return row


def _told(fact: Any, row: Plan) -> Any:
    return fact(plan_id=row.pk, number=row.number)


def _row(
    plant: str,
    *,
    origin: datetime,
    problem: str,
    plan: str,
    certificate: Any,
    changes: dict[str, Any],
    reason: str,
    by: Actor,
    **more: Any,
) -> Plan:
    at = journal.current().at
    return Plan(
        number=reads.next_number(plant),
        site=get_site(plant),
        reason=reason,
        origin_at=origin,
        **{"as_of_at": at, **more},
        made_at=at,
        made_by=by.account_id,
        problem=problem,
        plan=plan,
        changes=changes,
        problem_digest=certificate.problem_digest,
        plan_digest=certificate.plan_digest,
        objective=certificate.objective,
        bound=certificate.bound,
        bound_by=certificate.bound_by,
        courses=certificate.batches,
        operations=certificate.operations,
        checked_by=certificate.checked_by,
    )


def _write(row: Plan, plan: EnginePlan, changes: Changes) -> None:
    promised = reads.promises_of([one.order_id for one in changes.promises])
    lines = [
        DateChange(
            plan=row,
            promise=promised[one.order_id],
            was_at=promised[one.order_id].infusion_at,
            becomes_at=one.becomes_at,
            why=one.why,
        )
        for one in changes.promises
    ]
    journal.record(
        facts.PlanMade(
            plan_id=row.pk,
            number=row.number,
            site=row.site.code,
            courses=row.courses,
            operations=row.operations,
            moves=len(changes.moves),
            promises_moved=len(lines),
            objective=row.objective,
            bound=row.bound,
            bound_by=row.bound_by,
            gap=f"{plan.gap:.1%}",
            problem_digest=row.problem_digest,
            plan_digest=row.plan_digest,
            reason=row.reason,
        ),
        stream=stream_of(row.site.code),
        inserts=[row, *lines],
    )


@journal.action("planning.move_operation", roles=PLANNER)
def move_operation(
    *,
    plan_id: PlanId,
    order_code: str,
    operation: str,
    starts_at: datetime,
    unit_code: str = "",
    reason: str,
    by: Actor,
) -> Plan:
    """Move an operation of a course in a draft to another time or unit; what follows it is placed anew.

    The move is a new draft over the former, so that it can be undone. Raises `Refused` with what stands against it.
    """
    row = reads.get_draft(plan_id)
    refuse_any(rules.reason_blockers(reason))
    problem, plan = content_of(row)
    frame = Frame(row.origin_at)
    was = next((one for one in plan.placed if (one.batch, one.operation) == (order_code, operation)), None)
    found = moved(
        problem, plan, batch=order_code, operation=operation, start_min=frame.floor(starts_at), unit=unit_code.strip()
    )
    certificate = certify(problem, found)
    changes = Changes.from_json(row.changes).after_move(
        problem, plan, found, frame, order_code=order_code, operation=operation, reason=reason
    )
    reasons = {one.order_code: one.why for one in reversed(changes.moves)}
    late = promises_broken(problem, found, frame, reasons, reads.order_ids_of([one.code for one in problem.batches]))
    changes = replace(changes, promises=tuple(late))
    journal.transition(
        row,
        "revise",
        facts.OperationMoved(
            plan_id=row.pk,
            number=row.number,
            order_code=order_code,
            operation=operation,
            from_at=frame.at(0 if was is None else was.start_min),
            to_at=frame.at(frame.floor(starts_at)),
            unit_code=unit_code,
            reason=reason,
        ),
        stream=stream_of(row.site.code),
        refs=reads.refs_of_order(order_code),
    )
    made = _row(
        row.site.code,
        origin=row.origin_at,
        problem=row.problem,
        plan=plan_to_json(replace(found, bound=certificate.bound)),
        certificate=certificate,
        changes=changes.as_json(),
        reason=reason,
        by=by,
        as_of_at=row.as_of_at,
        parent=row,
    )
    _write(made, found, changes)
    return made


@journal.action("planning.undo_move", roles=PLANNER)
def undo_move(*, plan_id: PlanId, by: Actor) -> Plan:
    """Take the last move in a draft back: the draft before it stands again."""
    row = reads.get_plan(plan_id=plan_id, by=by)
    parent = row.parent_id
    refuse_any(rules.undo_blockers(row.state, has_parent=parent is not None))
    assert parent is not None  # noqa: S101 - refused before
    stream = stream_of(row.site.code)
    journal.transition(row, "withdraw", _told(facts.PlanWithdrawn, row), stream=stream)
    before = reads.get_plan(plan_id=PlanId(parent), by=by)
    journal.transition(before, "restore", _told(facts.MoveUndone, row), stream=stream)
    return before
