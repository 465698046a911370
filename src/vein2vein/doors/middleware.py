"""Refusals become HTTP answers here, once."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from vein2vein.core.refusals import N_, Blocker, NotAllowed, NotFound, Refusal, Refused, TooOften
from vein2vein.doors.pages import SIGNED_OUT
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
            return _unavailable(request, exception)
        return None


UNAVAILABLE = Blocker(
    "doors.database_unavailable",
    N_("The database cannot be reached"),
    mend=N_(
        "Nothing was changed by what you just did. Wait some seconds and try again; if it stays, "
        "call the administrator and go on by the paper procedure."
    ),
)
FULL = Blocker(
    "doors.disk_full",
    N_("The disk of the database is full"),
    mend=N_(
        "Nothing was changed, and nothing can be recorded before there is room: call the administrator and go on by "
        "the paper procedure."
    ),
)
BUSY = Blocker(
    "doors.too_busy",
    N_("Too many are at work in this moment"),
    mend=N_("Nothing was changed. Wait some seconds and try again."),
)

FAILED = Blocker(
    "doors.failed",
    N_("Something went wrong here"),
    mend=N_(
        "Nothing was changed by what you just did. Try once more; if it happens again, tell the administrator what you "
        "did and when: the log has the rest."
    ),
)
STALE = Blocker(
    "doors.page_too_old",
    N_("This page is older than your session"),
    mend=N_(
        "You signed in or out since it was opened, or the session ended. Open the page again, and enter it once more."
    ),
)


ENDED = Blocker(
    "doors.session_ended",
    N_("Your session ended before this was sent"),
    mend=N_("Nothing was recorded of what you typed. Sign in: you come back to the page, and enter it there again."),
)


def came_from(request: HttpRequest) -> str:
    """Return the page of this site on which a form was filled, with its query string, as a path; "/" where none told.

    A form that was refused once stands at the address of its act, which lacks what the form is about: there the page
    counts to which the form itself leads back.
    """
    there = urlsplit(request.headers.get("Referer", ""))
    path = urlunsplit(("", "", there.path, there.query, "")) if there.netloc == request.get_host() else ""
    back = request.POST.get("_back", "")
    if back and (not path or path == request.path):
        path = back
    return path if path.startswith("/") and not path.startswith("//") else "/"


def signed_out(request: HttpRequest) -> HttpResponse:
    """Answer for a page that wants somebody signed in: a look goes on after signing in, a form says that it is lost."""
    if request.method in ("GET", "HEAD"):
        return redirect(f"/sign-in?{urlencode({'next': request.get_full_path()})}")
    body = problem(NotAllowed(ENDED))
    there = f"/sign-in?{urlencode({'next': came_from(request)})}"
    return render(request, "doors/refused.html", {"problem": body, "sign_in": there}, status=403)


def _reason(exception: BaseException) -> Blocker:
    """Return what a lost database means to who asked; PostgreSQL tells it by the code of the error."""
    cause = exception.__cause__
    code = str(getattr(cause, "sqlstate", None) or "")
    if code == "53100":
        return FULL
    # A connection that the server refuses carries no code, only its words.
    refused = any(words in str(cause) for words in ("too many connections", "connection slots are reserved"))
    if refused or code.startswith("53") or type(cause).__name__ in ("PoolTimeout", "TooManyRequests"):
        return BUSY
    return UNAVAILABLE


def _unavailable(request: HttpRequest, exception: BaseException) -> HttpResponse:
    _log.error("database not available", exc_info=exception)
    body = problem(Refused(_reason(exception))) | {"status": 503, "title": gettext("Not available")}
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse(body, status=503, content_type="application/problem+json")
    else:
        # Without the request: the frame of a page asks the database who is signed in.
        response = _bare(request, body)
    response["Retry-After"] = "5"
    return response


def _bare(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """Return a page that asks nothing of the database."""
    context = {"problem": body, "language": get_language(), "again": request.path if request.method == "GET" else "/"}
    return HttpResponse(render_to_string("doors/unavailable.html", context), status=body["status"])


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for an error that no view could answer for, such as a database lost before one was reached."""
    exception = sys.exc_info()[1]
    if isinstance(exception, OperationalError | InterfaceError):
        return _unavailable(request, exception)
    body = problem(Refused(FAILED)) | {"status": 500, "title": gettext("Something went wrong")}
    if request.path.startswith("/api/"):
        return JsonResponse(body, status=500, content_type="application/problem+json")
    return _bare(request, body)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer for a form that this session did not give out: its page is older than the session, or of another site."""
    _log.warning("form refused at %s: %s", request.path, reason)
    return answer(request, NotAllowed(STALE))


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """Answer for an address at which there is nothing, in the form that the door speaks."""
    blocker = Blocker("doors.nothing_here", N_("There is nothing at this address"), "address", request.path[:200])
    return answer(request, NotFound(blocker))


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return a refusal in the form that the door speaks; who is signed out is led to the page after signing in."""
    body = problem(refusal)
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse(body, status=refusal.http_status, content_type="application/problem+json")
    elif any(one.code == SIGNED_OUT.code for one in refusal.blockers):
        return signed_out(request)
    else:
        context = {"problem": body, "back": came_from(request) if refusal.blockers[0] is STALE else ""}
        response = render(request, "doors/refused.html", context, status=refusal.http_status)
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.retry_after_s)
    return response
