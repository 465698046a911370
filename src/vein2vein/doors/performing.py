"""Performing an action from a door: once, however often it is asked with the same key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from vein2vein import journal
from vein2vein.core import canonical
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_, Blocker, Conflict, NotFound
from vein2vein.doors.presenting import present
from vein2vein.journal.acting import argument_digest


@dataclass(frozen=True, slots=True)
class Answer:
    """What an action answered: its result as JSON, and whether it is the replay of an earlier one."""

    body: Any
    replayed: bool = False


def spec_of(name: str) -> journal.ActionSpec:
    """Return the action that a door may offer under `name`, or raise `NotFound`."""
    spec = journal.ACTIONS.get(name)
    if spec is None or spec.internal:
        raise NotFound(Blocker("doors.no_action", N_("There is no such action"), field="action", value=name[:80]))
    return spec


def perform(
    name: str,
    arguments: Mapping[str, Any],
    *,
    by: Actor,
    witness: Actor | None = None,
    key: str | None = None,
    late: journal.LateEntry | None = None,
) -> Answer:
    """Perform action `name` with typed `arguments`; with `key`, once and for all.

    The request's digest and answer are committed with the deed. A replay returns the same answer without a
    new signature; another body under the same key raises `Conflict`.
    """
    spec = spec_of(name)
    said = canonical.digest([name, argument_digest(dict(arguments))])
    # keyed, so that a password among the arguments cannot be guessed from what is kept
    digest = salted_hmac("doors.answered", said, algorithm="sha256").hexdigest()
    if key is not None:
        answered = _answered(by, key, digest)
        if answered is not None:
            return answered
    people: dict[str, Any] = {"by": by}
    if spec.witnessed is not None:
        people["witness"] = witness
    bodies: list[Any] = []

    def keep(result: Any) -> None:
        bodies.append(present(result))
        if key is not None:
            _keep(by, key, digest, bodies[-1])

    try:
        with ExitStack() as stack:
            stack.enter_context(journal.before_commit(keep))
            if late is not None:
                stack.enter_context(journal.late(late))
            spec.run(**arguments, **people)
    except Conflict:
        answered = None if key is None else _answered(by, key, digest)
        if answered is None:
            raise
        return answered
    return Answer(bodies[-1])


def _answered(by: Actor, key: str, digest: str) -> Answer | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT digest, answer FROM doors_answered WHERE account_id = %s AND key = %s", [by.account_id, key]
        )
        row = cursor.fetchone()
    if row is None:
        return None
    if row[0] != digest:
        raise Conflict(
            Blocker(
                code="doors.key_reused",
                message=N_("This idempotency key was used for another request"),
                field="Idempotency-Key",
                value=key[:80],
                mend=N_("Use a new key for a new request"),
            )
        )
    return Answer(json.loads(row[1]), replayed=True)


def _keep(by: Actor, key: str, digest: str, body: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO doors_answered (account_id, key, digest, answer) VALUES (%s, %s, %s, %s)",
            [by.account_id, key, digest, canonical.dumps(body)],
        )
