"""Commands that no action offers: entering the network of a database that has none."""

from __future__ import annotations

from pathlib import Path

import click

from vein2vein import journal
from vein2vein.network.actions import load_network


@click.group()
def network() -> None:
    """Sites, rooms, equipment, lanes and authorisations."""


@network.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Enter the network told in FILE (YAML, as `network/demonstration.yaml`) in a database that has none."""
    site = load_network(document=file.read_text("utf-8"), by=journal.system("network load"))
    click.echo(f"{site.code} and its network are entered")
