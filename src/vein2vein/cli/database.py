"""The embedded database by hand; `run` and the other commands start it themselves."""

import click

from vein2vein.settings import databases, embedded


@click.group()
def database() -> None:
    """Start, stop or ask the embedded database of this installation."""
    if databases.external_url() is not None:
        raise click.ClickException("DATABASE_URL names a database of your own, which is not started or stopped here")


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
