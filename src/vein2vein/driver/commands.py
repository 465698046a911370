"""`vein2vein journey`: one hospital's order carried to the infused dose, each act shown as it happens."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from django.conf import settings

from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import seeded
from vein2vein.core.uploads import LARGEST_BYTES, Upload
from vein2vein.doors.telling import Told
from vein2vein.driver.crew import Crew
from vein2vein.driver.database import simulated
from vein2vein.driver.journey import Journey
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
