"""`vein2vein journal …` and `vein2vein verify FILE`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from vein2vein.core import chain


@click.group()
def journal() -> None:
    """Verify, seal and export the journal."""


@journal.command()
def verify() -> None:
    """Prove, in the database, that the chain is whole and that the journal folds to the tables."""
    from vein2vein.journal import verification
    from vein2vein.journal.sealing import latest_seal

    faults = []
    for name, look in (("chain and seals", verification.verify_chain), ("fold", verification.verify_fold)):
        began = time.monotonic()
        click.echo(f"{name} … ", nl=False, err=True)
        found = look()
        click.echo(f"{len(found)} faults in {time.monotonic() - began:.1f} s", err=True)
        faults += found
    for fault in faults:
        click.echo(fault)
    seal = latest_seal()
    if faults:
        raise SystemExit(1)
    click.echo(f"whole; last seal {'none yet' if seal is None else seal.root}")


@journal.command()
def seal() -> None:
    """Seal all stream heads now and print the root, to be kept somewhere else."""
    from vein2vein.journal import sealing

    made = sealing.seal()
    click.echo("nothing to seal" if made is None else made.root)


@journal.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--stream", "streams", multiple=True, help="Only this stream (may be given again); default: everything.")
def export(file: Path, streams: tuple[str, ...]) -> None:
    """Write an export that anybody can verify without this database."""
    from vein2vein.journal.exporting import export as lines

    count = 0
    with file.open("w", encoding="utf-8") as out:
        for line in lines(list(streams) or None):
            out.write(line)
            count += 1
            if count % 20_000 == 0:
                click.echo(f"{count} lines", err=True)
    click.echo(f"{count} lines in {file}")


@journal.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def heads(file: Path) -> None:
    """Write the newest seal and the head of every stream: enough to tell later what a restored database lacks."""
    from vein2vein.journal import comparing

    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text("".join(comparing.heads()), encoding="utf-8")
    fresh.replace(file)
    click.echo(f"heads in {file}")


@journal.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def compare(file: Path) -> None:
    """Say which entries of FILE, an export or heads, this database lacks; exit code 1 when it lacks any."""
    from vein2vein.journal import comparing

    try:
        with file.open(encoding="utf-8") as text:
            found = comparing.lacks(_lines(text))
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{file}: neither a journal export nor heads ({error})") from error
    for lack in found:
        click.echo(lack)
    if found:
        missing = sum(lack.last - lack.first + 1 for lack in found if not lack.differs)
        click.echo(f"NOT ALL THERE: {missing} entries missing in {len(found)} streams")
        sys.exit(1)
    click.echo(f"everything in {file} is here, unaltered")


@journal.command()
@click.argument("follower")
@click.argument("stream")
def resume(follower: str, stream: str) -> None:
    """Let a halted follower try its stream again."""
    from vein2vein.journal import followers

    followers.resume(follower, stream)
    click.echo(f"{followers.run_followers([stream])} entries read")


def _lines(file: TextIO) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        if number % 100_000 == 0:
            click.echo(f"{number} lines", err=True)
        yield line


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--root", help="The sealed root, in hexadecimal, that was kept elsewhere (it stands on certificates).")
def verify_file(file: Path, root: str | None) -> None:
    """Prove that an export is complete and unaltered; needs no database."""
    try:
        with file.open(encoding="utf-8") as text:
            finding = chain.verify_lines(_lines(text), root)
    except UnicodeDecodeError:
        click.echo(f"{file}: not a journal export: it is not text in UTF-8")
        sys.exit(1)
    for fault in finding.faults:
        click.echo(fault)
    unsealed = finding.entries - finding.sealed
    click.echo(f"{finding.entries} entries in {finding.streams} streams, {unsealed} after the last seal (unsealed)")
    if finding.faults:
        click.echo(f"NOT WHOLE: {len(finding.faults)} faults")
        sys.exit(1)
    if finding.anchored:
        click.echo(f"complete and unaltered against root {finding.root}")
    else:
        click.echo(f"internally consistent only: give --root to compare with the root kept elsewhere ({finding.root})")
