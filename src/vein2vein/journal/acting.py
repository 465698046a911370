"""`@action`: the one way in which anything is changed."""

from __future__ import annotations

import functools
import inspect
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ParamSpec, TypeVar, cast

from django.db import DatabaseError, connection, transaction

from vein2vein.core import canonical, clock, gates
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import new_id
from vein2vein.core.refusals import N_, Blocker, Conflict, NotAllowed, Refused
from vein2vein.journal import conflicts, deeds, followers

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 6
"""How often a deed is tried when the database reports a deadlock."""

RETRIED = {"40P01", "40001"}


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What an action is: its name, who may call it, and how it is signed."""

    name: str
    run: Callable[..., Any]
    body: Callable[..., Any]
    roles: frozenset[Role]
    signed: str | None
    witnessed: str | None

    @property
    def context(self) -> str:
        """Return the context's name."""
        return self.name.partition(".")[0]

    @property
    def verb(self) -> str:
        """Return the name within the context."""
        return self.name.partition(".")[2]

    @property
    def internal(self) -> bool:
        """Say whether only other actions, followers and jobs may call it."""
        return self.roles <= {Role.SYSTEM}


ACTIONS: dict[str, ActionSpec] = {}
"""Every action by "context.verb_noun"; the doors are made from it."""


@dataclass(frozen=True, slots=True)
class LateEntry:
    """A wish to write down something done earlier: when, why late, and the witness with a grant."""

    performed_at: datetime
    reason: str
    witness: Actor


_late: ContextVar[LateEntry | None] = ContextVar("late_entry", default=None)


@contextmanager
def late(entry: LateEntry) -> Iterator[None]:
    """Let the next outermost action within the block be a late entry."""
    token = _late.set(entry)
    try:
        yield
    finally:
        _late.reset(token)


@contextmanager
def before_commit(hook: Callable[[Any], None]) -> Iterator[None]:
    """Run `hook(result)` inside the outermost deed's transaction, after its entries are written."""
    token = deeds._hooks.set((*deeds._hooks.get(), hook))  # noqa: SLF001 - one package
    try:
        yield
    finally:
        deeds._hooks.reset(token)  # noqa: SLF001


def action(
    name: str, *, roles: Collection[Role] = (), signed: str | None = None, witnessed: str | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function the action `name` ("context.verb_noun").

    It takes `by: Actor` (and `witness: Actor` when `witnessed`) by keyword. `roles` may call it; with none
    only other actions, followers and jobs may. `signed` and `witnessed` are the meanings of the signatures
    without which it is refused. A deed that writes no journal entry does not commit.
    """

    def declare(body: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(body)

        @functools.wraps(body)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            if deeds._current.get() is None:  # noqa: SLF001
                return cast("R", _outermost(spec, bound.arguments))
            _require_signed_outside(spec)
            return body(*args, **kwargs)

        if name in ACTIONS and ACTIONS[name].body.__module__ != body.__module__:
            raise ValueError(f"action {name} is declared twice")
        spec = ActionSpec(name, run, body, frozenset(roles), signed, witnessed)
        ACTIONS[name] = spec
        return run

    return declare


def argument_digest(arguments: dict[str, Any]) -> str:
    """Return the digest that a signature grant is bound to: of all arguments but the people."""
    return canonical.digest({key: value for key, value in arguments.items() if key not in ("by", "witness")})


def with_defaults(spec: ActionSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed arguments with the defaults of those not given: what a signature is bound to."""
    parameters = inspect.signature(spec.body).parameters.values()
    defaults = {one.name: one.default for one in parameters if one.default is not inspect.Parameter.empty}
    return {name: value for name, value in (defaults | dict(arguments)).items() if name not in ("by", "witness")}


def _require_signed_outside(spec: ActionSpec) -> None:
    if spec.signed is not None and not deeds.current().signatures:
        raise NotAllowed(_unsigned(spec.signed))


def _unsigned(meaning: str) -> Blocker:
    return Blocker(
        code="journal.signature_required",
        message=N_("This act needs a signature: %(meaning)s"),
        field="signature",
        mend=N_("Sign with your own password or PIN"),
        params={"meaning": meaning},
    )


def _outermost(spec: ActionSpec, arguments: dict[str, Any]) -> Any:
    by: Actor = arguments["by"]
    gates.permission().check(by, action=spec.name, roles=spec.roles)
    wish = _late.get()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _perform(spec, arguments, by, wish)
        except DatabaseError as error:
            state = conflicts.sqlstate(error)
            if state in RETRIED and attempt < ATTEMPTS and not connection.in_atomic_block:
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - a pause, not a secret
                continue
            conflicts.reraise(error)
            raise
    raise AssertionError("the last attempt either returned or raised")


def _perform(spec: ActionSpec, arguments: dict[str, Any], by: Actor, wish: LateEntry | None) -> Any:
    deed = deeds.Deed(new_id(), spec.name, by, clock.now(), reason=str(arguments.get("reason") or ""))
    _set_simulated_time()
    digest = argument_digest(arguments)
    if spec.signed is not None:
        if by.grant is None:
            raise NotAllowed(_unsigned(spec.signed))
        deed.signatures.append(gates.signature().consume(by, action=spec.name, digest=digest, meaning=spec.signed))
    if spec.witnessed is not None and arguments.get("witness") is not None:
        deed.signatures.append(_witness(spec.name, arguments["witness"], by, digest, spec.witnessed))
    if wish is not None:
        deed.late = _accept_late(spec, wish, by, digest)
        deed.at = wish.performed_at
    token = deeds._current.set(deed)  # noqa: SLF001
    try:
        result = spec.body(**arguments)
        if not deed.entries:
            raise RuntimeError(f"{spec.name} wrote no journal entry: it does not commit")
        touched = {(entry["stream"], entry["fact"]) for entry in deed.entries}
        deeds.flush(deed)
        for hook in deeds._hooks.get():  # noqa: SLF001
            hook(result)
        followers.defer(touched)
        return result
    finally:
        deeds._current.reset(token)  # noqa: SLF001


def _witness(name: str, witness: Actor, by: Actor, digest: str, meaning: str) -> gates.Manifest:
    if witness.account_id == by.account_id:
        raise NotAllowed(
            Blocker(
                code="journal.own_witness",
                message=N_("Nobody checks their own work"),
                field="witness",
                value=witness.name,
                mend=N_("Ask a second person to check and sign"),
            )
        )
    if witness.grant is None:
        raise NotAllowed(_unsigned(meaning))
    return gates.signature().consume(witness, action=name, digest=digest, meaning=meaning)


def _accept_late(spec: ActionSpec, wish: LateEntry, by: Actor, digest: str) -> deeds.Late:
    if wish.performed_at > clock.now():
        raise Refused(
            Blocker(
                code="journal.performed_in_future",
                message=N_("An act cannot have been performed in the future"),
                field="performed_at",
                value=wish.performed_at.isoformat(),
                mend=N_("Give the time at which it was done"),
            )
        )
    if not wish.reason.strip():
        raise Refused(
            Blocker(
                code="journal.late_without_reason",
                message=N_("A late entry needs a reason"),
                field="late_reason",
                mend=N_("Say why it is written down only now"),
            )
        )
    manifest = _witness(spec.name, wish.witness, by, digest, "late entry witnessed")
    return deeds.Late(wish.performed_at, wish.reason, manifest)


def _set_simulated_time() -> None:
    simulated = clock.simulated()
    if simulated is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('v2v.now', %s, true)", [simulated.at.isoformat()])


@contextmanager
def follower_deed(name: str, by: Actor) -> Iterator[None]:
    """Open the deed in which a follower works: its actions are nested; it may find nothing to write."""
    deed = deeds.Deed(new_id(), name, by, clock.now())
    _set_simulated_time()
    token = deeds._current.set(deed)  # noqa: SLF001
    try:
        yield
        if deed.entries:
            touched = {(entry["stream"], entry["fact"]) for entry in deed.entries}
            deeds.flush(deed)
            followers.defer(touched)
    finally:
        deeds._current.reset(token)  # noqa: SLF001


__all__ = ["ACTIONS", "ActionSpec", "Conflict", "LateEntry", "action", "before_commit", "late", "with_defaults"]
