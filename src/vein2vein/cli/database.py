"""The embedded database by hand: started, stopped, backed up, restored; the other commands start it themselves."""

import contextlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import click

from vein2vein.cli.run import only_one
from vein2vein.cli.supervisor import python_module
from vein2vein.settings import databases, embedded, recovery


@click.group()
def database() -> None:
    """Start, stop or ask the embedded database of this installation; back it up, restore it."""
    if databases.external_url() is not None:
        raise click.ClickException(
            "DATABASE_URL names a database of your own: its server's own tools start it, stop it and back it up "
            "(docs/how-to/recover.md says how, and how to check what was restored)"
        )


@database.command()
def start() -> None:
    """Start it, making it first when there is none; prints the folder of its socket."""
    click.echo(embedded.ensure_running(databases.state_folder()).sockets)


@database.command()
def stop() -> None:
    """Stop it, disconnecting whoever is connected."""
    click.echo("stopped" if embedded.stop(databases.state_folder()) else "was not running")


@database.command()
def status() -> None:
    """Say whether it accepts connections; exit code 1 when it does not."""
    state = databases.state_folder()
    up = state.exists() and embedded.answers(state)
    click.echo("running" if up else "not running")
    if not up:
        raise click.exceptions.Exit(1)


Folder = click.Path(file_okay=False, path_type=Path)


@database.command()
@click.argument("folder", type=Folder)
@click.option("--keep", default=7, show_default=True, type=click.IntRange(1), help="How many whole copies are kept.")
def backup(folder: Path, keep: int) -> None:
    """Copy the whole database to FOLDER, while it is in use, and keep its log there from now on."""
    state = databases.state_folder()
    with embedded.running(state):
        made = recovery.back_up(state, folder, keep=keep, say=_say)
        _ours("journal", "heads", str(folder.absolute() / "heads.jsonl"))
    click.echo(f"{made}\nThe folder holds the keys of the patients' numbers too: let administrators alone read it.")


@database.command()
@click.argument("folder", type=Folder)
@click.option("--at", "moment", help="The moment, such as 2026-03-01T09:30:00+08:00; default: the end of the log.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An export or heads kept elsewhere, to compare with; default: what this database and FOLDER know.",
)
def restore(folder: Path, moment: str | None, against: Path | None) -> None:
    """Put the database back from FOLDER, verify it, and say which entries it lacks of those that were known."""
    at = _time(moment)
    state = databases.state_folder()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_one(state):
        known = [*_known_here(state, folder), *([against.absolute()] if against else [])]
        kept = recovery.restore(state, folder, at, _say)
        if kept is not None:
            _say(f"What was there before is kept in {kept}")
        with embedded.running(state):
            whole = _ours("journal", "verify") == 0
            complete = [file for file in known if _ours("journal", "compare", str(file)) == 0] == known
    if not whole:
        raise click.ClickException("restored, but the journal is not whole: see above, and do not go on with it")
    if not known:
        raise click.ClickException("restored and whole; what it lacks nobody can say: give an export by --against")
    if not complete:
        click.echo("Restored and whole, but the entries above were acknowledged and are not in it: enter them again.")
        raise click.exceptions.Exit(0 if at is not None else 1)
    click.echo("Restored, whole, and nothing that was known is missing.")


def _known_here(state: Path, folder: Path) -> list[Path]:
    """Return what tells of acknowledged entries: an export of the database as it is, if it can be read, or heads."""
    stamp = datetime.now(UTC).strftime(recovery.STAMP)
    export = folder.absolute() / f"before-restore-{stamp}.jsonl"
    if (embedded.locate(state).data / "PG_VERSION").exists():
        with contextlib.suppress(embedded.EmbeddedError), embedded.running(state):
            _say("Exporting the journal as it is now")
            if _ours("journal", "export", str(export)) == 0:
                return [export]
        export.unlink(missing_ok=True)
        _say("The database as it is cannot be read")
    heads = folder.absolute() / "heads.jsonl"
    return [heads] if heads.exists() else []


def _ours(*arguments: str) -> int:
    """Run another command of ours, in a process of its own: the database under it changes meanwhile."""
    return subprocess.run(python_module("vein2vein.cli", *arguments), check=False).returncode


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise click.BadParameter(f"{text} is not a time with a zone, such as 2026-03-01T09:30:00+08:00")
    if found > datetime.now(UTC):
        raise click.BadParameter(f"{text} is in the future")
    return found


def _say(line: str) -> None:
    click.echo(line, err=True)
