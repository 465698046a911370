"""`./vein2vein therapy check|diff|approve`: check and diff need no database."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import click

from vein2vein.core.ids import DefinitionId
from vein2vein.engines import definitions
from vein2vein.engines.definitions import Definition, DefinitionFaults

REFUSED = 3


@click.group(name="therapy")
def group() -> None:
    """Definitions: check one, compare two, approve a version."""


def _read(folder: Path) -> Definition:
    try:
        return definitions.read_folder(folder)
    except DefinitionFaults as error:
        for fault in error.faults:
            click.echo(f"{folder}/{fault}" if fault.line else str(fault), err=True)
        sys.exit(REFUSED)


@group.command()
@click.argument("folder", type=click.Path(path_type=Path))
def check(folder: Path) -> None:
    """Check the definition in FOLDER: every fault by file and line, with its mend. Exit status 3 when there is one."""
    found = _read(folder)
    faults = definitions.check(found)
    for fault in faults:
        click.echo(f"{folder}/{fault}", err=True)
    if faults:
        click.echo(f"{found.name}: {len(faults)} faults", err=True)
        sys.exit(REFUSED)
    click.echo(f"{found.name}: clean, content hash {definitions.content_hash(definitions.files_in(folder))}")
    click.echo("The digital twin's rehearsal was not run.")


@group.command()
@click.argument("was", type=click.Path(path_type=Path))
@click.argument("became", type=click.Path(path_type=Path))
def diff(was: Path, became: Path) -> None:
    """Say what changes from the definition in WAS to the one in BECAME. Exit status 1 when anything does."""
    changes = definitions.diff(_read(was), _read(became))
    for change in changes:
        click.echo(str(change))
    if changes:
        sys.exit(1)
    click.echo("no difference")


@group.command()
@click.argument("definition_id", type=click.UUID)
@click.option("--effective-from", "effective_from", required=True, help="The day it is in force from: 2026-12-01.")
@click.option("--as", "username", required=True, help="Who approves; the password is read from the terminal or input.")
@click.pass_obj
def approve(make_ready: Callable[[], None], definition_id: UUID, effective_from: str, username: str) -> None:
    """Approve the submitted version DEFINITION_ID by signature. The digital twin's rehearsal was not run."""
    make_ready()
    from vein2vein.people import signing
    from vein2vein.therapies.actions import approve_definition

    try:
        day = date.fromisoformat(effective_from)
    except ValueError:
        raise click.BadParameter("write the day as 2026-12-01", param_hint="--effective-from") from None
    arguments = {"definition_id": DefinitionId(definition_id), "effective_from_on": day}
    piped = not sys.stdin.isatty()
    secret = (
        sys.stdin.readline().rstrip("\n")
        if piped
        else str(click.prompt(f"password of {username}", hide_input=True, err=True))
    )
    by = signing.sign_in(username, secret)
    click.echo(f"{by.name} signs: approved", err=True)
    by = signing.sign(by, username=username, secret=secret, action="therapies.approve_definition", arguments=arguments)
    made = approve_definition(definition_id=DefinitionId(definition_id), effective_from_on=day, by=by)
    click.echo(f"{made.therapy_code} {made.version} approved, in force from {made.effective_from_on}")
    click.echo("The digital twin's rehearsal was not run.")
