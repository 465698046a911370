"""The one page through which every action is performed: a form made from its signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args, get_origin, get_type_hints

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_, Blocker, Refusal, Refused
from vein2vein.core.uploads import LARGEST_BYTES, Upload
from vein2vein.doors import pages
from vein2vein.doors.labels import title
from vein2vein.doors.parsing import parse_form
from vein2vein.doors.performing import perform, spec_of
from vein2vein.doors.presenting import problem
from vein2vein.journal import ActionSpec, LateEntry
from vein2vein.people import signing
from vein2vein.web.access import signed_in
from vein2vein.web.beginning import is_id
from vein2vein.web.signing_in import safe_back
from vein2vein.web.subjects import subjects_of


@sensitive_post_parameters("_secret", "_witness_secret")
@require_http_methods(["GET", "POST"])
@signed_in
def act(request: HttpRequest, action: str) -> HttpResponse:
    """Show the form of `action` (GET, with values from the query), or perform it and go back (POST)."""
    by = pages.actor_of(request)
    spec = spec_of(action)
    back = safe_back(request, request.POST.get("_back") or request.GET.get("_back"))
    if request.method == "GET":
        back = safe_back(request, request.GET.get("_back") or request.headers.get("Referer"))
        asked = {name: value for name, value in request.GET.items() if not name.startswith("_")}
        given = {name: value for name, value in asked.items() if is_id(get_type_hints(spec.body).get(name))}
        offered = pages.offer(action, by=by, given=given, shows=asked)
        context = {"offer": offered, "back": back, "subjects": subjects_of(given, by)}
        return render(request, "web/act.html", context)
    raw = _raw(spec, request)
    try:
        arguments = parse_form(spec.body, raw)
        signer, witness = _signed(request, spec, arguments, by)
        late = _late(request, spec, arguments)
        answer = perform(action, arguments, by=signer, witness=witness, key=request.POST.get("_key") or None, late=late)
    except Refusal as refusal:
        context = {"problem": problem(refusal), "offer": _again(spec, request, raw, by), "back": back}
        return render(request, "doors/refused.html", context, status=refusal.http_status)
    done = gettext("Done already, shown again: %(what)s") if answer.replayed else gettext("Done: %(what)s")
    codes = [one.code for one in subjects_of(raw, by)]
    messages.success(request, done % {"what": " · ".join([gettext(title(spec.verb)), *codes])})
    return redirect(back)


def _again(spec: ActionSpec, request: HttpRequest, raw: Mapping[str, Any], by: Actor) -> pages.Offer:
    """Return the form as it was sent: the same fields with what was entered, the rest given as it was."""
    typed = {name: value for name, value in raw.items() if not isinstance(value, Upload)}
    hints = get_type_hints(spec.body)
    names = set(request.POST.get("_fields", "").split()) or {name for name in raw if not is_id(hints.get(name))}
    given = {name: value for name, value in typed.items() if name not in names}
    whole = pages.offer(spec.name, by=by, given=given, shows=typed)
    fields = tuple(one for one in whole.fields if one.name in names)
    return replace(whole, fields=fields, witnessed=whole.witnessed if "_witness" in request.POST else "")


def _raw(spec: ActionSpec, request: HttpRequest) -> dict[str, Any]:
    hints = get_type_hints(spec.body)
    found: dict[str, Any] = {}
    for name, value in request.POST.items():
        if name.startswith("_") or name == "csrfmiddlewaretoken":
            continue
        is_list = get_origin(hints.get(name)) in (list, tuple) or any(
            get_origin(one) in (list, tuple) for one in get_args(hints.get(name))
        )
        found[name] = [line.strip() for line in str(value).splitlines() if line.strip()] if is_list else value
    for name, file in request.FILES.items():
        if not isinstance(file, list):
            found[str(name)] = Upload(str(file.name), file.read(LARGEST_BYTES + 1))
    return found


def _signed(
    request: HttpRequest, spec: ActionSpec, arguments: Mapping[str, Any], by: Actor
) -> tuple[Actor, Actor | None]:
    """Return the actor carrying a grant where the action is signed, and the witness where it is witnessed."""
    session = request.session.session_key or ""
    if spec.signed is not None:
        by = signing.sign(
            by,
            username=request.POST.get("_signer", ""),
            secret=request.POST.get("_secret", ""),
            action=spec.name,
            arguments=arguments,
            session=session,
        )
    witness = None
    if spec.witnessed is not None and request.POST.get("_witness"):
        witness = signing.witness(
            request.POST["_witness"],
            secret=request.POST.get("_witness_secret", ""),
            action=spec.name,
            arguments=arguments,
            session=session,
        )
    return by, witness


def _late(request: HttpRequest, spec: ActionSpec, arguments: Mapping[str, Any]) -> LateEntry | None:
    """Return what makes an act a late entry, where the form names a time: when, why only now, and who saw it."""
    given = request.POST.get("_performed_at", "")
    if not given:
        return None
    try:
        performed_at = datetime.fromisoformat(given)
    except ValueError:
        mend = N_("Give the time at which it was done")
        raise Refused(Blocker("web.no_time", N_("This is not a time"), "performed_at", given[:40], mend)) from None
    if timezone.is_naive(performed_at):
        performed_at = timezone.make_aware(performed_at)
    witness = signing.witness(
        request.POST.get("_witness", ""),
        secret=request.POST.get("_witness_secret", ""),
        action=spec.name,
        arguments=arguments,
        session=request.session.session_key or "",
    )
    return LateEntry(performed_at, request.POST.get("_late_reason", ""), witness)
