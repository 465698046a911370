"""What `run` does about the demonstration site: makes it, with a history that ends now, and tells how to sign in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from textwrap import wrap

import click
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from vein2vein.core import clock
from vein2vein.driver.demo import Demonstration
from vein2vein.driver.site import end_loading, load_if_empty
from vein2vein.journal.reads import database_kind, is_loading
from vein2vein.people import reads as people

PATIENTS = 40
"""How many patients the demonstration's history has, unless V2V_DEMONSTRATION_PATIENTS says otherwise (0: none)."""
HISTORY = timedelta(days=45)
"""How far back the first of their orders lies."""
RAMP = 5.0
"""The site grows: most orders are recent, and every stage has somebody in it."""
BUDGET_S = 30.0
"""After so many seconds only the youngest orders are still placed, so that a slow machine starts in time too."""
SEED = 2026


def demonstration_at_start() -> list[str]:
    """Make the demonstration site in an empty database; return its sign-ins by role, nothing for a real one."""
    if is_loading():
        click.echo("The loading of the demonstration site was cut short: beginning again")
        _empty()
    if database_kind() is None:
        make_with_history(int(os.environ.get("V2V_DEMONSTRATION_PATIENTS", PATIENTS)))
    sign_ins = people.demonstration_sign_ins()
    if not sign_ins:
        return []
    width = max(len(each.role) for each in sign_ins)
    lines: list[str] = []
    for role, group in groupby(sign_ins, key=lambda each: each.role):
        names = ", ".join(dict.fromkeys(each.username for each in group))
        lines += wrap(f"{role:{width}}  {names}", 100, subsequent_indent=" " * (width + 2), break_on_hyphens=False)
    secret = f"password {people.demonstration_password()}, PIN {people.demonstration_pin()}"
    badges = "Second persons scan a badge: its code stands on each one's My account, and on the administrator's People."
    head = "Demonstration site: these people do not exist. Sign in by role, all with"
    return [head, f"{secret}:", "", *lines, "", badges]


def make_with_history(patients: int) -> None:
    """Load the site on a clock of the past, let `patients` go through it until now, and end the loading."""
    if not patients:
        load_if_empty(say=click.echo)
        return
    cost = settings.ARGON2_TIME_COST, settings.ARGON2_MEMORY_KIB
    settings.ARGON2_TIME_COST, settings.ARGON2_MEMORY_KIB = 1, 64  # hashed at the full cost at the first sign-in
    until = datetime.now(UTC).replace(second=0, microsecond=0)
    past = clock.SimulatedClock(until - HISTORY - timedelta(days=1))
    try:
        with clock.use(past), _no_waiting_for_disks():
            load_if_empty(history=True, say=click.echo)
            site = Demonstration(
                past,
                patients=patients,
                seed=SEED,
                spread=HISTORY,
                say=click.echo,
                ramp=RAMP,
                budget_s=BUDGET_S,
                plans=False,
            )
            made = site.run(until)
        end_loading()
    finally:
        settings.ARGON2_TIME_COST, settings.ARGON2_MEMORY_KIB = cost
    for fault in made.faults:
        click.echo(f"the history is not whole: {fault}", err=True)


@contextmanager
def _no_waiting_for_disks() -> Iterator[None]:
    """Let commits not wait: a loading that is cut short begins anew, and its end is written durably after it."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


def _empty() -> None:
    """Drop everything from a demonstration database whose loading was cut short, and make its tables anew."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    connections["default"].close()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    connections["owner"].close()
