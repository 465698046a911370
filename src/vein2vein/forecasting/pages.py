"""Pages of forecasting: what is said of every open course, how good it was, figures and studies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.doors.pages import actor_of, offer
from vein2vein.doors.performing import spec_of
from vein2vein.doors.work import Menu, place
from vein2vein.forecasting import reads, rules
from vein2vein.forecasting.asking import QUESTIONS
from vein2vein.forecasting.drawing import bands, charts, held_chart, utilisation_charts
from vein2vein.forecasting.states import UNDER_WAY

place("forecasting:forecasts", N_("Forecasts"), Menu.TREATMENT)
place("forecasting:figures", N_("Figures of the model"), Menu.BASE, roles=reads.PLANT_ROLES)
place("forecasting:studies", N_("Studies"), Menu.BASE, roles=reads.PLANT_ROLES)
SET = "forecasting.set_figure"


@require_GET
def forecasts(request: HttpRequest) -> HttpResponse:
    """Show the forecast of every open course that this person may see, and how good past ones were."""
    by = actor_of(request)
    found = reads.list_forecasts(limit=200, by=by)
    rows = bands(found, clock.now())
    calibration = reads.get_calibration(by=by)
    context = {
        "rows": rows,
        "scale": next((drawn for _, drawn in rows if drawn is not None), None),
        "as_of": found[0].as_of if found else None,
        "model": found[0].model if found else "",
        "calibration": calibration,
        "held": held_chart(calibration),
        "ask": offer("forecasting.ask_for_forecasts", by=by),
    }
    return render(request, "forecasting/forecasts.html", context)


@require_GET
def studies(request: HttpRequest) -> HttpResponse:
    """List the saved studies, and offer to save another one of this base as it is now."""
    by = actor_of(request)
    context = {
        "studies": reads.list_studies(limit=100, by=by),
        "questions": list(QUESTIONS),
        "save": offer("forecasting.save_study", by=by, given={"questions": [], "file": None}),
    }
    return render(request, "forecasting/studies.html", context)


@require_GET
def study(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Show a study: what it asks, how far it is, and what it found, drawn."""
    by = actor_of(request)
    found = reads.get_study(study_id)
    run = reads.find_run(found.pk)
    under_way = run is not None and run.state in UNDER_WAY
    done, everything = (0, 0) if run is None else reads.progress_of(run)
    blockers = rules.run_blockers(None if run is None else run.state)
    offers = [offer("forecasting.run_study", by=by, given={"study_id": found.pk})] if not blockers else []
    if under_way:
        offers.append(offer("forecasting.cancel_study", by=by, given={"study_id": found.pk}))
    context: dict[str, Any] = {
        "study": found,
        "run": run,
        "offers": offers,
        "under_way": under_way,
        "done": done,
        "everything": everything,
        "share": done / everything if everything else 0.0,
        "asked": reads.asked_of(found),
    }
    if run is not None and run.result:
        result = reads.get_study_result(study_id=found.pk, by=by)
        context |= {"result": result, "charts": charts(result), "used": utilisation_charts(result)}
    return render(request, "forecasting/study.html", context)


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """List every figure of the model with its source, what was learned and what was set."""
    by = actor_of(request)
    context = {"figures": reads.list_figures(limit=500, by=by), "may_set": by.has_any(spec_of(SET).roles)}
    return render(request, "forecasting/figures.html", context)


@require_GET
def figure(request: HttpRequest) -> HttpResponse:
    """Show one figure, and offer to set it or let it go again."""
    by = actor_of(request)
    name = request.GET.get("name", "")
    found = next((one for one in reads.list_figures(limit=500, by=by) if one.name == name), None)
    if found is None:
        raise NotFound(Blocker("forecasting.no_figure", N_("The model has no such figure"), "figure", name[:80]))
    offers = [offer(SET, by=by, given={"figure": name}, shows={"value": found.set_value or found.value})]
    if found.set_value:
        offers.append(offer("forecasting.restore_figure", by=by, given={"figure": name}))
    return render(request, "forecasting/figure.html", {"figure": found, "offers": offers})


urlpatterns = [
    path("figures", figures, name="figures"),
    path("figures/one", figure, name="figure"),
    path("forecasts", forecasts, name="forecasts"),
    path("studies", studies, name="studies"),
    path("studies/<uuid:study_id>", study, name="study"),
]
