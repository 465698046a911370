"""Django's own commands, with the settings of this installation."""

import click
from django.core.management import execute_from_command_line


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django(arguments: tuple[str, ...]) -> None:
    """Run any command of Django, such as `shell` or `showmigrations`."""
    execute_from_command_line(["vein2vein django", *arguments])
