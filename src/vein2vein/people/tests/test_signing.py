"""Attacks on signatures: each tries to sign what it must not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction

from vein2vein import journal
from vein2vein.core import gates
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId, EquipmentId
from vein2vein.core.refusals import NotAllowed, Refused
from vein2vein.journal.acting import argument_digest
from vein2vein.journal.followers import SYSTEM_ACCOUNT, SystemActor
from vein2vein.journal.reads import list_stream
from vein2vein.network import actions as network
from vein2vein.network.reads import get_equipment
from vein2vein.people import actions, reads, signing
from vein2vein.people.models import ControlledSession, Grant
from vein2vein.people.states import SignatureMethod

pytestmark = pytest.mark.requirement("B")

Find = Callable[[str], Actor]
RETURN = "network.return_equipment_to_service"


def password() -> str:
    return reads.demonstration_password()


@pytest.fixture
def told(actor: Find) -> dict[str, Any]:
    bench = EquipmentId(get_equipment("WS-01").pk)
    network.take_equipment_out_of_service(equipment_id=bench, reason="filter", by=actor("supervisor"))
    return {"equipment_id": bench, "reason": "changed"}


def signed(by: Actor, told: dict[str, Any], *, session: str = "", action: str = RETURN, **secret: str) -> Actor:
    given = {"username": reads.get_account(by.account_id).username, "secret": password()} | secret
    return signing.sign(by, **given, action=action, arguments=told, session=session)


def act(by: Actor, told: dict[str, Any]) -> None:
    network.return_equipment_to_service(**told, by=by)


def test_a_signature_shows_name_meaning_time_and_method(actor: Find, told: dict[str, Any]) -> None:
    act(signed(actor("supervisor"), told), told)
    (manifest,) = list_stream(f"equipment:{told['equipment_id']}")[-1].payload["signatures"]
    account = reads.find_account("supervisor")
    assert account is not None
    assert manifest["printed_name"] == f"{account.name} {account.name_zh}"
    assert manifest["account_id"] == str(account.pk)
    assert manifest["meaning"] == "fit for use"
    assert manifest["method"] == "username and password"
    assert manifest["signed_at"]


def test_a_grant_is_kept_hashed_and_its_arguments_keyed(actor: Find, told: dict[str, Any]) -> None:
    by = signed(actor("supervisor"), told)
    row = Grant.objects.get()
    assert by.grant not in {row.digest, row.argument_digest}
    assert row.argument_digest != argument_digest(told)


def test_a_grant_is_good_once(actor: Find, told: dict[str, Any]) -> None:
    by = signed(actor("supervisor"), told)
    act(by, told)
    network.take_equipment_out_of_service(equipment_id=told["equipment_id"], reason="again", by=actor("supervisor"))
    with pytest.raises(NotAllowed, match="does not hold"):
        act(by, told)


def test_a_grant_of_somebody_else_is_worth_nothing(actor: Find, told: dict[str, Any]) -> None:
    stolen = signed(actor("qareviewer"), told).grant
    assert stolen is not None
    with pytest.raises(NotAllowed, match="does not hold"):
        act(actor("supervisor").signing(stolen), told)


def test_a_grant_does_not_hold_for_other_arguments(actor: Find, told: dict[str, Any]) -> None:
    by = signed(actor("supervisor"), told)
    with pytest.raises(NotAllowed, match="does not hold"):
        act(by, told | {"reason": "something else"})


def test_a_grant_does_not_hold_for_another_action(actor: Find, told: dict[str, Any]) -> None:
    by = signed(actor("supervisor"), told, action="people.issue_token")
    with pytest.raises(NotAllowed, match="does not hold"):
        act(by, told)


def test_a_grant_dies_after_a_minute(actor: Find, told: dict[str, Any]) -> None:
    by = signed(actor("supervisor"), told)
    left = Grant.objects.get().expires_at - datetime.now(UTC)
    assert timedelta(seconds=55) < left <= timedelta(seconds=60)
    Grant.objects.update(expires_at=datetime.now(UTC) - timedelta(microseconds=1))
    with pytest.raises(NotAllowed, match="does not hold"):
        act(by, told)


def test_a_made_up_grant_is_worth_nothing(actor: Find, told: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed, match="does not hold"):
        act(actor("supervisor").signing("made-up"), told)
    with pytest.raises(NotAllowed, match="not known"):
        signing.bearer_of("made-up")


def test_a_grant_of_an_account_closed_meanwhile_is_worth_nothing(actor: Find, told: dict[str, Any]) -> None:
    by = signed(actor("supervisor"), told)
    actions.deactivate_account(account_id=by.account_id, reason="left", by=actor("admin"))
    with pytest.raises(NotAllowed, match="does not hold"):
        gates.signature().consume(by, action=RETURN, digest=argument_digest(told), meaning="fit for use")
    with pytest.raises(NotAllowed, match="not active"):
        act(by, told)


def test_a_refused_act_leaves_the_grant_unspent(actor: Find, told: dict[str, Any]) -> None:
    blank = told | {"reason": " "}
    by = signed(actor("supervisor"), blank)
    with pytest.raises(Refused), transaction.atomic():
        act(by, blank)
    assert Grant.objects.get().used_at is None


def test_one_signs_with_ones_own_name(actor: Find, told: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed, match="own user name"):
        signed(actor("supervisor"), told, username="qareviewer")


@pytest.mark.requirement("N14")
def test_nobody_witnesses_their_own_act(actor: Find) -> None:
    @journal.action("people_test.witnessed", roles={Role.SUPERVISOR}, witnessed="checked")
    def witnessed(*, text: str, by: Actor, witness: Actor) -> None:
        raise AssertionError("it never comes to this")

    own: dict[str, Any] = {"text": "x"}
    try:
        witness = signing.witness("supervisor", secret=password(), action="people_test.witnessed", arguments=own)
        with pytest.raises(NotAllowed, match="own work"):
            witnessed(**own, by=actor("supervisor"), witness=witness)
        masked = replace(witness, account_id=actor("operator1").account_id)
        with pytest.raises(NotAllowed, match="does not hold"):
            witnessed(**own, by=actor("supervisor"), witness=masked)
    finally:
        del journal.ACTIONS["people_test.witnessed"]


def test_a_witness_may_scan_the_badge(actor: Find, told: dict[str, Any]) -> None:
    account = reads.find_account("operator2")
    assert account is not None
    assert str(account.badge_code).startswith("BDG-OPERATOR2-")
    found = signing.witness(str(account.badge_code), secret=password(), action=RETURN, arguments=told)
    assert found.account_id == account.pk
    with pytest.raises(NotAllowed):
        signing.witness(str(account.badge_code), secret=reads.demonstration_pin(), action=RETURN, arguments=told)


def test_a_witness_gives_badge_and_pin_where_the_password_was_given_before(actor: Find, told: dict[str, Any]) -> None:
    account = reads.find_account("operator2")
    assert account is not None
    badge, pin = str(account.badge_code), reads.demonstration_pin()
    given: dict[str, Any] = {"action": RETURN, "arguments": told, "session": "bench"}
    with pytest.raises(NotAllowed):
        signing.witness(badge, secret=pin, **given)
    signing.witness(badge, secret=password(), **given)
    found = signing.witness(badge, secret=pin, **given)
    assert found.account_id == account.pk
    assert Grant.objects.latest("id").method == SignatureMethod.BADGE_AND_PIN_IN_SESSION
    for elsewhere in (given | {"session": "another"}, given | {"session": ""}):
        with pytest.raises(NotAllowed):
            signing.witness(badge, secret=pin, **elsewhere)
    with pytest.raises(NotAllowed):
        signing.witness("operator1", secret=pin, **given)
    signing.end_session("bench")
    with pytest.raises(NotAllowed):
        signing.witness(badge, secret=pin, **given)


def test_all_components_first_one_component_later(actor: Find, told: dict[str, Any]) -> None:
    by = actor("supervisor")
    with pytest.raises(NotAllowed, match="user name and password"):
        signed(by, told, session="s1", username="", secret=reads.demonstration_pin())
    with pytest.raises(NotAllowed, match="do not fit"):
        signed(by, told, session="s1", secret=reads.demonstration_pin())
    assert signing.needs_all_components(by.account_id, "s1")
    signed(by, told, session="s1")
    assert not signing.needs_all_components(by.account_id, "s1")
    signed(by, told, session="s1", username="", secret=reads.demonstration_pin())
    signed(by, told, session="s1", username="")
    methods = list(Grant.objects.order_by("id").values_list("method", flat=True))
    assert methods == [
        SignatureMethod.USERNAME_AND_PASSWORD,
        SignatureMethod.PIN_IN_SESSION,
        SignatureMethod.PASSWORD_IN_SESSION,
    ]


def test_another_session_another_person_or_an_ended_one_starts_anew(actor: Find, told: dict[str, Any]) -> None:
    by, pin = actor("supervisor"), reads.demonstration_pin()
    signed(by, told, session="s1")
    for who, session in ((by, "s2"), (actor("qareviewer"), "s1"), (by, "")):
        with pytest.raises(NotAllowed):
            signed(who, told, session=session, username="", secret=pin)
    signing.end_session("s1")
    with pytest.raises(NotAllowed):
        signed(by, told, session="s1", username="", secret=pin)
    signed(by, told, session="s1")
    ControlledSession.objects.update(opened_at=datetime.now(UTC) - timedelta(hours=9))
    with pytest.raises(NotAllowed):
        signed(by, told, session="s1", username="", secret=pin)


def test_a_pin_alone_never_sets_a_new_password(actor: Find, told: dict[str, Any]) -> None:
    by = actor("supervisor")
    signed(by, told, session="s1")
    with pytest.raises(NotAllowed):
        signed(
            by, {"new_password": "x"}, session="s1", action="people.change_password", secret=reads.demonstration_pin()
        )


@pytest.mark.parametrize("secret", ["wrong password", "999999"])
def test_five_wrong_secrets_lock_the_account_for_signing_and_signing_in(
    actor: Find, told: dict[str, Any], secret: str
) -> None:
    by = actor("supervisor")
    signed(by, told, session="s1")
    for _ in range(5):
        with pytest.raises(NotAllowed, match="fit"):
            signed(by, told, session="s1", secret=secret)
    for attempt in ({"secret": password()}, {"username": "", "secret": reads.demonstration_pin()}):
        with pytest.raises(NotAllowed, match="locked"):
            signed(by, told, session="s1", **attempt)
    with pytest.raises(NotAllowed, match="locked"):
        signing.sign_in("supervisor", password())
    with pytest.raises(NotAllowed, match="locked"):
        signing.witness("supervisor", secret=password(), action=RETURN, arguments=told)
    signing.sign_in("operator1", password())


def test_a_success_forgets_earlier_failures(actor: Find, told: dict[str, Any]) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotAllowed):
                signing.sign_in("supervisor", "wrong password")
        signing.sign_in("supervisor", password())


def test_a_failure_is_never_counted_inside_a_deed(actor: Find, told: dict[str, Any]) -> None:
    """What would be rolled back with the deed does not even begin."""
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        signing.sign_in("supervisor", "wrong password")


@pytest.mark.race
def test_failures_outlive_what_is_rolled_back(committed_db: str) -> None:
    for _ in range(5):
        with pytest.raises(NotAllowed):
            signing.sign_in("supervisor", "wrong password")
    connections["default"].close()
    with pytest.raises(NotAllowed, match="locked"):
        signing.sign_in("supervisor", password())


@pytest.mark.race
def test_of_two_who_spend_one_grant_one_wins(committed_db: str) -> None:
    supervisor = reads.actor_named("supervisor")
    bench = EquipmentId(get_equipment("WS-01").pk)
    by = signing.sign(
        supervisor,
        username="supervisor",
        secret=password(),
        action=RETURN,
        arguments={"equipment_id": bench, "reason": "x"},
    )
    digest = argument_digest({"equipment_id": bench, "reason": "x"})
    gate, found = threading.Barrier(8), list[object]()

    def spend() -> None:
        try:
            gate.wait(timeout=30)
            with transaction.atomic():
                found.append(gates.signature().consume(by, action=RETURN, digest=digest, meaning="fit for use"))
        except NotAllowed as refusal:
            found.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(type(one).__name__ for one in found) == ["Manifest"] + ["NotAllowed"] * 7


SYSTEMS = [
    Actor(SYSTEM_ACCOUNT, "system: forged", frozenset({Role.SYSTEM})),
    SystemActor(AccountId(UUID(int=2)), "system: forged", frozenset({Role.SYSTEM})),
    SystemActor(SYSTEM_ACCOUNT, "system: forged", frozenset({Role.SYSTEM, Role.ADMINISTRATOR})),
]


@pytest.mark.parametrize("forged", SYSTEMS)
def test_a_forged_system_actor_is_nobody(db: None, forged: Actor) -> None:
    for action, roles in (("network.load_network", frozenset[Role]()), ("people.create_account", {Role.ADMINISTRATOR})):
        with pytest.raises(NotAllowed, match="system itself"):
            gates.permission().check(forged, action=action, roles=frozenset(roles))


def test_the_system_itself_does_what_is_internal_and_nothing_else(db: None) -> None:
    by = journal.system("test")
    gates.permission().check(by, action="network.load_network", roles=frozenset())
    with pytest.raises(NotAllowed, match="system itself"):
        gates.permission().check(by, action="people.create_account", roles=frozenset({Role.ADMINISTRATOR}))


def test_a_person_who_claims_to_be_the_system_is_refused(actor: Find) -> None:
    claimed = replace(actor("admin"), roles=frozenset({Role.SYSTEM, Role.ADMINISTRATOR}))
    with pytest.raises(NotAllowed, match="system itself"):
        gates.permission().check(claimed, action="people.create_account", roles=frozenset({Role.ADMINISTRATOR}))


def test_the_systems_account_cannot_sign_in_nor_be_an_actor(db: None) -> None:
    account = reads.find_account("system")
    assert account is not None
    assert account.pk == SYSTEM_ACCOUNT
    for secret in ("", "!", password()):
        with pytest.raises(NotAllowed):
            signing.sign_in("system", secret)
    with pytest.raises(NotAllowed, match="not active"):
        reads.actor_for(SYSTEM_ACCOUNT)


def test_roles_and_sites_that_an_actor_claims_are_looked_up(actor: Find) -> None:
    nurse = actor("nurse.rj")
    roles = frozenset({Role.APHERESIS_NURSE})
    gates.permission().check(nurse, action="x", roles=roles)
    for claimed in (
        replace(nurse, roles=nurse.roles | {Role.PHYSICIAN}),
        replace(nurse, sites=None),
        replace(nurse, sites=frozenset({*(nurse.sites or ()), *(actor("nurse.bj").sites or ())})),
    ):
        with pytest.raises(NotAllowed, match="changed meanwhile"):
            gates.permission().check(claimed, action="x", roles=roles)
    with pytest.raises(NotAllowed, match="one of these roles"):
        gates.permission().check(
            replace(nurse, roles=frozenset({Role.PHYSICIAN})), action="x", roles=frozenset({Role.PHYSICIAN})
        )


def test_a_delegated_role_after_its_end_is_refused_at_the_gate(actor: Find, sign: Callable[..., Actor]) -> None:
    from vein2vein.people.models import Delegation
    from vein2vein.people.tests.test_actions import delegate

    roles = frozenset({Role.QUALIFIED_PERSON})
    delegate(actor, sign)
    held = actor("qp2")
    gates.permission().check(held, action="x", roles=roles)
    now = datetime.now(UTC)
    Delegation.objects.update(during=(now - timedelta(hours=2), now - timedelta(seconds=1)))
    with pytest.raises(NotAllowed, match="one of these roles"):
        gates.permission().check(held, action="x", roles=roles)
