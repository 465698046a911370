"""The page on which a hospital hands in an order as a FHIR Bundle."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from vein2vein.core.ids import new_id
from vein2vein.core.refusals import N_, Refusal
from vein2vein.core.uploads import LARGEST_BYTES, Upload
from vein2vein.doors.pages import actor_of
from vein2vein.doors.parsing import parse_form
from vein2vein.doors.performing import perform, spec_of
from vein2vein.doors.presenting import problem
from vein2vein.doors.work import Menu, place
from vein2vein.exchange.actions import SENDERS
from vein2vein.exchange.api import receive

place("exchange:bundle", N_("Order as FHIR Bundle"), Menu.TREATMENT, roles=SENDERS)


@require_http_methods(["GET", "POST"])
def bundle(request: HttpRequest) -> HttpResponse:
    """Show the form, or take the Bundle in and go to the order it became."""
    by = actor_of(request)
    if request.method == "GET":
        return render(request, "exchange/bundle.html", {"key": str(new_id())})
    sent = request.FILES.get("bundle")
    raw = {} if sent is None else {"bundle": Upload(str(sent.name), sent.read(LARGEST_BYTES + 1))}
    try:
        arguments = parse_form(spec_of("exchange.receive_order_bundle").body, raw)
        answer = perform("exchange.receive_order_bundle", arguments, by=by, key=request.POST.get("_key") or None)
    except Refusal as refusal:
        context = {"key": str(new_id()), "problem": problem(refusal)}
        return render(request, "exchange/bundle.html", context, status=refusal.http_status)
    return redirect("orders:order", answer.body["order_id"])


urlpatterns = [path("orders/bundle", bundle, name="bundle"), path("fhir", receive, name="fhir")]
