"""The end of a session that nobody uses."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from vein2vein.people import signing

SEEN = "v2v_seen"
LIVE = "X-Live"
"""The header by which a page says that it renews itself: that keeps no session alive."""
WRITTEN_EVERY_SECONDS = 15
"""So often at most a request is noted; more would write the session at every click."""


def left_seconds(request: HttpRequest) -> int:
    """Return after how many seconds the request's session ends if nobody does anything; 0 when it has ended."""
    if not request.user.is_authenticated:
        return 0
    now = time.time()
    idle = settings.SESSION_IDLE_SECONDS - (now - float(request.session.get(SEEN, now)))
    return max(0, int(min(idle, request.session.get_expiry_age())))


class IdleTimeout:
    """Signs a person out who has not been seen for SESSION_IDLE_SECONDS of real time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """End an idle session, with what was signed in it, or note that somebody is there; then pass on."""
        if request.user.is_authenticated:
            now = time.time()
            seen = request.session.get(SEEN)
            if seen is not None and now - float(seen) > settings.SESSION_IDLE_SECONDS:
                signing.end_session(request.session.session_key or "")
                logout(request)
            elif request.headers.get(LIVE):
                pass  # the page looks by itself: nobody has touched it
            elif seen is None or now - float(seen) > min(WRITTEN_EVERY_SECONDS, settings.SESSION_IDLE_SECONDS / 4):
                request.session[SEEN] = now
        return self.get_response(request)
