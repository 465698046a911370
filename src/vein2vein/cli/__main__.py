"""`python -m vein2vein.cli`: finds the command, makes ready what it needs, and turns refusals into exit codes."""

import contextlib
import importlib
import os
import sys
from dataclasses import dataclass
from enum import Enum, auto

import click
import django

from vein2vein.cli import tables
from vein2vein.core.refusals import Refusal
from vein2vein.settings import databases, embedded

HELP = ("-h", "--help")
"""What is asked for where nothing but a command's help is wanted; no database is started for it."""


class Needs(Enum):
    """What must be ready before a command is called."""

    NOTHING = auto()
    SETTINGS = auto()
    """Django set up, without a database."""
    DATABASE = auto()
    """Django set up, and the database answering."""
    TABLES = auto()
    """The same, with all migrations applied."""


@dataclass(frozen=True)
class Command:
    """Where a command is (`module:attribute`), its line in the overview, and what it needs."""

    path: str
    help: str
    needs: Needs = Needs.TABLES


# A context adds its line here; nothing is imported before it is called.
COMMANDS: dict[str, Command] = {
    "run": Command("vein2vein.cli.run:run", "Start database, web server and worker.", Needs.NOTHING),
    "database": Command("vein2vein.cli.database:database", "Start, stop or ask the embedded database.", Needs.NOTHING),
    "journey": Command("vein2vein.driver.commands:journey", "Carry one order to the infused dose.", Needs.DATABASE),
    "trace": Command("vein2vein.tracing.commands:trace", "Trace a lot, a patient's course, anything, both ways."),
    "demo": Command("vein2vein.driver.commands:demo", "Carry many invented patients, and check.", Needs.DATABASE),
    "act": Command("vein2vein.cli.acting:act", "Perform any action."),
    "ask": Command("vein2vein.cli.acting:ask", "Answer any read."),
    "journal": Command("vein2vein.journal.commands:journal", "Verify, seal and export the journal."),
    "verify": Command("vein2vein.journal.commands:verify_file", "Verify an export, without a database.", Needs.NOTHING),
    "network": Command(
        "vein2vein.network.commands:network", "Enter a new database's network; design one.", Needs.NOTHING
    ),
    "simulate": Command("vein2vein.forecasting.commands:simulate", "Live years of the base ahead.", Needs.NOTHING),
    "forecast": Command("vein2vein.forecasting.commands:forecast", "Infusion dates, and how good.", Needs.NOTHING),
    "study": Command("vein2vein.forecasting.commands:study", "What-if studies of the base.", Needs.NOTHING),
    "people": Command("vein2vein.people.commands:people", "The first administrator; the demonstration's sign-ins."),
    "therapy": Command("vein2vein.therapies.commands:group", "Definitions: check, compare, approve.", Needs.NOTHING),
    "quality": Command("vein2vein.quality.commands:group", "Conformity: compute a verdict again.", Needs.NOTHING),
    "promise": Command("vein2vein.planning.commands:promise", "Dates that are free for an order; promise one."),
    "plan": Command("vein2vein.planning.commands:plan", "Plan what is live; check a plan.", Needs.NOTHING),
    "django": Command("vein2vein.cli.django_commands:django", "Any command of Django.", Needs.DATABASE),
}


class Mount(click.Group):
    """The commands of `COMMANDS`, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """Return the names of all commands, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, with what it needs made ready, or None."""
        command = COMMANDS.get(cmd_name)
        if command is None:
            return None
        if ctx.resilient_parsing:
            return click.Command(cmd_name, help=command.help)
        _make_ready(ctx, Needs.SETTINGS if ctx.obj is HELP else command.needs)
        module, attribute = command.path.split(":")
        found = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{command.path} is not a click command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the overview without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])


def _make_ready(ctx: click.Context, needs: Needs) -> None:
    """Set Django up, and keep the database up for as long as the command runs."""
    if needs is Needs.NOTHING:
        return
    if needs is not Needs.SETTINGS:
        if databases.external_url() is None:
            ctx.find_root().with_resource(embedded.running(databases.state_folder()))
        databases.ensure_ready()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vein2vein.settings")
    django.setup()
    if needs is Needs.TABLES:
        tables.bring_up_to_date(lambda line: click.echo(line, err=True))


@dataclass(frozen=True)
class Readiness:
    """Makes database and tables ready when it is called, for groups of which only some commands need them."""

    ctx: click.Context

    def __call__(self) -> None:
        """Make them ready for as long as the command runs."""
        _make_ready(self.ctx, Needs.TABLES)

    def is_there(self) -> bool:
        """Say whether this installation has a database yet; starts nothing."""
        return databases.external_url() is not None or databases.state_folder().exists()


@click.group(cls=Mount, context_settings={"help_option_names": list(HELP)})
@click.pass_context
def mount(ctx: click.Context) -> None:
    """Run a cell-therapy site end to end, from vein to vein."""
    # A group of which only some commands need the database takes `NOTHING` and calls this object in those.
    ctx.obj = Readiness(ctx)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 cannot run here, 2 wrong use, 3–6 the four refusals."""
    try:
        given = sys.argv[1:] if arguments is None else arguments
        wish = HELP if any(one in HELP for one in given) else None
        code = mount.main(args=given, prog_name="vein2vein", standalone_mode=False, obj=wish)
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Refusal as refusal:
        for blocker in refusal.blockers:
            click.echo(f"{type(refusal).__name__}: {blocker}", err=True)
        return refusal.exit_code
    except (embedded.EmbeddedError, databases.DatabaseError) as error:
        click.echo(f"vein2vein: {error}", err=True)
        return 1
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
