"""`kill -9` of database, server or worker at random moments under load: what was acknowledged is there, once.

    nice -n 10 .local/venv/bin/python -m tests.faults.kills --kills 200 --seed 1

Clients record calibrations through the REST API, each under an idempotency key, and ask again with the same key until
they are answered. Nothing in the database forbids the same calibration twice: only the key does.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.running import START_WITHIN_SECONDS, Run, a_run, until
from vein2vein.settings import databases, embedded

CLIENTS = 4
PASSWORD = "vein-to-vein-2026"
BACK_WITHIN_SECONDS = 120.0


@dataclass
class Finding:
    """What came of it: kills by victim with the seconds until the service was back, acts, and every fault."""

    kills: list[tuple[str, float]] = field(default_factory=list)
    acknowledged: int = 0
    asked_again: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the figures as lines."""
        lines = [
            f"{len(self.kills)} kills, {self.acknowledged} acts acknowledged, asked again {dict(self.asked_again)}"
        ]
        for victim in sorted({name for name, _ in self.kills}):
            times = sorted(seconds for name, seconds in self.kills if name == victim)
            over = sum(seconds > 10 for seconds in times)
            lines.append(
                f"{victim}: {len(times)} kills, back after {statistics.median(times):.1f} s (median), "
                f"{times[-1]:.1f} s (longest), {over} over 10 s"
            )
        return "\n".join([*lines, *(self.faults or ["no acknowledged act lost, none done twice, chain whole"])])


class Client(threading.Thread):
    """Acts one after another, each until it is acknowledged."""

    def __init__(self, run: Run, token: str, equipment: str, name: str) -> None:
        super().__init__(daemon=True)
        self.run_under_test, self.token, self.equipment, self.prefix = run, token, equipment, name
        self.acknowledged: dict[str, tuple[float, float]] = {}
        self.asked_again: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            certificate, key = f"{self.prefix}-{number}", str(uuid.uuid4())
            while True:
                asked = time.monotonic()
                status, said = self._ask(certificate, key)
                if status == 200:
                    self.acknowledged[certificate] = (asked, time.monotonic())
                    break
                self.asked_again[str(status or said)] += 1
                if status not in (0, 409, 429, 502, 503):
                    self.unexpected.append(f"{certificate}: {status} {said[:300]}")
                if self.stopping.wait(0.05):
                    return

    def _ask(self, certificate: str, key: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.run_under_test.port, timeout=15)
        body = {"equipment_id": self.equipment, "certificate": certificate, "calibration_due_on": "2030-01-01"}
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key, "Content-Type": "application/json"}
        try:
            connection.request("POST", "/api/v1/network/record-calibration", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, type(error).__name__
        finally:
            connection.close()


def command(run: Run, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command on the installation under test."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("V2V_TEST")}
    surroundings |= {"V2V_STATE": str(run.state), "PYTHONPATH": str(databases.PROJECT / "src")}
    return subprocess.run(
        [sys.executable, "-m", "vein2vein.cli", *arguments],
        input=given,
        capture_output=True,
        text=True,
        env=surroundings,
        check=False,
    )


def rows(run: Run, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Ask the database of the installation under test, as its owner."""
    sockets = embedded.socket_folder(run.state)
    with psycopg.connect(host=str(sockets), user=embedded.OWNER, dbname=embedded.DATABASE) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def token_of(run: Run, username: str) -> str:
    """Issue a token by the command line and return it."""
    password = f"{PASSWORD}\n"
    issued = command(run, "act", "people.issue_token", "label=load", "days=1", "--as", username, given=password)
    assert issued.returncode == 0, issued.stderr
    identity = json.loads(issued.stdout)["id"]
    shown = command(run, "ask", "people.reveal_token", f"token_id={identity}", "--as", username, given=password)
    assert shown.returncode == 0, shown.stderr
    return str(json.loads(shown.stdout))


def _victims(run: Run) -> dict[str, list[int]]:
    children = run.children()
    found = {
        "server": [pid for pid, line in children.items() if "vein2vein.cli.serving" in line],
        "worker": [pid for pid, line in children.items() if "procrastinate" in line],
    }
    pid_file = run.state / "postgres" / "postmaster.pid"
    try:
        postmaster = int(pid_file.read_text().split("\n", 1)[0])
        backends = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False)
        # Half of the times the whole server dies, half of the times one of its processes, and it starts over.
        others = [int(pid) for pid in backends.stdout.split()]
        found["database"] = [postmaster] * max(1, len(others)) + others
    except (FileNotFoundError, ValueError):
        found["database"] = []
    return found


def _worker_number(run: Run) -> int:
    try:
        return int(rows(run, "SELECT coalesce(max(id), 0) FROM procrastinate_workers")[0][0])
    except psycopg.Error:
        return 0


def _kill(run: Run, victim: str, clients: list[Client], chance: random.Random) -> float:
    """Kill one process and return the seconds until the service that it gave was there again."""
    worker = _worker_number(run)
    pids = _victims(run)[victim]
    if not pids:
        return 0.0
    began = time.monotonic()
    try:
        os.kill(chance.choice(pids), signal.SIGKILL)
    except ProcessLookupError:
        return 0.0
    while time.monotonic() < began + BACK_WITHIN_SECONDS:
        if victim == "worker" and _worker_number(run) > worker:
            return time.monotonic() - began
        if victim != "worker":
            answered = [at for each in clients for asked, at in [*each.acknowledged.values()][-1:] if asked > began]
            if answered:
                return min(answered) - began
        time.sleep(0.02)
    return BACK_WITHIN_SECONDS


def _check(run: Run, clients: list[Client], finding: Finding) -> None:
    told = "SELECT payload::jsonb->'data'->>'certificate', count(*) FROM journal_entry WHERE fact LIKE %s GROUP BY 1"
    found = dict(rows(run, told, "network.%alibrat%"))
    known = {name for each in clients for name in each.acknowledged}
    finding.acknowledged = len(known)
    finding.faults += [f"{name}: acknowledged and lost" for name in sorted(known) if name not in found]
    finding.faults += [f"{name}: done {count} times" for name, count in found.items() if count > 1]
    for each in clients:
        finding.asked_again += each.asked_again
        finding.faults += each.unexpected
    halted = rows(run, "SELECT follower, stream, halted FROM journal_cursor WHERE halted <> ''")
    finding.faults += [f"halted: {each}" for each in halted]
    verified = command(run, "journal", "verify")
    if verified.returncode != 0:
        finding.faults.append(f"journal: {verified.stdout}{verified.stderr}")


def attack(run: Run, kills: int, seed: int) -> Finding:
    """Kill `kills` times at random moments while clients act; check everything in the end."""
    chance, finding = random.Random(seed), Finding()  # noqa: S311 - a seed, not a secret
    process = run.start(V2V_PACE_API_TOKEN="1000000", V2V_PACE_API_ADDRESS="1000000")
    until(run.well, START_WITHIN_SECONDS, run)
    token = token_of(run, "supervisor")
    equipment = rows(run, "SELECT id FROM network_equipment ORDER BY code LIMIT %s", CLIENTS)
    clients = [Client(run, token, str(row[0]), f"C{number}") for number, row in enumerate(equipment)]
    for each in clients:
        each.start()
    victims = ["database", "server", "worker"] * (kills // 3 + 1)
    for number, victim in enumerate(chance.sample(victims, kills)):
        time.sleep(chance.uniform(0.2, 3.0))
        took = _kill(run, victim, clients, chance)
        finding.kills.append((victim, took))
        if number % 10 == 9:
            print(f"{number + 1} kills, {sum(len(each.acknowledged) for each in clients)} acts", flush=True)
    time.sleep(1)
    for each in clients:
        each.stopping.set()
    for each in clients:
        each.join(30)
    until(run.well, BACK_WITHIN_SECONDS, run)
    _check(run, clients, finding)
    process.terminate()
    process.wait(60)
    return finding


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked_for = parser.parse_args()
    with a_run() as under_test:
        result = attack(under_test, asked_for.kills, asked_for.seed)
    print(result)
    sys.exit(1 if result.faults else 0)
