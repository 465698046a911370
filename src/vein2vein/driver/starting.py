"""What `run` does about the demonstration site: loads it when the database is empty, and tells how to sign in."""

from itertools import groupby
from textwrap import wrap

import click

from vein2vein.driver.site import load_if_empty
from vein2vein.people import reads as people


def demonstration_at_start() -> list[str]:
    """Load the demonstration site into an empty database; return its sign-ins by role, nothing for a real one."""
    load_if_empty(say=click.echo)
    sign_ins = people.demonstration_sign_ins()
    if not sign_ins:
        return []
    width = max(len(each.role) for each in sign_ins)
    lines: list[str] = []
    for role, group in groupby(sign_ins, key=lambda each: each.role):
        names = ", ".join(dict.fromkeys(each.username for each in group))
        lines += wrap(f"{role:{width}}  {names}", 100, subsequent_indent=" " * (width + 2), break_on_hyphens=False)
    secret = f"password {people.demonstration_password()}, PIN {people.demonstration_pin()}"
    return ["Demonstration site: these people do not exist. Sign in by role, all with", f"{secret}:", "", *lines]
