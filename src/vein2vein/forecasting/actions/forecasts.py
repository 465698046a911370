"""Asking for forecasts, and keeping what was said."""

from __future__ import annotations

import json
from datetime import datetime

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.records import parsed, plain, read
from vein2vein.engines.twin import model_to_json
from vein2vein.forecasting.facts import ForecastsAsked, ForecastsMade
from vein2vein.forecasting.models import Forecast, ModelVersion
from vein2vein.forecasting.reads import kept_figures, plant, realised
from vein2vein.forecasting.rules import digest_of
from vein2vein.forecasting.told import Said

ASKING = (Role.PLANNER, Role.SUPERVISOR, Role.COORDINATOR, Role.PHYSICIAN, Role.QA_REVIEWER)


@journal.action("forecasting.ask_for_forecasts", roles=set(ASKING))
def ask_for_forecasts(*, by: Actor) -> ForecastsAsked:
    """Ask that the infusion dates of all open courses be forecast anew now; it is done beside, within a minute."""
    from vein2vein.forecasting.tasks import make_forecasts

    site = plant()
    asked = ForecastsAsked(site=site.code)
    journal.record(asked, stream=f"site:{site.pk}", refs=[f"account:{by.account_id}"])
    make_forecasts.defer()
    return asked


@journal.action("forecasting.keep_forecasts")
def keep_forecasts(
    *, as_of: datetime, model: str, learnt: str, observations: int, told: str, replications: int, seed: int, by: Actor
) -> ModelVersion:
    """Keep what was said of all open courses, of each day and stage of a course the last.

    `model`, `learnt` (a list of `Learnt`) and `told` (a list of `Told`) are JSON texts.
    """
    site = plant()
    version = ModelVersion.objects.filter(digest=digest_of(model)).first()
    if version is None:
        version = ModelVersion(
            digest=digest_of(model),
            document=model,
            learnt=learnt,
            observations=observations,
            made_at=journal.current().at,
        )
        ModelVersion.objects.bulk_create([version])
    said = read(Said, {"told": parsed(told)}).told
    rows = [
        Forecast(
            order_id=one.order_id,
            model=version,
            as_of=as_of,
            day=as_of.date(),
            stage=one.stage,
            chance=one.chance,
            p10_at=one.p10,
            p50_at=one.p50,
            p90_at=one.p90,
            bare_p10_at=one.bare_p10,
            bare_p90_at=one.bare_p90,
            widened_by=one.widened_by,
            widened_from=one.widened_from,
            seed=seed,
            replications=replications,
        )
        for one in said
    ]
    Forecast.objects.bulk_create(rows, update_conflicts=True, unique_fields=_KEY, update_fields=_TOLD)
    journal.record(
        ForecastsMade(
            site=site.code,
            model=version.digest[:12],
            as_of=as_of,
            courses=len(said),
            replications=replications,
            seed=seed,
            told=digest_of(told),
        ),
        stream=f"site:{site.pk}",
    )
    return version


_KEY = ("order", "stage", "day")
_TOLD = (
    "model", "as_of", "chance", "p10_at", "p50_at", "p90_at", "bare_p10_at", "bare_p90_at", "widened_by",
    "widened_from", "seed", "replications",
)  # fmt: skip


def make(at: datetime | None = None, *, replications: int = 200) -> ModelVersion:
    """Make the forecasts of a time (now, unless told) and keep them; the simulation runs outside of any deed."""
    from django.conf import settings

    from vein2vein.engines.twin.clusters import workers_from
    from vein2vein.forecasting.foretelling import foretell, learnt_as_json

    at = at or clock.now()
    foretold = foretell(
        at,
        kept_figures(),
        realised(at, journal.system("twin"), bare=True),
        replications=replications,
        workers=workers_from(settings.TWIN_WORKERS),
    )
    return keep_forecasts(
        as_of=foretold.as_of,
        model=model_to_json(foretold.model),
        learnt=json.dumps(learnt_as_json(foretold.learnt)),
        observations=foretold.observations,
        told=json.dumps([plain(one) for one in foretold.told]),
        replications=foretold.replications,
        seed=foretold.seed,
        by=journal.system("twin"),
    )
