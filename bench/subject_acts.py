"""Durable acts per second through the REST API, beside quartet-epcis capturing single events on the same cluster."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from bench import place
from bench.load import Call, Load, drive
from bench.registry import Figure, Options, Report

NOTES = """\
server, worker and embedded PostgreSQL as `make run` starts them, every commit synced to disk; all share the cores
grants are laid beside the accounts beforehand: hashing a password is slow on purpose, and is not measured
the peer asks not who calls, signs nothing and keeps no audit trail; it is served alike, its queue left out
""".splitlines()
PEER, PEER_VERSION = "quartet-epcis", "4.1.5"
PEER_NEEDS = ("haikunator", "psycopg2-binary==2.9.13")
PEER_PLACE = place.LOCAL / "peers" / f"{PEER}-{PEER_VERSION}"


def measure(options: Options) -> Report:
    """Measure both, one after the other, with the same clients, for the same time, on the same running cluster."""
    with place.installation() as running:
        received, released, cost = _ours(running, options)
        captured = _peer(options)
    slow = max(received.slowest(0.95), released.slowest(0.95))
    return Report(
        "Acts through the REST API",
        [
            Figure("`materials.receive_lot`: permission, two rows, journal, chain", received.rate, "acts/s"),
            Figure("`materials.release_lot`: the same, and a signature's grant spent", released.rate, "acts/s"),
            Figure(f"{PEER} {PEER_VERSION}: one ObjectEvent captured", captured.rate, "events/s"),
            Figure("signed acts, as a multiple of the peer's captures", released.rate / max(captured.rate, 0.01), "×"),
            Figure("95 % of the acts were answered within", slow, "ms"),
            Figure("a signed act costs the server", 1000 * cost.own_s, "ms of a core"),
            Figure("a signed act costs the database", 1000 * cost.database_s, "ms of a core"),
            Figure("a signed act writes to the journal", cost.entry_bytes, "bytes"),
            Figure("a signed act writes to the write-ahead log", cost.wal_bytes, "bytes"),
        ],
        [
            f"{options.clients} clients, each waiting for its answer, for {options.seconds:.0f} s",
            f"not done: {_failed(received)} + {_failed(released)}, by the peer {_failed(captured)}",
            "statements of the most frequent acts: a budget kept by `tests/attack/test_budget.py`",
            *NOTES,
        ],
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What one act takes on average: processor time of server and worker, and of the database; bytes written."""

    own_s: float
    database_s: float
    entry_bytes: float
    wal_bytes: float


class Meter:
    """What an installation has used since the meter was made."""

    def __init__(self, running: place.Running) -> None:
        self.running = running
        self.before = self._read()

    def per_act(self, acts: int) -> Cost:
        """Return what was used since, divided by acts."""
        now = self._read()
        return Cost(*((after - before) / max(acts, 1) for before, after in zip(self.before, now, strict=True)))

    def _read(self) -> tuple[float, float, float, float]:
        from django.db import connections

        postmaster = int((place.STATE / "postgres" / "postmaster.pid").read_text().split()[0])
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(length(payload)), 0), pg_current_wal_lsn() - '0/0'::pg_lsn FROM journal_entry"
            )
            entries, wal = cursor.fetchone()
        connections["owner"].close()
        whole, database = (place.processor_seconds_of_all(pid) for pid in (self.running.pid, postmaster))
        return whole, database, float(entries), float(wal)


def _failed(load: Load) -> int:
    return sum(load.answers.values()) - load.done


def _ours(running: place.Running, options: Options) -> tuple[Load, Load, Cost]:
    import django

    django.setup()
    address = running.address
    token, clerk = _token("warehouse"), "/api/v1/materials/receive-lot"
    run = uuid.uuid4().hex[:8]

    def receipts(client: int) -> Iterator[Call]:
        for number in range(100_000):
            yield Call(clerk, token, json.dumps(_lot(f"BENCH-{run}-{client}-{number}")).encode())

    received = drive(address, receipts, clients=options.clients, seconds=options.seconds)
    lots = [str(json.loads(body)["id"]) for body in received.bodies if b'"id"' in body]
    return received, *_release(running, lots, options)


def _release(running: place.Running, lots: list[str], options: Options) -> tuple[Load, Cost]:
    token = _token("qareviewer")
    given = [{"lot_id": lot, "markets": ["CN"], "reason": ""} for lot in lots]
    grants = _grants("qareviewer", "materials.release_lot", given)

    def releases(client: int) -> Iterator[Call]:
        for number in range(client, len(given), options.clients):
            headers = token | {"Signature-Grant": grants[number]}
            yield Call("/api/v1/materials/release-lot", headers, json.dumps(given[number]).encode())

    meter = Meter(running)
    load = drive(running.address, releases, clients=options.clients, seconds=min(options.seconds, 45))
    return load, meter.per_act(load.done)


def _lot(number: str) -> dict[str, Any]:
    return {
        "material_code": "wash_set",
        "number": number,
        "supplier": "Demonstration Supplier",
        "quantity": "10",
        "unit": "1",
        "vial_quantity": "1",
        "expires_at": (datetime.now(UTC) + timedelta(days=300)).isoformat(),
        "site_code": "CN-LG",
        "certificate": {
            "filename": "certificate.txt",
            "content_base64": base64.b64encode(b"Demonstration certificate").decode(),
        },
    }


def _token(username: str) -> dict[str, str]:
    from vein2vein import journal
    from vein2vein.people import reads

    wish = {"label": "bench", "days": 1}
    (grant,) = _grants(username, "people.issue_token", [wish])
    row = journal.ACTIONS["people.issue_token"].run(**wish, by=reads.actor_named(username).signing(grant))
    bearer = reads.bearer(row.pk)
    return {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}


def _grants(username: str, action: str, given: list[dict[str, Any]]) -> list[str]:
    """Lay one grant for each act beside the account, below the actions: as a password would yield."""
    from vein2vein import journal
    from vein2vein.doors.parsing import parse
    from vein2vein.people import reads, signing
    from vein2vein.people.states import SignatureMethod

    spec, account = journal.ACTIONS[action], reads.find_account(username)
    assert account is not None
    method = SignatureMethod.USERNAME_AND_PASSWORD
    typed = [journal.with_defaults(spec, parse(spec.body, one)) for one in given]
    return [signing._grant(account, action, one, method) for one in typed]  # noqa: SLF001 - below the actions


def _peer(options: Options) -> Load:
    _install_peer()
    from django.conf import settings

    owner = settings.DATABASES["owner"]
    port = place.free_port()
    environment = {
        "PEER_DATABASE": _peer_database(owner),
        "PEER_USER": owner["USER"],
        "PEER_HOST": owner["HOST"],
        "PEER_PORT": str(owner["PORT"]),
        "PEER_LISTEN": str(port),
        "PYTHONPATH": str(place.PROJECT),
        "DJANGO_SETTINGS_MODULE": "",
    }
    command = [str(PEER_PLACE / "bin" / "python"), "-c", "from bench.peer_quartet_epcis import serve; serve()"]
    address = f"http://127.0.0.1:{port}"
    with place.served(command, f"{address}/nothing", environment):
        return drive(address, _events, clients=options.clients, seconds=options.seconds)


def _events(client: int) -> Iterator[Call]:
    for number in range(100_000):
        serial, at = f"{uuid.uuid4().int % 10**12}{client}{number}", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        yield Call("/capture", {"Content-Type": "application/xml"}, EVENT.format(serial=serial, at=at).encode())


EVENT = """<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="{at}"><EPCISBody>
<EventList><ObjectEvent><eventTime>{at}</eventTime><recordTime>{at}</recordTime>
<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:epc:id:sgtin:0614141.107346.{serial}</epc></epcList>
<action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
<disposition>urn:epcglobal:cbv:disp:active</disposition>
<readPoint><id>urn:epc:id:sgln:0614141.00777.0</id></readPoint>
<bizLocation><id>urn:epc:id:sgln:0614141.00888.0</id></bizLocation></ObjectEvent></EventList></EPCISBody>
</epcis:EPCISDocument>"""


def _peer_database(owner: dict[str, Any]) -> str:
    import psycopg

    from vein2vein.settings import databases

    name = "bench_quartet_epcis"
    with psycopg.connect(databases.conninfo(owner, "postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
    return name


def _install_peer() -> None:
    if (PEER_PLACE / "finished").exists():
        return
    uv, python = str(place.LOCAL / "tools" / "bin" / "uv"), str(PEER_PLACE / "bin" / "python")
    wanted = [f"{PEER}=={PEER_VERSION}", *PEER_NEEDS, f"granian=={version('granian')}", f"django=={version('django')}"]
    for words in (
        ["venv", "--quiet", "--clear", "--no-project", "--python", os.path.realpath("/proc/self/exe"), str(PEER_PLACE)],
        ["pip", "install", "--quiet", "--python", python, *wanted],
    ):
        subprocess.run([uv, *words], check=True, cwd=place.PROJECT)
    (PEER_PLACE / "finished").touch()
