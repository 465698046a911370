"""`./vein2vein quality assess FILE`: the verdict on an exported case, computed again without a database."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vein2vein.core.refusals import Refused
from vein2vein.engines.assays import Overall, Status, assess, case_from_json, case_hash, verdict_to_json

REFUSED = 3


@click.group(name="quality")
def group() -> None:
    """Conformity: compute a verdict again."""


@group.command(name="assess")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as canonical JSON.")
def assess_file(file: Path, as_json: bool) -> None:
    """Compute the verdict of the case in FILE, test by test.

    Exit status 0 where the batch conforms, 1 where it does not or is incomplete, 3 where FILE is no case.
    """
    try:
        case = case_from_json(file.read_text("utf-8", "replace"))
    except Refused as refused:
        for blocker in refused.blockers:
            click.echo(f"{file}: {blocker}", err=True)
        sys.exit(REFUSED)
    verdict = assess(case)
    if as_json:
        click.echo(verdict_to_json(verdict))
    else:
        where = f"{case.market}, {case.route}, {case.phase}, {case.on}"
        click.echo(f"{case.batch}: {case.specification} ({where})\ncase {case_hash(case)}\n")
        for line in verdict.lines:
            result = line.outcome or ("" if line.rounded is None else f"{line.rounded} {line.unit}")
            why = f"  {line.why}" if line.why else ""
            mark = "" if line.required or line.status is not Status.MISSING else "  not required for release"
            click.echo(f"{line.status.value:12} {line.test:28} {result:24} {line.limit}{why}{mark}")
        click.echo(f"\n{verdict.overall.value}")
    sys.exit(0 if verdict.overall is Overall.CONFORMS else 1)
