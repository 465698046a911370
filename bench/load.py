"""Clients that call one after the other, each over a connection of its own, all at once, for some seconds."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Call:
    """One POST: where, with which headers and body."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Load:
    """What came of a load."""

    answers: Counter[int] = field(default_factory=Counter)
    bodies: list[bytes] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def done(self) -> int:
        """Return how many calls were answered with success."""
        return sum(count for status, count in self.answers.items() if status < 300)

    @property
    def rate(self) -> float:
        """Return calls done per second."""
        return self.done / self.took_s if self.took_s else 0.0

    def slowest(self, share: float) -> float:
        """Return the wait, in milliseconds, that `share` of the calls did not exceed."""
        waits = sorted(self.waits_s)
        return 1000 * waits[min(len(waits) - 1, int(share * len(waits)))] if waits else 0.0


def drive(address: str, calls: Callable[[int], Iterator[Call]], *, clients: int, seconds: float) -> Load:
    """Let `clients` call what `calls(client)` yields until it ends or `seconds` have passed."""
    found, lock = Load(), threading.Lock()
    host = urlsplit(address).netloc
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        wire = http.client.HTTPConnection(host, timeout=60)
        for call in calls(number):
            began = time.monotonic()
            if began >= until:
                break
            wire.request("POST", call.path, call.body, dict(call.headers))
            answer = wire.getresponse()
            body = answer.read()
            with lock:
                found.answers[answer.status] += 1
                found.waits_s.append(time.monotonic() - began)
                found.bodies.append(body)
        wire.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    began = time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found.took_s = time.monotonic() - began
    return found
