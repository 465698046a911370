"""The first people of a database: an administrator, or the demonstration's staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib import resources
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_, Blocker, Conflict, refuse_any
from vein2vein.engines.codes.kinds import Kind
from vein2vein.engines.codes.own import make
from vein2vein.journal.followers import SYSTEM_ACCOUNT
from vein2vein.journal.reads import database_kind
from vein2vein.network import reads as network
from vein2vein.people import reads, rules
from vein2vein.people.actions.accounts import enter_account, password_blockers
from vein2vein.people.actions.roles import enter_role, enter_training, require_training
from vein2vein.people.models import Account
from vein2vein.people.states import AccountState

TRAINED_FOR_DAYS = 730


@journal.action("people.create_first_administrator")
def create_first_administrator(
    *, username: str, name: str, name_zh: str = "", employer: str, password: str, by: Actor
) -> Account:
    """Create the administrator of a database that has no accounts yet; everybody else is created by them."""
    _refuse_if_peopled()
    account = Account(
        username=username,
        name=name,
        name_zh=name_zh,
        employer=network.get_site(employer),
        state=AccountState.ACTIVE,
    )
    refuse_any(
        rules.username_blockers(username)
        + password_blockers(password, account, "password")
        + rules.assignment_blockers(Role.ADMINISTRATOR, network.get_site(employer).kind, own=False)
    )
    _enter_system()
    account.password = make_password(password)
    enter_account(account)
    enter_role(account, Role.ADMINISTRATOR)
    return account


@journal.action("people.load_demonstration")
def load_demonstration(*, times: int = 1, by: Actor) -> Account:
    """Enter the demonstration's staff, who do not exist, with one password, and the trainings that acts ask for.

    There are `times` as many operators at workstations. Refused in a production database.
    """
    if database_kind() == "production":
        refuse_any(
            [
                Blocker(
                    "people.demonstration_in_production",
                    N_("A production database takes no demonstration people"),
                    "database",
                    mend=N_("Use a database of its own for the demonstration"),
                )
            ]
        )
    _refuse_if_peopled()
    _enter_system()
    # one password for all, so one hash for all: 60 people would cost 15 s otherwise
    password = make_password(reads.demonstration_password())
    pin = make_password(reads.demonstration_pin())
    told = yaml.safe_load(resources.files("vein2vein.people").joinpath("demonstration.yaml").read_text("utf-8"))
    today = clock.now().date()
    for row in _staff(told["people"], times):
        account = Account(
            username=row["username"],
            name=row["name"]["en"],
            name_zh=row["name"]["zh"],
            employer=network.get_site(row["site"]),
            badge_code=make(Kind.BADGE, row["username"].replace(".", "-")),
            password=password,
            pin=pin,
            state=AccountState.ACTIVE,
            demonstration=True,
        )
        enter_account(account)
        for role in row["roles"]:
            enter_role(account, Role(role))
        for code in row.get("training", []):
            enter_training(account, code, today, today + timedelta(days=TRAINED_FOR_DAYS))
    for row in told["requirements"]:
        require_training(action=row["action"], code=row["training"], by=by)
    return account


def _staff(told: Sequence[Mapping[str, Any]], times: int) -> list[Mapping[str, Any]]:
    """Return the people told of, and those at workstations `times` over, numbered on."""
    at_work = [row for row in told if row.get("at_workstation")]
    more = [
        {**row, "username": f"operator{number}", "name": {key: f"{name} {number}" for key, name in row["name"].items()}}
        for number, row in enumerate(at_work * (times - 1), start=len(at_work) + 3)
    ]
    return [*told, *more]


def _enter_system() -> None:
    enter_account(
        Account(id=SYSTEM_ACCOUNT, username="system", name="System", password="!", state=AccountState.MACHINE)  # noqa: S106
    )


def _refuse_if_peopled() -> None:
    if Account.objects.exists():
        raise Conflict(
            Blocker(
                "people.peopled",
                N_("This database has accounts already"),
                "database",
                mend=N_("Let an administrator create the next ones"),
            )
        )
