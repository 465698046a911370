"""`./vein2vein therapy check|diff|approve`: check needs no database, diff only to list the open batches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol
from uuid import UUID

import click

from vein2vein.core.ids import DefinitionId
from vein2vein.engines import definitions
from vein2vein.engines.definitions import Definition, DefinitionFaults

REFUSED = 3


class Readiness(Protocol):
    """How the command line makes the database ready, and whether this installation has one yet."""

    def __call__(self) -> None:
        """Make it ready."""

    def is_there(self) -> bool:
        """Say whether there is one."""


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


@group.command()
@click.argument("was", type=click.Path(path_type=Path))
@click.argument("became", type=click.Path(path_type=Path))
@click.option("--batches/--no-batches", default=True, help="List the open batches that it touches (from the database).")
@click.pass_obj
def diff(database: Readiness, was: Path, became: Path, batches: bool) -> None:
    """Say what changes from the definition in WAS to the one in BECAME, and which open batches it touches.

    Exit status 1 when anything changes. Where this installation has no database yet, no batch is open.
    """
    old, new = _read(was), _read(became)
    changes = definitions.diff(old, new)
    for change in changes:
        click.echo(str(change))
    if not changes:
        click.echo("no difference")
    elif batches:
        _say_open_batches(database, sorted({old.therapy.id, new.therapy.id}))
    if changes:
        sys.exit(1)


def _say_open_batches(database: Readiness, therapy_codes: Sequence[str]) -> None:
    if not database.is_there():
        click.echo("There is no database here: no open batch is known.")
        return
    database()
    from vein2vein.journal import system
    from vein2vein.therapies.reads import list_open_work

    found = [one for code in therapy_codes for one in list_open_work(code, by=system("therapies.diff"))]
    click.echo(f"Open batches that it touches: {len(found)}; each keeps the version it began with.")
    for one in found:
        click.echo(f"  {one.number}  {one.state}  began with {one.version}  opened {one.opened_at:%Y-%m-%d %H:%M %Z}")


@group.command()
@click.argument("definition_id", type=click.UUID)
@click.option("--effective-from", "effective_from", required=True, help="The day it is in force from: 2026-12-01.")
@click.option("--as", "username", required=True, help="Who approves; the password is read from the terminal or input.")
@click.pass_obj
def approve(make_ready: Callable[[], None], definition_id: UUID, effective_from: str, username: str) -> None:
    """Approve the submitted version DEFINITION_ID by signature, after its rehearsal (`therapy rehearse`)."""
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


@group.command("rehearse")
@click.argument("definition_id", type=click.UUID)
@click.pass_obj
def rehearse(make_ready: Callable[[], None], definition_id: UUID) -> None:
    """Carry virtual patients through the submitted version DEFINITION_ID now; exit status 3 where they fail."""
    make_ready()
    from vein2vein.therapies.carrying import carry_through
    from vein2vein.therapies.reads import rehearsal_view

    made = carry_through(DefinitionId(definition_id))
    found = rehearsal_view(made)
    click.echo(f"{made.patients} virtual patients: {'passed' if made.passes else 'failed'}")
    for way in found.ways:
        days = "?" if way.ordinary_d is None else f"{way.ordinary_d:.1f}"
        click.echo(f"  {way.demand}: vein to vein {days} d, {way.infused} got their dose, {len(way.lost)} did not")
    for one in found.blockers:
        click.echo(f"  stops: {one}", err=True)
    for one in found.warnings:
        click.echo(f"  warning: {one}", err=True)
    if not made.passes:
        sys.exit(REFUSED)
