"""How often one address and one token may ask: counted in PostgreSQL, so that all processes count together.

Failures lock a user name (django-axes). Here an address is slowed that tries many names, and a token that asks too
much; a clinic whose people share one address is not, because whoever gives the right secret costs it nothing but an
attempt. A count is kept for a fixed window in one of 65,536 places for its kind: the table cannot grow.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from vein2vein.core.refusals import N_, Blocker, TooOften
from vein2vein.doors.middleware import answer

_ADDRESS: ContextVar[str] = ContextVar("address of the request", default="")
COUNT = """
    INSERT INTO people_pace (key, began_at, count)
    VALUES (%(key)s, to_timestamp(floor(extract(epoch FROM clock_timestamp()) / %(window)s) * %(window)s), %(more)s)
    ON CONFLICT (key) DO UPDATE SET began_at = excluded.began_at,
        count = excluded.count + CASE WHEN people_pace.began_at = excluded.began_at THEN people_pace.count ELSE 0 END
    RETURNING count, ceil(extract(epoch FROM began_at) + %(window)s - extract(epoch FROM clock_timestamp()))::int
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `limit` in `window_seconds`; a process takes `share` at once, so that most requests ask no database."""

    kind: str
    limit: int
    window_seconds: int
    share: int = 1


@dataclass(slots=True)
class _Share:
    until: float
    left: int


_shares: dict[str, _Share] = {}
_lock = threading.Lock()


def take(pace: Pace, subject: str) -> int:
    """Count one more of `subject`; return 0, or after how many seconds it may ask again."""
    key = _key(pace, subject)
    with _lock:
        held = _shares.get(key)
        if held is not None and held.until > time.monotonic():
            if held.left > 0:
                held.left -= 1
                return 0
            if held.left < 0:
                return _seconds(held)
    taken, seconds = _count(pace, key, pace.share)
    allowed = max(0, pace.limit - (taken - pace.share))
    with _lock:
        if len(_shares) > 4096:
            _shares.clear()
        left = min(allowed, pace.share) - 1
        _shares[key] = _Share(time.monotonic() + max(1, seconds), left)
        return 0 if left >= 0 else _seconds(_shares[key])


def refuse_failing() -> None:
    """Raise `TooOften` where too many secrets given at the address of this request were wrong."""
    address = _ADDRESS.get()
    if not address:
        return
    pace = failures()
    failed, seconds = _count(pace, _key(pace, address), 0)
    if failed >= pace.limit:
        raise _too_often(max(1, seconds))


def count_failure() -> None:
    """Note a wrong secret given at the address of this request."""
    if address := _ADDRESS.get():
        pace = failures()
        _count(pace, _key(pace, address), 1)


def failures() -> Pace:
    """Return how many wrong secrets an address may give: at every door together."""
    return Pace("failed", settings.PACE_FAILURES, 900)


def _key(pace: Pace, subject: str) -> str:
    return f"{pace.kind}:{hashlib.sha256(subject.encode()).hexdigest()[:4]}"


def _count(pace: Pace, key: str, more: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key, "window": pace.window_seconds, "more": more})
        taken, seconds = cursor.fetchone()
    return int(taken), int(seconds)


def _seconds(share: _Share) -> int:
    return max(1, int(share.until - time.monotonic()) + 1)


def _too_often(seconds: int) -> TooOften:
    message, mend = N_("Too many requests from here"), N_("Wait %(seconds)s seconds and try again")
    return TooOften(Blocker("people.too_often", message, mend=mend, params={"seconds": str(seconds)}), seconds)


def address_of(request: HttpRequest) -> str:
    """Return who asks: the address of the connection or, where that is a trusted proxy, the one that it names.

    Of the forwarded addresses the last that is no trusted proxy counts: what stands before it anybody may have written.
    An IPv6 address counts by its network of 64 bits, which is what one customer is given.
    """
    found = _parsed(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while found is not None and _is_trusted(found) and forwarded:
        found = _parsed(forwarded.pop()) or found
    if found is None:
        return ""
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.strip().partition("%")[0].strip("[]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_trusted(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


class Pacing:
    """Answers 429 with Retry-After, as a page or problem+json, to an address or token that asks too often."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, with its address known to whoever counts failures, or refuse it."""
        address = address_of(request)
        token = _ADDRESS.set(address)
        try:
            wait = self._wait(request, address)
            return answer(request, _too_often(wait)) if wait else self.get_response(request)
        finally:
            _ADDRESS.reset(token)

    def _wait(self, request: HttpRequest, address: str) -> int:
        asked: list[tuple[Pace, str]] = []
        minute = 60
        if request.path.startswith("/api/"):
            share = max(1, settings.PACE_API_TOKEN // 200)
            asked.append((Pace("api-address", settings.PACE_API_ADDRESS, minute, share), address))
            if given := request.headers.get("Authorization"):
                asked.append((Pace("api-token", settings.PACE_API_TOKEN, minute, share), given))
        elif request.method == "POST" and request.path == settings.LOGIN_URL:
            asked.append((Pace("sign-in", settings.PACE_SIGN_INS, minute), address))
        try:
            return max((take(pace, subject) for pace, subject in asked), default=0)
        except DatabaseError:
            return 0  # whoever answers says that there is no database
