"""Promises beside ten thousand live reservations: five dates told, one reserved in one deed, several people at once."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.range import TimestamptzRange

from bench.place import STATE, settle
from bench.registry import Figure, Options, Report

LIVE = 10_000
"""Reservations that stand, each of a time to come."""
PATIENTS_A_YEAR = 3_000
"""For how many the base is built: ten times the demonstration's."""
ASKED = 240
THREADS = 4
RUSH = 50
"""How many people want the last slot at once."""
WITHIN_MS = 50.0
AHEAD = timedelta(weeks=11)
"""How far ahead there are promised dates: as many as patients come in that time."""
BUSY_PERCENT = 70
"""For how much of its time a workstation is reserved from now on."""


@dataclass
class Waits:
    """How long each call took, by the clock and of a core, in milliseconds."""

    by_clock: list[float] = field(default_factory=list)
    of_core: list[float] = field(default_factory=list)

    def time(self, call: Callable[[], Any]) -> Any:
        """Perform a call and note what it took."""
        began, used = time.perf_counter(), time.thread_time()
        found = call()
        self.by_clock.append(1000 * (time.perf_counter() - began))
        self.of_core.append(1000 * (time.thread_time() - used))
        return found

    def figures(self, what: str) -> list[Figure]:
        """Return half, and 99 in a hundred, by the clock, and what one costs of a core."""
        waits = sorted(self.by_clock)
        return [
            Figure(f"{what}: half within", waits[len(waits) // 2], "ms"),
            Figure(f"{what}: 99 % within", waits[int(0.99 * len(waits))], "ms"),
            Figure(f"{what}: of a core, on average", sum(self.of_core) / len(self.of_core), "ms"),
        ]


@contextmanager
def base(at: datetime) -> Iterator[Any]:
    """Make a simulated base for many patients in a database of its own; give the connection of its owner."""
    os.environ.setdefault("V2V_ARGON2_TIME_COST", "1")
    os.environ.setdefault("V2V_ARGON2_MEMORY_KIB", "64")
    settle()
    from vein2vein.settings import databases, embedded

    STATE.mkdir(parents=True, exist_ok=True)
    with embedded.running(databases.state_folder()):
        databases.ensure_ready()
        import django

        django.setup()
        from django.db import connections

        from vein2vein.core.clock import SimulatedClock
        from vein2vein.driver.database import simulated

        with simulated(SimulatedClock(at), keep=False, say=_say, per_year=PATIENTS_A_YEAR):
            yield connections["owner"]


def _say(text: str) -> None:
    print(f"{time.process_time():.0f} s: {text}", file=sys.stderr)


def drafted(at: datetime) -> UUID:
    """Draft the one order that all others are cloned from; return its id."""
    from vein2vein.identity.states import Sex
    from vein2vein.orders import actions
    from vein2vein.orders.actions import PriorTherapyGiven, VirologyGiven
    from vein2vein.orders.states import OrderRoute, VirologyResult
    from vein2vein.people.reads import actor_named

    today = at.date()
    order = actions.draft_order(
        hospital_code="CN-RJ-DEMO",
        hospital_number="BENCH-1",
        initials="BE",
        birth_date=date(1970, 5, 17),
        sex=Sex.FEMALE,
        therapy_code="rapid-bcma-cd19",
        indication_code="multiple_myeloma",
        route=OrderRoute.CLINICAL_TRIAL,
        protocol="DEMO-MM-201",
        subject_number="RJ-007",
        arm="mm-dl3",
        dose_amount=Decimal(300000),
        dose_unit="cell/kg",
        weight_kg=Decimal(60),
        weight_measured_at=at - timedelta(hours=5),
        consent_version="3.0",
        consent_signed_on=today - timedelta(days=5),
        collection_planned_at=at + timedelta(days=3),
        virology=[
            VirologyGiven(one, VirologyResult.NEGATIVE, today - timedelta(days=4))
            for one in ("hiv", "hbv", "hcv", "syphilis", "cmv")
        ],
        prior_therapies=[PriorTherapyGiven("systemic_steroid", "dexamethasone", today - timedelta(days=30))],
        by=actor_named("coordinator.rj"),
    )
    return UUID(str(order.pk))


def cloned(owner: Any, table: str, original: UUID, count: int, *, column: str = "id", **changed: str) -> list[UUID]:
    """Clone a row below the actions; `changed` are SQL for columns by the number `g.i` of the copy."""
    with owner.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        columns = [row[0] for row in cursor.fetchall()]
        values = {one: f't."{one}"' for one in columns} | changed
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(_quoted, values))}) SELECT {', '.join(values.values())} "
            f"FROM {table} t, generate_series(1, %s) g(i) WHERE t.{column} = %s RETURNING id",
            [count, original],
        )
        return [row[0] for row in cursor.fetchall()]


def _quoted(name: str) -> str:
    return f'"{name}"'


def clone_orders(owner: Any, order: UUID, count: int) -> list[UUID]:
    """Clone an order with what its eligibility rests on."""
    changed = {"id": "md5(t.id::text || ':' || g.i)::uuid", "code": "t.code || '-' || g.i"}
    made = cloned(owner, "orders_order", order, count, **changed, weight_kg="45 + mod(g.i, 50)")
    for table in ("orders_virology", "orders_priortherapy"):
        copy = {"id": "md5(t.id::text || ':' || g.i)::uuid", "order_id": "md5(t.order_id::text || ':' || g.i)::uuid"}
        cloned(owner, table, order, count, column="order_id", **copy)
    return made


def promise_all(owner: Any, promised: Any, orders: list[UUID], codes: dict[UUID, str], at: datetime) -> int:
    """Clone a promise for each order below the actions, on other units and later times; return the spans they take."""
    slot = promised.slot
    lines, alike = _units(owner, slot.resource.kind, "CN-LG"), _alike(at)
    apart = AHEAD * len(lines) // len(orders)
    origin = datetime.fromisoformat(promised.chain["origin"])
    bookings, promises, spans = [], [], 0
    for number, order in enumerate(orders):
        wave, place = divmod(number, len(lines))
        shift = apart * wave + timedelta(minutes=15 * (place % 16)) + timedelta(days=2)
        names = {unit: (units * 2)[units.index(unit) + number % len(units)] for unit, units in alike.items()}
        names[slot.resource.code] = lines[place][1]
        chain = promised.chain | {
            "origin": (origin + shift).isoformat(),
            "placed": [[codes[order], *one[1:]] for one in promised.chain["placed"]],
            "taken": [[names.get(unit, unit), *rest] for unit, *rest in promised.chain["taken"]],
        }
        spans += len(chain["taken"])
        kept = uuid4()
        bookings.append((kept, lines[place][0], slot.during.lower + shift, slot.during.upper + shift, order))
        promises.append((uuid4(), order, shift, shift, kept, json.dumps(chain), promised.pk))
    with owner.cursor() as cursor:
        _book(cursor, bookings)
        cursor.executemany(
            "INSERT INTO planning_promise (id, order_id, state, collection_at, infusion_at, promised_at, promised_by,"
            " expires_at, slot_id, bed_id, chain, ended_reason) SELECT %s, %s, state, collection_at + %s,"
            " infusion_at + %s, promised_at, promised_by, expires_at + interval '1 year', %s, NULL, %s, ''"
            " FROM planning_promise WHERE id = %s",
            promises,
        )
    return spans


def _alike(at: datetime) -> dict[str, list[str]]:
    """Return for each unit that is planned those of its kind and site, itself among them."""
    from vein2vein.planning.bookable import bookable
    from vein2vein.planning.frame import Frame

    frame = Frame.around(at, "Asia/Shanghai")
    units = bookable("CN-LG", ["CN-RJ-DEMO"], frame, now=at, until=at + timedelta(weeks=12)).units.values()
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in units:
        kinds.setdefault((one.kind, one.site), []).append(one.code)
    return {one.code: kinds[one.kind, one.site] for one in units}


def _units(owner: Any, kind: str, site: str) -> list[tuple[UUID, str]]:
    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, r.code FROM network_resource r JOIN network_site s ON s.id = r.site_id"
            " WHERE r.kind = %s AND s.code = %s ORDER BY r.code",
            [kind, site],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _book(cursor: Any, bookings: list[tuple[UUID, UUID, datetime, datetime, UUID]]) -> None:
    cursor.executemany(
        "INSERT INTO network_reservation (id, resource_id, during, holder, held_for, state)"
        " VALUES (%s, %s, %s, 'order:' || %s::text, 'bench', 'held')",
        [(key, unit, TimestamptzRange(first, last, "[)"), order) for key, unit, first, last, order in bookings],
    )


def fill(owner: Any, order: UUID, missing: int, at: datetime) -> None:
    """Reserve workstations and equipment below the actions until `missing` reservations more stand."""
    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM network_resource r"
            " WHERE r.kind NOT IN ('manufacturing_slot', 'person', 'courier', 'infusion_bed') ORDER BY r.code, r.id"
        )
        units = [row[0] for row in cursor.fetchall()]
        hours = 8
        bookings = []
        for number in range(missing):
            turn, place = divmod(number, len(units))
            first = at + timedelta(hours=turn * hours * 100 / BUSY_PERCENT + place % 8)
            bookings.append((uuid4(), units[place], first, first + timedelta(hours=hours), order))
        _book(cursor, bookings)


def prepare(owner: Any, at: datetime) -> tuple[list[UUID], str]:
    """Fill the base; return the orders that will ask, and what stands beside them in a sentence."""
    from vein2vein.core.ids import OrderId
    from vein2vein.people.reads import actor_named
    from vein2vein.planning import actions, free, reads

    by = actor_named("coordinator.rj")
    order = drafted(at)
    best = reads.list_promises(order_id=OrderId(order), by=by)[0]
    promised = actions.promise_date(
        order_id=OrderId(order), collection_at=best.collection_at, infusion_at=best.infusion_at, by=by
    )
    lines = len(_units(owner, "manufacturing_slot", "CN-LG"))
    ahead = int(PATIENTS_A_YEAR * AHEAD / timedelta(days=365))
    with owner.cursor() as cursor:
        for table in ("orders_order", "orders_virology", "orders_priortherapy", "network_reservation"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE planning_promise DISABLE TRIGGER USER")
    made = clone_orders(owner, order, ahead + ASKED + RUSH)
    with owner.cursor() as cursor:
        cursor.execute("SELECT id, code FROM orders_order")
        codes = {row[0]: row[1] for row in cursor.fetchall()}
    live = made[:ahead]
    spans = promise_all(owner, promised, live, codes, at)
    fill(owner, order, max(0, LIVE - len(live)), at)
    with owner.cursor() as cursor:
        for table in ("orders_order", "orders_virology", "orders_priortherapy", "network_reservation"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE planning_promise ENABLE TRIGGER USER")
        cursor.execute("SELECT count(*) FROM network_reservation WHERE state = 'held' AND upper(during) > %s", [at])
        standing = cursor.fetchone()[0]
    owner.commit()
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE")
    free.kept().seen = None  # what was cloned is in no journal
    told = f"{standing:,} reservations stand on {lines} lines and what else there is"
    return made[len(live) :], f"{told}; {len(live):,} promised dates occupy {spans:,} spans of units and people"


def at_once(count: int, at: datetime, work: Callable[[int], None]) -> None:
    """Do some work in so many threads, all beginning together."""
    from django.db import connections

    from vein2vein.core import clock
    from vein2vein.core.clock import SimulatedClock

    start = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            with clock.use(SimulatedClock(at)):
                start.wait()
                work(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def measure(options: Options) -> Report:
    """Ask and take several hundred promises, one after the other and by several threads; then the last slot."""
    del options
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with base(at) as owner:
        orders, told = prepare(owner, at)
        _say(told)
        asking, rush = orders[:ASKED], orders[ASKED:]
        alone, together = asking[: ASKED // 4], asking[ASKED // 4 :]
        figures = []
        for threads, mine in ((1, alone), (THREADS, together)):
            asked, taken, both, lost = _served(mine, threads, at)
            what = "one at a time" if threads == 1 else f"{threads} at once"
            figures += asked.figures(f"five dates told, {what}")
            figures += taken.figures(f"one of them reserved in one deed, {what}")
            figures += both.figures(f"told and reserved, {what}")
            figures.append(Figure(f"losers who took the next offer, {what}", lost, "orders"))
        worst = max(one.value for one in figures if "99 %" in one.what and "told and reserved" in one.what)
        figures.append(Figure("room below 50 ms of the slowest 99 %", WITHIN_MS - worst, "ms", least=0.0))
        winners = _rush(rush, at)
        figures.append(Figure(f"{RUSH} people for the same last slot: who got it", winners, "orders"))
        figures.append(Figure("exactly one", 1.0 - abs(winners - 1), "", least=1.0))
    notes = [told, f"{len(asking)} orders asked and took; reservations were cloned below the actions"]
    return Report("Promises", figures, [*notes, "the database's commits do not wait for the disk; a base of its own"])


def _served(orders: list[UUID], threads: int, at: datetime) -> tuple[Waits, Waits, Waits, int]:
    from vein2vein.core.ids import OrderId
    from vein2vein.core.refusals import Conflict
    from vein2vein.people.reads import actor_named
    from vein2vein.planning import actions, reads

    asked, taken, both, lost = Waits(), Waits(), Waits(), []
    by = actor_named("coordinator.rj")

    def warm(number: int) -> None:
        reads.list_promises(order_id=OrderId(orders[number]), by=by)

    def one_order(order: OrderId, draw: random.Random) -> None:
        while True:
            offers = asked.time(lambda: reads.list_promises(order_id=order, by=by))
            chosen = draw.choice(offers)
            dates = {"collection_at": chosen.collection_at, "infusion_at": chosen.infusion_at}
            try:
                taken.time(partial(actions.promise_date, order_id=order, **dates, by=by))
            except Conflict:
                lost.append(order)
            else:
                return

    def work(number: int) -> None:
        draw = random.Random(number)  # noqa: S311 - a sample, no secret
        for order in orders[number::threads]:
            both.time(partial(one_order, OrderId(order), draw))

    at_once(1, at, warm)  # what is free is kept from now on
    at_once(threads, at, work)
    return asked, taken, both, len(lost)


def _rush(orders: list[UUID], at: datetime) -> int:
    """Let everybody ask for the date of the only slot that is left; return how many got it."""
    from vein2vein.core.ids import OrderId
    from vein2vein.core.refusals import Refusal
    from vein2vein.people.reads import actor_named
    from vein2vein.planning import actions, reads

    by, planner = actor_named("coordinator.rj"), actor_named("planner")
    chosen = reads.list_promises(order_id=OrderId(orders[0]), by=by)[0]
    _close_others(chosen, at, planner)
    won: list[int] = []

    def work(number: int) -> None:
        given = {"collection_at": chosen.collection_at, "infusion_at": chosen.infusion_at}
        try:
            actions.promise_date(order_id=OrderId(orders[number]), **given, by=by)
        except Refusal:
            return
        won.append(number)

    at_once(len(orders), at, work)
    return len(won)


def _close_others(chosen: Any, at: datetime, by: Any) -> None:
    from vein2vein.core.clock import SimulatedClock, use
    from vein2vein.network.reads import list_units_of_site
    from vein2vein.planning import actions

    with use(SimulatedClock(at)):
        for one in list_units_of_site("CN-LG"):
            if one.kind == "manufacturing_slot" and one.code != chosen.slot:
                given: dict[str, Any] = {"starts_at": at, "ends_at": at + timedelta(weeks=12), "reason": "rebuilt"}
                actions.record_absence(unit_code=one.code, **given, by=by)
        later: dict[str, Any] = {
            "starts_at": chosen.slot_to_at,
            "ends_at": at + timedelta(weeks=12),
            "reason": "rebuilt",
        }
        actions.record_absence(unit_code=chosen.slot, **later, by=by)
