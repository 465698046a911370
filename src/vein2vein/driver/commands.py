"""`vein2vein journey`, one order to the infused dose; `vein2vein demo`, many invented patients at once."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import click
from django.conf import settings
from django.utils import translation

from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import seeded
from vein2vein.core.uploads import LARGEST_BYTES, Upload
from vein2vein.doors.telling import Told
from vein2vein.driver.crew import Crew
from vein2vein.driver.database import NotKept, reopened, simulated
from vein2vein.driver.demo import EPOCH, Demonstration
from vein2vein.driver.hidden import hidden as figures_hidden
from vein2vein.driver.journey import Journey
from vein2vein.driver.site import PATIENTS_A_YEAR
from vein2vein.driver.telling import as_json, as_table
from vein2vein.engines.fhir.read_order import read_order


def _show(line: Told) -> None:
    click.echo(f"{line.performed_at:%Y-%m-%d %H:%M}Z  {line.text}  · {line.who}")
    for signature in line.signatures:
        click.echo(f"{'':20}signed {signature}")


@click.command()
@click.option("--order", "order_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where the papers go.")
@click.option("--seed", default=1, show_default=True, help="Ids are drawn from it: the same run, the same journal.")
@click.option("--keep", is_flag=True, help="Keep the simulated database, and print its name.")
def journey(order_file: Path, out: Path, seed: int, keep: bool) -> None:
    """Carry the patient of a FHIR R4 order from prescription to infusion in a simulated database.

    DIR then holds labels, batch record, certificate, dose report and journal.jsonl. The exit status is 0 only if
    the dose was infused and the export verifies against the printed root.
    """
    settings.ARGON2_TIME_COST, settings.ARGON2_MEMORY_KIB = 1, 64  # these people do not exist
    with order_file.open("rb") as file:
        upload = Upload(order_file.name, file.read(LARGEST_BYTES + 1))
    began = read_order(upload.content).authored_at
    clock = SimulatedClock(began)
    out.mkdir(parents=True, exist_ok=True)

    def say(text: str) -> None:
        click.echo(text, err=True)

    with seeded(seed), simulated(clock, keep=keep, say=say):
        course = Journey(Crew(clock, _show), upload)
        course.run(out, say)
        finding, root = course.prove(out)
    click.echo(f"root {root}")
    for fault in finding.faults:
        click.echo(fault, err=True)
    click.echo(
        f"{finding.entries} entries; the export {'verifies' if finding.whole else 'does NOT verify'} against the root"
    )
    if not finding.whole or not course.infused:
        sys.exit(1)


@click.command()
@click.option("--patients", type=click.IntRange(1), default=20, show_default=True, help="How many are ordered for.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same journal root.")
@click.option(
    "--years", type=click.FloatRange(0.01), help="Over how long their orders are spread; default: 300 patients a year."
)
@click.option("--hidden", type=int, help="Move every true figure by luck from this seed, for the twin to find out.")
@click.option("--json", "as_data", is_flag=True, help="Tell everything as JSON on standard output.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--keep", is_flag=True, help="Keep the simulated database, and print its name.")
@click.option("--minutes", type=click.FloatRange(0.1), help="Stop after so many, and keep the database for --resume.")
@click.option("--resume", metavar="DATABASE", help="Go on in a kept database, with the same patients, seed and years.")
def demo(
    patients: int,
    seed: int,
    years: float | None,
    hidden: int | None,
    as_data: bool,
    language: str,
    keep: bool,
    minutes: float | None,
    resume: str | None,
) -> None:
    """Carry many invented patients through the same actions as everybody uses, in a simulated database.

    Times and failures are the figures of `driver/figures.py`, each with its source. At the end every invariant is
    checked; the exit status is 0 only if all hold and nobody was refused what they had to do.
    """
    settings.ARGON2_TIME_COST, settings.ARGON2_MEMORY_KIB = 1, 64  # these people do not exist
    began_at = datetime.fromisoformat(EPOCH)
    years = years or max(patients / PATIENTS_A_YEAR, 0.1)
    spread, keep = timedelta(days=365 * years), keep or minutes is not None

    def say(text: str) -> None:
        click.echo(text, err=True)

    clock, since = SimulatedClock(began_at), None
    if resume is None:
        place = simulated(clock, keep=keep, say=say, per_year=patients / years)
    else:
        place, since = reopened(clock, resume, keep=keep, say=say), began_at
    try:
        with figures_hidden(hidden), place as name, seeded(hash((seed, clock.at.timestamp())) if since else seed):
            site = Demonstration(clock, patients=patients, seed=seed, spread=spread, say=say, since=since)
            made = site.run(minutes=minutes)
    except NotKept as unknown:
        raise click.BadParameter(f"no simulated database is named {unknown}", param_hint="--resume") from unknown
    if not made.finished:
        say(f"stopped after {minutes:g} minutes; --resume {name} goes on, with the same patients, seed and years")
    if as_data:
        click.echo(json.dumps({"database": name} | as_json(made), ensure_ascii=False, indent=2))
    else:
        with translation.override("zh-hans" if language == "zh" else "en"):
            for line in as_table(made):
                click.echo(line)
        click.echo(f"root {made.root}")
    for fault in made.faults:
        click.echo(fault, err=True)
    if not made.whole:
        sys.exit(1)
