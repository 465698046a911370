"""`./vein2vein therapy approve`: the signature given at the command line, and who and what is refused there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from vein2vein.core.actor import Actor
from vein2vein.core.ids import new_id
from vein2vein.core.refusals import NotAllowed, NotFound, Refusal, Refused
from vein2vein.journal.reads import list_stream
from vein2vein.people import reads as people
from vein2vein.therapies import actions, commands
from vein2vein.therapies.models import DefinitionVersion
from vein2vein.therapies.tests.test_actions import SHORTER, changed, everything

Find = Callable[[str], Actor]


def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture
def draft(actor: Find) -> UUID:
    """Give a submitted version of the rapid definition, rehearsed at the command line."""
    made = actions.submit_definition(files=changed(therapy_yaml=SHORTER), by=actor("supervisor")).id
    ran = CliRunner().invoke(commands.group, ["rehearse", str(made)], obj=lambda: None)
    assert "virtual patients: passed" in ran.output, ran.output
    return made


def approve(definition: UUID, who: str = "qp", *, day: str = "", secret: str | None = None) -> Result:
    """Run the command with a password on standard input."""
    typed = people.demonstration_password() if secret is None else secret
    given = ["approve", str(definition), "--effective-from", day or today().isoformat(), "--as", who]
    return CliRunner().invoke(commands.group, given, input=f"{typed}\n" if typed else "", obj=lambda: None)


@pytest.mark.requirement("C")
def test_a_version_is_approved_by_a_signature_at_the_command_line(draft: UUID) -> None:
    ran = approve(draft)
    assert ran.exit_code == 0, ran.exception
    assert f"rapid-bcma-cd19 1.1.0 approved, in force from {today()}" in ran.output
    row = DefinitionVersion.objects.get(pk=draft)
    assert (row.state, row.effective_from_on) == ("approved", today())
    entry = list_stream(f"definition:{draft}")[-1]
    assert (entry.fact, entry.data["rehearsed"]) == ("therapies.DefinitionApproved", True)
    signed = entry.payload["signatures"]
    assert [(one["meaning"], one["account_id"]) for one in signed] == [
        ("approved", str(people.actor_named("qp").account_id))
    ]


@pytest.mark.requirement("C")
@pytest.mark.parametrize(
    ("who", "secret", "day", "kind"),
    [
        ("supervisor", None, "", NotAllowed),  # wrong role
        ("qareviewer", None, "", NotAllowed),
        ("physician.rj", None, "", NotAllowed),
        ("qp", "a wrong password", "", NotAllowed),
        ("qp", "", "", NotAllowed),  # unsigned: nothing on standard input
        ("nobody", None, "", NotAllowed),
        ("qp", None, "2020-01-01", Refused),  # in force before it was approved
    ],
)
def test_others_unsigned_and_stale_approvals_are_refused(
    draft: UUID, who: str, secret: str | None, day: str, kind: type[Refusal]
) -> None:
    before = everything()
    ran = approve(draft, who, day=day, secret=secret)
    assert isinstance(ran.exception, kind), (ran.output, ran.exception)
    assert everything() == before
    assert DefinitionVersion.objects.get(pk=draft).state == "draft"


def test_what_was_decided_meanwhile_is_not_approved_again(draft: UUID, sign: Callable[..., Actor], actor: Find) -> None:
    assert approve(draft).exit_code == 0
    before = everything()
    again = approve(draft)
    assert isinstance(again.exception, Refusal), again.output
    arguments: dict[str, Any] = {"definition_id": draft, "reason": "superseded"}
    actions.retire_definition(**arguments, by=sign(actor("qp"), "therapies.retire_definition", **arguments))
    retired = approve(draft, day=(today() + timedelta(days=1)).isoformat())
    assert isinstance(retired.exception, Refusal), retired.output
    assert everything() != before  # the retirement, and nothing else
    assert DefinitionVersion.objects.get(pk=draft).state == "retired"


def test_a_version_that_is_not_there_and_a_day_that_is_none(draft: UUID) -> None:
    assert isinstance(approve(new_id()).exception, NotFound)
    wrong = approve(draft, day="tomorrow")
    assert wrong.exit_code == 2
    assert "2026-12-01" in wrong.output


def test_nobody_approves_what_they_submitted(actor: Find) -> None:
    mine = DefinitionVersion.objects.get(
        pk=actions.submit_definition(files=changed("1.2.0", therapy_yaml=SHORTER), by=actor("qareviewer")).id
    )
    ran = approve(mine.pk, "qareviewer")
    assert isinstance(ran.exception, NotAllowed), ran.output
