"""`./vein2vein plan`: make a plan of what is live as a file; `plan check FILE`: hold any plan against its problem."""

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
