"""Databases in which a batch is made already, built once for all tests of a folder: making one takes long."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections

from tests import template as databases_of_tests
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.laboratory.tests.assays import Laboratory
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.manufacturing.tests.conftest import opened
from vein2vein.people import reads, signing

FOUND: dict[str, Any] = {}
"""What a folder's tests need to know of its world: the clock's time and the batches."""


def granted(who: Actor, action: str, **arguments: Any) -> Actor:
    """Return the actor carrying a valid grant for exactly this act."""
    parameters = inspect.signature(journal.ACTIONS[action].body).parameters.values()
    defaults = {one.name: one.default for one in parameters if one.default is not one.empty}
    given = {name: value for name, value in (defaults | arguments).items() if name not in ("by", "witness")}
    username = reads.get_account(who.account_id).username
    signed = signing.witness(username, secret=reads.demonstration_password(), action=action, arguments=given)
    return who.signing(str(signed.grant))


def point_to(name: str) -> str:
    """Let both connections use another database; return which one they used."""
    before = str(connections["default"].settings_dict["NAME"])
    databases_of_tests.point_to(name)
    return before


@contextmanager
def world(template: str, name: str, prepare: Callable[[Laboratory], None]) -> Iterator[str]:
    """Give a simulated database in which a batch is made and `prepare` was done; it is dropped in the end."""
    database = f"{template}_{name}_{os.getpid()}"
    with clone(template, database):
        databases_of_tests.simulate(database)
        before = point_to(database)
        with clock.use(SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))) as simulated:
            bench: Bench = opened(simulated, reads.actor_named, granted, "rj")[0]
            bench.finish()
            lab = Laboratory(bench)
            prepare(lab)
            FOUND[name] = (simulated.at, lab.batch.pk)
        point_to(before)
        yield database


@contextmanager
def clone(template: str, database: str) -> Iterator[None]:
    """Give a copy of a database, dropped in the end."""
    point_to("postgres")
    databases_of_tests.create(database, template)
    yield
    point_to("postgres")
    databases_of_tests.drop(database)


def laboratory(name: str, simulated: SimulatedClock) -> Laboratory:
    """Return the laboratory of the world's batch, as it stands in the database in use."""
    bench = Bench(simulated, reads.actor_named, granted)
    bench.batch = bench_batch(name)
    return Laboratory(bench)


def bench_batch(name: str) -> Any:
    """Return the world's batch as the database has it."""
    from vein2vein.manufacturing.models import Batch

    return Batch.objects.select_related("coi", "site", "order", "definition").get(pk=FOUND[name][1])
