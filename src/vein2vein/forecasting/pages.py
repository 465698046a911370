"""Pages of forecasting: what is said of every open course, how good it was, figures and studies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Role
from vein2vein.core.refusals import N_
from vein2vein.doors.pages import actor_of, offer
from vein2vein.doors.work import Menu, place
from vein2vein.forecasting import reads
from vein2vein.forecasting.drawing import bands

place("forecasting:forecasts", N_("Forecasts"), Menu.TREATMENT)
PLANT = frozenset(
    {Role.PLANNER, Role.SUPERVISOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON, Role.ADMINISTRATOR, Role.OPERATOR}
)


@require_GET
def forecasts(request: HttpRequest) -> HttpResponse:
    """Show the forecast of every open course that this person may see, and how good past ones were."""
    by = actor_of(request)
    found = reads.list_forecasts(limit=200, by=by)
    rows = bands(found, clock.now())
    context = {
        "rows": rows,
        "scale": next((drawn for _, drawn in rows if drawn is not None), None),
        "as_of": found[0].as_of if found else None,
        "model": found[0].model if found else "",
        "calibration": reads.get_calibration(by=by),
        "ask": offer("forecasting.ask_for_forecasts", by=by),
    }
    return render(request, "forecasting/forecasts.html", context)


urlpatterns = [path("forecasts", forecasts, name="forecasts")]
