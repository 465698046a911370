"""Signing in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vein2vein.people import pacing
from vein2vein.people.sessions import left_seconds
from vein2vein.people.signing import named


def safe_back(request: HttpRequest, wanted: str | None) -> str:
    """Return `wanted` when it is a page of this site, else the home page."""
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return "/"


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or sign in; five failures lock the account for a quarter of an hour."""
    back = request.POST.get("next") or request.GET.get("next")
    said = ""
    if request.method == "POST":
        pacing.refuse_failing()
        user = authenticate(
            request, username=named(request.POST.get("username", "")), password=request.POST.get("password", "")
        )
        if user is not None:
            login(request, user)
            return redirect(safe_back(request, back))
        pacing.count_failure()
        said = gettext(
            "User name and password do not fit, or the account is locked. After %(limit)d failures it is locked for a "
            "while; an administrator can help."
        ) % {"limit": settings.AXES_FAILURE_LIMIT}
    return render(request, "web/sign_in.html", {"next": back or "/", "said": said}, status=403 if said else 200)


@require_GET
@never_cache
def session(request: HttpRequest) -> JsonResponse:
    """Say for how many seconds the session stands, whose it is, and the token that its forms carry.

    Asked with the header that says a page looks by itself it keeps nothing alive; asked without, somebody is there.
    """
    user = request.user
    who = str(user.pk) if user.is_authenticated else ""
    token = get_token(request) if user.is_authenticated else ""
    return JsonResponse({"left_s": left_seconds(request), "who": who, "token": token})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and with it the controlled session of signing."""
    logout(request)
    return redirect("/sign-in")
