"""Refusals become HTTP answers here, once."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from vein2vein.core.refusals import N_, Blocker, NotFound, Refusal, Refused, TooOften
from vein2vein.doors.presenting import problem

_log = logging.getLogger(__name__)


class RefusalMiddleware:
    """Turns a refusal that reached the top into problem+json (API) or a page, and a lost database into 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a refusal or a lost database; leave everything else to Django."""
        if isinstance(exception, Refusal):
            return answer(request, exception)
        if isinstance(exception, OperationalError | InterfaceError):
            _log.error("database not available", exc_info=exception)
            response = _unavailable(request)
            response["Retry-After"] = "5"
            return response
        return None


def _unavailable(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith("/api/"):
        return render(request, "doors/unavailable.html", status=503)
    blocker = Blocker(
        "doors.database_unavailable",
        N_("The database cannot be reached"),
        mend=N_(
            "Nothing was changed by what you just did. Wait some seconds and try again; if it stays, "
            "call the administrator and go on by the paper procedure."
        ),
    )
    body = problem(Refused(blocker)) | {"status": 503}
    return JsonResponse(body, status=503, content_type="application/problem+json")


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """Answer for an address at which there is nothing, in the form that the door speaks."""
    blocker = Blocker("doors.nothing_here", N_("There is nothing at this address"), "address", request.path[:200])
    return answer(request, NotFound(blocker))


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return a refusal in the form that the door speaks."""
    body = problem(refusal)
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse(body, status=refusal.http_status, content_type="application/problem+json")
    else:
        response = render(request, "doors/refused.html", {"problem": body}, status=refusal.http_status)
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.retry_after_s)
    return response
