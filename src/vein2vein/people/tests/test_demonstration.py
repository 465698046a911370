"""The demonstration's people, and the first administrator of a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Role
from vein2vein.core.refusals import Conflict, Refused
from vein2vein.people import actions, reads, signing
from vein2vein.people.models import Account
from vein2vein.people.states import AccountState

pytestmark = pytest.mark.requirement("B")


def test_every_role_has_somebody_who_can_sign_in(db: None) -> None:
    found = reads.demonstration_sign_ins()
    assert {one.role for one in found} == set(Role) - {Role.SYSTEM}
    for username in ("physician.rj", "nurse.sg2", "operator2", "qp", "carrier.a"):
        assert signing.sign_in(username, reads.demonstration_password()).name


@pytest.mark.parametrize("hospital", ["rj", "bj", "hk", "sg"])
def test_each_hospital_has_two_of_each(db: None, hospital: str) -> None:
    for role in ("physician", "coordinator", "nurse", "celllab", "infusion"):
        first, second = (reads.actor_named(f"{role}.{hospital}{number}") for number in ("", "2"))
        assert first.roles == second.roles
        assert first.sites == second.sites
        assert first.account_id != second.account_id


def test_all_are_marked_and_have_names_in_both_scripts(db: None) -> None:
    people = Account.objects.exclude(state=AccountState.MACHINE)
    assert people.count() > 50
    assert not people.filter(demonstration=False).exists()
    assert not people.filter(name_zh="").exists()
    assert len({(one.name, one.employer_id) for one in people}) == people.count()


def test_a_production_database_takes_no_invented_people(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vein2vein.people.actions.entering.database_kind", lambda: "production")
    with pytest.raises(Refused, match="no demonstration people"):
        actions.load_demonstration(by=journal.system("test"))


def test_a_database_with_people_gets_no_first_administrator(db: None) -> None:
    with pytest.raises(Conflict, match="has accounts already"):
        actions.create_first_administrator(
            username="root.person",
            name="R",
            employer="CN-LG",
            password="a quite long phrase",
            by=journal.system("test"),
        )


def test_django_makes_no_superusers(db: None) -> None:
    account = reads.find_account("admin")
    assert account is not None
    assert not hasattr(Account.objects, "create_superuser")
    assert not any(hasattr(account, name) for name in ("is_superuser", "is_staff", "groups", "user_permissions"))
    with pytest.raises(TypeError, match="by an action"):
        account.save()


@pytest.mark.parametrize(
    "file", sorted(Path(settings.THERAPIES).glob("*/process.yaml")), ids=lambda one: one.parent.name
)
def test_the_operators_are_trained_in_all_that_the_definitions_ask_for(db: None, file: Path) -> None:
    for training in yaml.safe_load(file.read_text("utf-8"))["trainings"]:
        for username in ("operator1", "operator2", "supervisor"):
            who = reads.actor_named(username).account_id
            assert reads.training_blockers(who, training["id"], clock.now()) == []
