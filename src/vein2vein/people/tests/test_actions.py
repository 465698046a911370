"""The actions on people: role and outcome, the entry that is written, and no effect where refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId, EquipmentId, new_id
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refused
from vein2vein.journal import verification
from vein2vein.journal.reads import EntryView, list_stream
from vein2vein.network.actions import take_equipment_out_of_service
from vein2vein.network.reads import get_equipment
from vein2vein.people import actions, reads
from vein2vein.people.models import Account, AccountRole, ApiToken, Delegation
from vein2vein.people.states import Cover

pytestmark = pytest.mark.requirement("B")

Find = Callable[[str], Actor]
Sign = Callable[..., Actor]

EVERYBODY = [
    "physician.rj", "coordinator.rj", "nurse.rj", "celllab.rj", "infusion.rj", "carrier.a", "warehouse", "operator1",
    "supervisor", "analyst", "qcreviewer", "qareviewer", "qp", "planner", "admin",
]  # fmt: skip
PASSWORD = "a quite long pass phrase"


def entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_entry")
        return int(cursor.fetchone()[0])


def newest(account_id: UUID) -> EntryView:
    return list_stream(f"account:{account_id}")[-1]


def account_id(username: str) -> AccountId:
    found = reads.find_account(username)
    assert found is not None
    return AccountId(found.pk)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def create(by: Actor, **changed: Any) -> Account:
    told: dict[str, Any] = {
        "username": "new.person",
        "name": "New Person",
        "name_zh": "新人",
        "employer": "CN-LG",
        "password": PASSWORD,
        "pin": "246802",
    }
    return actions.create_account(**(told | changed), by=by)


def arguments_of(verb: str) -> dict[str, Any]:
    """Arguments with which the right person would succeed; for the matrix of roles."""
    later = clock.now() + hours(48)
    by_verb: dict[str, dict[str, Any]] = {
        "create_account": {"username": "new.person", "name": "N", "employer": "CN-LG", "password": PASSWORD},
        "deactivate_account": {"account_id": account_id("operator2"), "reason": "left"},
        "assign_role": {"account_id": account_id("operator2"), "role": Role.SUPERVISOR},
        "revoke_role": {"account_id": account_id("operator2"), "role": Role.OPERATOR, "reason": "moved"},
        "record_training": {
            "account_id": account_id("operator2"),
            "code": "x",
            "passed_on": clock.now().date(),
            "valid_until_on": later.date(),
        },
        "require_training": {"action": "network.record_calibration", "code": "calibration"},
        "delegate_role": {
            "delegate_id": account_id("qp2"),
            "role": Role.QUALIFIED_PERSON,
            "starts_at": clock.now() - hours(1),
            "ends_at": later,
            "reason": "leave",
        },
        "change_password": {"new_password": PASSWORD},
        "issue_token": {"label": "script"},
    }
    return by_verb[verb]


MAY = {
    "create_account": {"admin"},
    "deactivate_account": {"admin"},
    "assign_role": {"admin"},
    "revoke_role": {"admin"},
    "record_training": {"admin", "supervisor", "qareviewer"},
    "require_training": {"admin", "qareviewer"},
    "delegate_role": {"qp"},
    "change_password": set(EVERYBODY),
    "issue_token": set(EVERYBODY),
}
FACTS = {
    "create_account": "AccountCreated",
    "deactivate_account": "AccountDeactivated",
    "assign_role": "RoleAssigned",
    "revoke_role": "RoleRevoked",
    "record_training": "TrainingRecorded",
    "require_training": "TrainingRequired",
    "delegate_role": "RoleDelegated",
    "change_password": "PasswordChanged",
    "issue_token": "TokenIssued",
}


@pytest.mark.parametrize("verb", sorted(MAY))
@pytest.mark.parametrize("username", EVERYBODY)
def test_who_may_do_what(actor: Find, sign: Sign, verb: str, username: str) -> None:
    spec, by = journal.ACTIONS[f"people.{verb}"], actor(username)
    told = arguments_of(verb)
    if spec.signed is not None:
        by = sign(by, spec.name, **told)
    before = entries()
    if username not in MAY[verb]:
        with pytest.raises(NotAllowed, match="one of these roles"):
            spec.run(**told, by=by)
        assert entries() == before
        return
    spec.run(**told, by=by)
    assert entries() == before + 1
    from vein2vein.journal.reads import list_recent

    (entry,) = list_recent(limit=1)
    assert (entry.action, entry.fact) == (spec.name, f"people.{FACTS[verb]}")
    assert entry.payload["by"]["account"] == str(by.account_id)
    assert [one["meaning"] for one in entry.payload["signatures"]] == ([spec.signed] if spec.signed else [])


@pytest.mark.parametrize("verb", ["load_demonstration", "create_first_administrator"])
@pytest.mark.parametrize("username", ["admin", "qp", "operator1"])
def test_no_person_calls_what_is_internal(actor: Find, verb: str, username: str) -> None:
    spec = journal.ACTIONS[f"people.{verb}"]
    told = {} if verb == "load_demonstration" else {"username": "x", "name": "x", "employer": "CN-LG", "password": "x"}
    with pytest.raises(NotAllowed, match="system itself"):
        spec.run(**told, by=actor(username))


def test_an_account_is_made_without_role_and_its_secrets_are_told_nowhere(actor: Find) -> None:
    made = create(actor("admin"))
    entry = newest(made.pk)
    assert entry.data == {
        "account_id": str(made.pk),
        "username": "new.person",
        "name": "New Person",
        "name_zh": "新人",
        "employer": "CN-LG",
        "demonstration": False,
    }
    became = entry.payload["effects"][0]["became"]
    assert not {"password", "pin"} & set(became)
    assert "argon2" not in str(entry.payload)
    assert made.check_password(PASSWORD)
    assert made.password.startswith("argon2$argon2id")
    assert reads.actor_for(AccountId(made.pk)).roles == frozenset()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"password": "short"}, "people.weak_password"),
        ({"password": "password123"}, "people.weak_password"),
        ({"password": "new.person"}, "people.weak_password"),
        ({"pin": "123456"}, "people.weak_pin"),
        ({"username": "New Person"}, "people.username"),
    ],
)
def test_weak_accounts_are_refused(actor: Find, changed: dict[str, Any], code: str) -> None:
    before = entries()
    with pytest.raises(Refused) as refusal:
        create(actor("admin"), **changed)
    assert code in [one.code for one in refusal.value.blockers]
    assert entries() == before


def test_a_taken_user_name_is_a_conflict_and_an_unknown_employer_not_found(actor: Find) -> None:
    with pytest.raises(Conflict, match="taken"):
        create(actor("admin"), username="qp")
    with pytest.raises(NotFound):
        create(actor("admin"), employer="NOWHERE")


def test_nobody_changes_the_rights_of_their_own_account(actor: Find) -> None:
    admin, own = actor("admin"), account_id("admin")
    today = clock.now().date()
    for act in (
        lambda: actions.assign_role(account_id=own, role=Role.QUALIFIED_PERSON, by=admin),
        lambda: actions.revoke_role(account_id=own, role=Role.ADMINISTRATOR, reason="x", by=admin),
        lambda: actions.deactivate_account(account_id=own, reason="x", by=admin),
        lambda: actions.record_training(account_id=own, code="x", passed_on=today, valid_until_on=today, by=admin),
    ):
        with pytest.raises(Refused, match="own account"):
            act()


def test_the_role_of_the_system_is_given_to_nobody(actor: Find) -> None:
    with pytest.raises(Refused, match="not a role"):
        actions.assign_role(account_id=account_id("operator1"), role=Role.SYSTEM, by=actor("admin"))
    with connection.cursor() as cursor, pytest.raises(Exception, match="people_role_not_system"):
        cursor.execute(
            "INSERT INTO people_accountrole (id, account_id, role, valid) VALUES (%s, %s, 'system', '[2020-01-01,)')",
            [new_id(), account_id("operator1")],
        )


def test_a_role_comes_and_goes_at_once_and_may_come_back(actor: Find) -> None:
    admin, who = actor("admin"), account_id("operator2")
    actions.assign_role(account_id=who, role=Role.SUPERVISOR, by=admin)
    with pytest.raises(Conflict, match="already"):
        actions.assign_role(account_id=who, role=Role.SUPERVISOR, by=admin)
    assert Role.SUPERVISOR in actor("operator2").roles
    row = actions.revoke_role(account_id=who, role=Role.SUPERVISOR, reason="moved", by=admin)
    effect = newest(who).payload["effects"][0]
    assert (effect["table"], effect["id"], list(effect["became"])) == ("people_accountrole", str(row.pk), ["valid"])
    assert Role.SUPERVISOR not in actor("operator2").roles
    with pytest.raises(NotFound):
        actions.revoke_role(account_id=who, role=Role.SUPERVISOR, reason="moved", by=admin)
    actions.assign_role(account_id=who, role=Role.SUPERVISOR, by=admin)


def test_a_role_ends_by_itself(actor: Find) -> None:
    who, now = account_id("operator2"), clock.now()
    actions.assign_role(account_id=who, role=Role.SUPERVISOR, valid_until_at=now + hours(1), by=actor("admin"))
    assert Role.SUPERVISOR in reads.own_roles(who, now + timedelta(minutes=59))
    assert Role.SUPERVISOR not in reads.own_roles(who, now + hours(1))
    with pytest.raises(Refused, match="before it begins"):
        actions.assign_role(account_id=who, role=Role.PLANNER, valid_until_at=now, by=actor("admin"))


def test_a_hospitals_staff_see_their_own_site_only(actor: Find) -> None:
    from vein2vein.network.reads import get_site

    nurse, site = actor("nurse.rj"), get_site("CN-RJ-DEMO")
    assert set(nurse.sites or ()) == {site.pk}
    assert {one.employer for one in reads.list_accounts(limit=200, by=nurse)} == {"CN-RJ-DEMO"}
    assert len({one.employer for one in reads.list_accounts(limit=200, by=actor("planner"))}) > 5
    assert set(actor("carrier.a").sites or ()) == {get_site("CARRIER-A-DEMO").pk}
    assert actor("qp").sites is None


def test_a_deactivated_account_is_nobody(actor: Find, sign: Sign) -> None:
    operator = actor("operator2")
    actions.deactivate_account(account_id=operator.account_id, reason="left", by=actor("admin"))
    bench = EquipmentId(get_equipment("WS-01").pk)
    with pytest.raises(NotAllowed, match="not active"):
        take_equipment_out_of_service(equipment_id=bench, reason="x", by=operator)
    with pytest.raises(NotAllowed):
        actor("operator2")
    with pytest.raises(Conflict):
        actions.deactivate_account(account_id=operator.account_id, reason="again", by=actor("admin"))


@pytest.mark.requirement("N14")
def test_an_action_that_asks_for_training_is_refused_without(actor: Find) -> None:
    bench = EquipmentId(get_equipment("WS-01").pk)
    name = "network.take_equipment_out_of_service"
    actions.require_training(action=name, code="equipment", by=actor("qareviewer"))
    with pytest.raises(NotAllowed, match="not trained in equipment"):
        take_equipment_out_of_service(equipment_id=bench, reason="x", by=actor("operator1"))
    today = clock.now().date()
    told: dict[str, Any] = {"account_id": account_id("operator1"), "code": "equipment", "by": actor("supervisor")}
    actions.record_training(**told, passed_on=today - timedelta(days=9), valid_until_on=today - timedelta(days=1))
    with pytest.raises(NotAllowed, match="not trained"):
        take_equipment_out_of_service(equipment_id=bench, reason="x", by=actor("operator1"))
    actions.record_training(**told, passed_on=today, valid_until_on=today)
    take_equipment_out_of_service(equipment_id=bench, reason="x", by=actor("operator1"))
    with pytest.raises(Conflict):
        actions.require_training(action=name, code="equipment", by=actor("qareviewer"))
    with pytest.raises(NotFound):
        actions.require_training(action="no.such", code="x", by=actor("qareviewer"))


def test_a_training_lies_in_the_past(actor: Find) -> None:
    tomorrow = clock.now().date() + timedelta(days=1)
    with pytest.raises(Refused, match="passed in the past"):
        actions.record_training(
            account_id=account_id("operator1"),
            code="x",
            passed_on=tomorrow,
            valid_until_on=tomorrow,
            by=actor("supervisor"),
        )
    assert reads.training_blockers(account_id("operator1"), "aseptic_processing", clock.now()) == []
    assert reads.training_blockers(account_id("warehouse"), "aseptic_processing", clock.now())
    assert date(2020, 1, 1) < tomorrow


def delegate(actor: Find, sign: Sign, **changed: Any) -> Delegation:
    told = arguments_of("delegate_role") | changed
    return actions.delegate_role(**told, by=sign(actor("qp"), "people.delegate_role", **told))


def test_a_delegate_acts_as_qualified_person_until_the_end(actor: Find, sign: Sign) -> None:
    assert Role.QUALIFIED_PERSON not in actor("qp2").roles
    row = delegate(actor, sign)
    entry = newest(account_id("qp2"))
    assert entry.fact == "people.RoleDelegated"
    assert entry.payload["refs"] == [f"account:{account_id('qp')}"]
    held = actor("qp2")
    assert Role.QUALIFIED_PERSON in held.roles
    with pytest.raises(NotAllowed, match="Only who delegated"):
        actions.end_delegation(delegation_id=row.pk, reason="x", by=held)
    actions.end_delegation(delegation_id=row.pk, reason="back", by=actor("qp"))
    assert newest(account_id("qp2")).fact == "people.DelegationEnded"
    assert Role.QUALIFIED_PERSON not in actor("qp2").roles
    told = arguments_of("delegate_role") | {"delegate_id": account_id("qareviewer")}
    signed = sign(held, "people.delegate_role", **told)
    with pytest.raises(NotAllowed, match="one of these roles"):
        actions.delegate_role(**told, by=signed)
    with pytest.raises(NotFound):
        actions.end_delegation(delegation_id=new_id(), reason="x", by=actor("admin"))


def test_what_was_delegated_cannot_be_passed_on(actor: Find, sign: Sign) -> None:
    delegate(actor, sign)
    told = arguments_of("delegate_role") | {"delegate_id": account_id("qareviewer")}
    with pytest.raises(Refused, match="not yours to delegate"):
        actions.delegate_role(**told, by=sign(actor("qp2"), "people.delegate_role", **told))


def test_a_delegation_falls_with_the_delegators_role(actor: Find, sign: Sign) -> None:
    delegate(actor, sign)
    actions.revoke_role(account_id=account_id("qp"), role=Role.QUALIFIED_PERSON, reason="moved", by=actor("admin"))
    assert Role.QUALIFIED_PERSON not in actor("qp2").roles


def test_a_delegation_falls_with_the_delegators_account(actor: Find, sign: Sign) -> None:
    delegate(actor, sign)
    actions.deactivate_account(account_id=account_id("qp"), reason="left", by=actor("admin"))
    assert Role.QUALIFIED_PERSON not in actor("qp2").roles


def test_an_administrator_may_end_a_delegation(actor: Find, sign: Sign) -> None:
    row = delegate(actor, sign)
    actions.end_delegation(delegation_id=row.pk, reason="ordered", by=actor("admin"))
    assert Role.QUALIFIED_PERSON not in actor("qp2").roles


@pytest.mark.parametrize("username", ["qp", "warehouse", "nurse.rj", "operator1"])
def test_not_everybody_can_be_a_delegate(actor: Find, sign: Sign, username: str) -> None:
    with pytest.raises(Refused) as refusal:
        delegate(actor, sign, delegate_id=account_id(username))
    assert {one.code for one in refusal.value.blockers} <= {"people.delegate_unfit", "people.not_trained"}


def test_out_of_hours_cover_in_the_database(actor: Find, sign: Sign) -> None:
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    delegate(actor, sign, cover=Cover.OUT_OF_HOURS)
    Delegation.objects.update(during=(monday, monday + timedelta(days=7)))
    AccountRole.objects.filter(role=Role.QUALIFIED_PERSON).update(valid=(monday - timedelta(days=1), None))
    AccountRole.objects.filter(account_id=account_id("qp2")).update(valid=(monday - timedelta(days=1), None))
    for at, inside in (
        (monday + hours(2), False),  # 10:00 in Shanghai
        (monday + hours(11), True),  # 19:00
        (monday + timedelta(days=5, hours=2), True),  # Saturday
        (monday + timedelta(days=7), False),  # over
    ):
        with clock.use(clock.SimulatedClock(at)):
            assert (Role.QUALIFIED_PERSON in actor("qp2").roles) is inside, at


def test_a_new_password_takes_the_place_of_the_old(actor: Find, sign: Sign) -> None:
    told = {"new_password": PASSWORD, "new_pin": "975310"}
    actions.change_password(**told, by=sign(actor("operator1"), "people.change_password", **told))
    entry = newest(account_id("operator1"))
    assert entry.data["password"] is True
    assert entry.payload["effects"] == [
        {"table": "people_account", "id": str(account_id("operator1")), "was": {}, "became": {}}
    ]
    account = reads.get_account(account_id("operator1"))
    assert (account.check_password(PASSWORD), account.check_pin("975310")) == (True, True)
    assert not account.check_password(reads.demonstration_password())


@pytest.mark.parametrize("told", [{}, {"new_password": "short"}, {"new_pin": "111111"}])
def test_a_weak_new_secret_is_refused(actor: Find, sign: Sign, told: dict[str, str]) -> None:
    with pytest.raises(Refused):
        actions.change_password(**told, by=sign(actor("operator1"), "people.change_password", **told))


def issue(actor: Find, sign: Sign, username: str = "planner") -> ApiToken:
    told: dict[str, Any] = {"label": "script", "days": 2}
    return actions.issue_token(**told, by=sign(actor(username), "people.issue_token", **told))


def test_a_token_speaks_for_its_owner_until_it_is_revoked(actor: Find, sign: Sign) -> None:
    row = issue(actor, sign)
    planner = actor("planner")
    token = reads.reveal_token(token_id=row.pk, by=planner)
    assert reads.account_of_token(token) == planner.account_id
    assert token not in str(newest(planner.account_id).payload)
    assert row.digest not in str(newest(planner.account_id).payload)
    assert reads.account_of_token(token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    with pytest.raises(NotFound):
        reads.reveal_token(token_id=row.pk, by=actor("operator1"))
    with pytest.raises(NotFound):
        actions.revoke_token(token_id=row.pk, by=actor("operator1"))
    actions.revoke_token(token_id=row.pk, by=planner)
    assert newest(planner.account_id).fact == "people.TokenRevoked"
    assert reads.account_of_token(token) is None
    with pytest.raises(NotFound):
        reads.reveal_token(token_id=row.pk, by=planner)
    assert [one.label for one in reads.list_tokens(by=planner)] == ["script"]


def test_a_token_expires_and_dies_with_its_account(actor: Find, sign: Sign) -> None:
    row = issue(actor, sign)
    token = reads.bearer(row.pk)
    ApiToken.objects.update(expires_at=datetime.now(UTC) - hours(1))
    assert reads.account_of_token(token) is None
    ApiToken.objects.update(expires_at=datetime.now(UTC) + hours(1), issued_at=datetime.now(UTC) - hours(1))
    assert reads.account_of_token(token) is not None
    with pytest.raises(NotFound):
        reads.reveal_token(token_id=row.pk, by=actor("planner"))
    actions.deactivate_account(account_id=account_id("planner"), reason="left", by=actor("admin"))
    assert reads.account_of_token(token) is None


@pytest.mark.parametrize("told", [{"label": " ", "days": 1}, {"label": "x", "days": 0}, {"label": "x", "days": 367}])
def test_a_token_has_terms(actor: Find, sign: Sign, told: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        actions.issue_token(**told, by=sign(actor("planner"), "people.issue_token", **told))


def test_lists_come_in_pages(actor: Find) -> None:
    planner = actor("planner")
    first = reads.list_accounts(limit=5, by=planner)
    second = reads.list_accounts(limit=5, after=first[-1].id, by=planner)
    assert len(first) == len(second) == 5
    assert not {one.id for one in first} & {one.id for one in second}
    assert reads.list_training(account_id=account_id("qp"), by=actor("qareviewer"))[0].code == "qualified_person"
    with pytest.raises(NotAllowed):
        reads.list_training(by=actor("nurse.rj"))


def test_the_journal_explains_every_row(actor: Find, sign: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    delegate(actor, sign)
    issue(actor, sign)
    create(actor("admin"))
    actions.revoke_role(account_id=account_id("operator2"), role=Role.OPERATOR, reason="x", by=actor("admin"))
    own = [model for model in verification.folded_models() if model._meta.app_label == "people"]
    monkeypatch.setattr(verification, "folded_models", lambda: own)
    assert {model.__name__ for model in own} == {
        "Account", "AccountRole", "Training", "TrainingRequirement", "Delegation", "ApiToken",
    }  # fmt: skip
    assert verification.verify_fold() == []
