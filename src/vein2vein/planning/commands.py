"""`vein2vein plan` makes a plan of what is live, `plan check` holds one against its problem, `promise` tells dates."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from vein2vein.core import canonical
from vein2vein.core.refusals import Refusal

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="plan", invoke_without_command=True)
@click.option("--plant", default="CN-LG", show_default=True, help="The plant whose courses are planned.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead.")
@click.option("--rounds", default=1_500, show_default=True, help="Rounds of improvement; the same give the same plan.")
@click.pass_context
def plan(ctx: click.Context, plant: str, out: Path | None, rounds: int) -> None:
    """Plan what is live and write problem, plan and certificate as JSON; nothing is stored or booked.

    Exit status 3 with the binding reasons where there is no plan.
    """
    if ctx.invoked_subcommand is not None:
        return
    ready: Callable[[], None] = ctx.obj
    ready()
    from vein2vein.core import clock
    from vein2vein.planning.compiling import compile_plant
    from vein2vein.planning.making import make

    try:
        compiled = compile_plant(plant, clock.now())
        made = make(compiled, rounds=rounds)
    except Refusal as refusal:
        _refuse(refusal)
    text = json.dumps(
        {
            "problem": canonical.plain(made.problem),
            "plan": canonical.plain(made.plan),
            "certificate": canonical.plain(made.certificate),
            "origin_at": canonical.plain(compiled.frame.origin),
        },
        ensure_ascii=False,
        indent=1,
    )
    if out is None:
        click.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
    told = f"{len(made.problem.batches)} courses, {len(made.plan.placed)} operations"
    told += f", cost {made.plan.objective}, bound {made.plan.bound} ({made.plan.bound_by}), gap {made.plan.gap:.1%}"
    click.echo(f"{told}, {len(made.moves)} moves, {len(made.broken)} not kept", err=True)


@plan.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Hold the plan in FILE against its problem by the independent checker alone; needs no database.

    FILE is what `plan` writes. Exit status 3 with every fault where the plan does not hold.
    """
    from vein2vein.core import records
    from vein2vein.engines.scheduling import Plan, SchedulingProblem, certify
    from vein2vein.engines.scheduling.reading import problem_blockers

    try:
        raw = records.parsed(file.read_text("utf-8"))
        told = raw if isinstance(raw, dict) else {}
        problem = records.read(SchedulingProblem, told.get("problem"), "problem")
        found = records.read(Plan, told.get("plan"), "plan")
        if faults := problem_blockers(problem):
            click.echo("\n".join(map(str, faults)), err=True)
            sys.exit(3)
        certificate = certify(problem, found)
    except Refusal as refusal:
        _refuse(refusal)
    click.echo(json.dumps(canonical.plain(certificate), indent=1))


def _refuse(refusal: Refusal) -> None:
    for blocker in refusal.blockers:
        click.echo(str(blocker), err=True)
    sys.exit(refusal.exit_code)


@click.command()
@click.argument("order")
@click.option("--as", "username", required=True, help="Who asks; the password is read from the terminal or input.")
@click.option("--count", default=5, show_default=True, help="The most dates told.")
@click.option("--take", type=click.IntRange(1), help="Promise the date of this number, with its slot and bed.")
def promise(order: str, username: str, count: int, take: int | None) -> None:
    """Tell the best dates for ORDER (its code) that are free now, with what each costs; with --take, promise one.

    Exit status 3 with what stands against any date, 5 where somebody was quicker.
    """
    from vein2vein.core import clock
    from vein2vein.core.ids import OrderId
    from vein2vein.orders.reads import get_order_by_code
    from vein2vein.people import signing
    from vein2vein.planning import actions, reads

    piped = not sys.stdin.isatty()
    asked = f"password of {username}"
    secret = sys.stdin.readline().rstrip("\n") if piped else str(click.prompt(asked, hide_input=True, err=True))
    try:
        by = signing.sign_in(username, secret)
        order_id = OrderId(get_order_by_code(code=order, by=by).pk)
        found = reads.list_promises(order_id=order_id, count=count, by=by)
        for number, one in enumerate(found, start=1):
            click.echo(
                f"{number}  collection {one.collection_at:%Y-%m-%d %H:%M}  slot {one.slot} "
                f"{one.slot_from_at:%Y-%m-%d %H:%M}  infusion {one.infusion_at:%Y-%m-%d %H:%M} {one.bed}  "
                f"waits {one.waits_h} h  cost {one.cost}  (UTC, as of {clock.now():%H:%M})"
            )
            for blocker in one.blockers:
                click.echo(f"   {blocker}")
        if take is not None and take <= len(found):
            chosen = found[take - 1]
            made = actions.promise_date(
                order_id=order_id, collection_at=chosen.collection_at, infusion_at=chosen.infusion_at, by=by
            )
            click.echo(f"promised, kept until {made.expires_at:%Y-%m-%d %H:%M} UTC")
    except Refusal as refusal:
        _refuse(refusal)
