"""Commands that no action offers: the first administrator of a database without people."""

from __future__ import annotations

import sys

import click

from vein2vein import journal
from vein2vein.people.actions import create_first_administrator
from vein2vein.people.reads import demonstration_sign_ins


@click.group()
def people() -> None:
    """Accounts: the first administrator, and the demonstration's sign-ins."""


@people.command("create-administrator")
@click.argument("username")
@click.option("--name", required=True, help="Name in Latin script, as it is printed beside a signature.")
@click.option("--name-zh", default="", help="The same in Chinese.")
@click.option("--site", required=True, help="Code of the site that employs the person.")
def create_administrator(username: str, name: str, name_zh: str, site: str) -> None:
    """Create the administrator USERNAME of a database that has no accounts; the password is asked for, or read."""
    stdin = sys.stdin
    password = (
        str(click.prompt("new password", hide_input=True, confirmation_prompt=True, err=True))
        if stdin.isatty()
        else stdin.readline().rstrip("\n")
    )
    create_first_administrator(
        username=username,
        name=name,
        name_zh=name_zh,
        employer=site,
        password=password,
        by=journal.system("create-administrator"),
    )
    click.echo(f"{username} is the administrator")


@people.command("sign-ins")
def sign_ins() -> None:
    """List who can sign in to the demonstration, by role."""
    for one in demonstration_sign_ins():
        click.echo(f"{one.role:18} {one.username:18} {one.site:16} {one.name}")
