"""Times are shown, and typed, in the zone of the person's site."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class SiteZone:
    """Puts each request into the zone of the employer of who is signed in; UTC for everyone else and for the API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request in its zone."""
        user = request.user
        if not user.is_authenticated or user.employer is None or request.path.startswith("/api/"):
            return self.get_response(request)
        with timezone.override(ZoneInfo(user.employer.zone)):
            return self.get_response(request)
