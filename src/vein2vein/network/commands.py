"""Commands that no action offers: entering the network of a database that has none, and designing one."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def network() -> None:
    """Sites, rooms, equipment, lanes and authorisations; which facilities to open."""


@network.command("load")
@click.argument("file", type=FILE)
@click.pass_obj
def load(make_ready: Callable[[], None], file: Path) -> None:
    """Enter the network told in FILE (YAML, as `network/demonstration.yaml`) in a database that has none."""
    make_ready()
    from vein2vein import journal
    from vein2vein.network.actions import load_network

    site = load_network(document=file.read_text("utf-8"), by=journal.system("network load"))
    click.echo(f"{site.code} and its network are entered")


@network.command("label")
@click.argument("file", type=FILE)
def label(file: Path) -> None:
    """Write, for each demand scenario in FILE (CSV: profile, t1 … t90), the facilities to open, as CSV."""
    from vein2vein.engines import networks

    with file.open(newline="", encoding="utf-8-sig", errors="replace") as scenarios:
        rows = [one.row() for one in networks.label(scenarios)]
    csv.writer(sys.stdout, lineterminator="\n").writerows([networks.COLUMNS, *rows])


@network.command("design")
@click.argument("file", type=FILE)
def design(file: Path) -> None:
    """Write the cheapest network for the problem in FILE (JSON), proven, as JSON; exit status 3 where there is none."""
    from vein2vein.engines import networks

    click.echo(networks.design_to_json(networks.design(networks.problem_from_json(file.read_text("utf-8")))))
