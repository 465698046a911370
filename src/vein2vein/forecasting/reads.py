"""Reading forecasts, their calibration, figures: get_ (one, or `NotFound`), find_ (maybe none), list_."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, models

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import CoiId, OrderId
from vein2vein.core.records import parsed, text_of
from vein2vein.core.records import read as record_of
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.doors.reading import page, read
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.outcomes import StudyResult
from vein2vein.engines.twin.scoring import Realised, Score, score
from vein2vein.engines.twin.widening import LEADS, Widening, lead_of, widenings
from vein2vein.forecasting import rules
from vein2vein.forecasting.assumed import COUNTS
from vein2vein.forecasting.modelling import live_base
from vein2vein.forecasting.models import FigureSetting, Forecast, ModelVersion, Progress, StudyRun
from vein2vein.forecasting.models import Study as Study  # noqa: PLC0414 - commands name the row that they show
from vein2vein.forecasting.sources import in_chinese
from vein2vein.forecasting.states import SettingState
from vein2vein.network import reads as network
from vein2vein.network.states import SiteKind
from vein2vein.orders import reads as orders
from vein2vein.orders.states import ENDED, OrderState
from vein2vein.people.states import BASE_ROLES

PLANT_ROLES = BASE_ROLES


def plant() -> Any:
    """Return the manufacturing site whose stream carries what this context does."""
    return network.list_sites_of_kind(SiteKind.MANUFACTURING)[0]


def kept_figures() -> dict[str, Figure]:
    """Return the figures that somebody set and that still stand, with reason and name as their source."""
    found = {}
    for row in FigureSetting.objects.filter(state=SettingState.STANDING):
        made = record_of(Figure, parsed(row.value) | {"source": f"{row.reason} ({row.set_by_name})"})
        found[row.name] = made
    return found


@dataclass(frozen=True, slots=True)
class ForecastView:
    """What was said last of a course's infusion: median, 80 % interval, how likely, when, by which model."""

    order_code: str
    as_of: datetime
    stage: str
    chance: float
    p10_at: datetime | None
    p50_at: datetime | None
    p90_at: datetime | None
    model: str
    replications: int
    happened_at: datetime | None


def _view(row: Forecast) -> ForecastView:
    return ForecastView(
        order_code=row.order.code,
        as_of=row.as_of,
        stage=row.stage,
        chance=row.chance,
        p10_at=row.p10_at,
        p50_at=row.p50_at,
        p90_at=row.p90_at,
        model=row.model.digest[:12],
        replications=row.replications,
        happened_at=row.happened_at,
    )


def _newest_first(**given: Any) -> Any:
    rows = Forecast.objects.select_related("order", "model").defer("model__document", "model__learnt")
    return rows.filter(**given).order_by("-as_of", "-id")


def find_forecast_of_chain(coi_id: UUID) -> ForecastView | None:
    """Return what was said last of a chain of identity's infusion, or None."""
    row = _newest_first(order__coi_id=coi_id).first()
    return None if row is None else _view(row)


def find_forecast_of_order(order_id: UUID) -> ForecastView | None:
    """Return what was said last of an order's infusion, or None."""
    row = _newest_first(order_id=order_id).first()
    return None if row is None else _view(row)


@read("forecasting.list_forecasts_of")
def list_forecasts_of(
    *, order_id: OrderId, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[ForecastView]:
    """Return what was said of an order's infusion, newest first."""
    order = orders.get_order(order_id=order_id, by=by)
    rows = _newest_first(order_id=order.pk)
    last = None if after is None else Forecast.objects.filter(pk=after).values_list("as_of", flat=True).first()
    if last is not None:
        rows = rows.filter(as_of__lt=last)
    return [_view(row) for row in rows[: min(max(limit, 1), 500)]]


@read("forecasting.list_forecasts")
def list_forecasts(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[ForecastView]:
    """Return the last forecast of every open course that the actor may see, the next infusion first."""
    del after
    seen = orders.orders_seen(by).values("pk")
    newest = Forecast.objects.filter(order_id__in=seen, happened_at__isnull=True, as_of__gte=newest_as_of())
    rows = newest.select_related("order", "model").defer("model__document", "model__learnt")
    found = [_view(row) for row in rows.order_by("p50_at", "order__code")]
    return found[: min(max(limit, 1), 500)]


def newest_as_of() -> datetime:
    """Return the time of the last forecasts; a time long past where there are none."""
    row = Forecast.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    return datetime.min.replace(tzinfo=clock.now().tzinfo) if row is None else row


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good past forecasts were, all together and by how long before the infusion they were made.

    `widenings` correct the next ones; `bare` says how the same time's forecasts were before any correction.
    """

    whole: Score
    by_lead: tuple[tuple[str, Score], ...]
    bare: Score
    widenings: tuple[Widening, ...] = ()


YEAR = timedelta(days=365)


@read("forecasting.get_calibration")
def get_calibration(*, by: Actor) -> Calibration:
    """Return how often what happened lay within the 80 % interval, and how far off the middle was."""
    now = clock.now()
    past = realised(now, journal.system("twin"), bare=True)
    return calibration(realised(now, by), realised(now, by, bare=True), widenings(past))


def realised(at: datetime, by: Actor, *, bare: bool = False) -> list[Realised]:
    """Return a year's forecasts whose interval is over: so, what is slow to come counts as much as what was quick.

    `bare` ones are as they were before any correction.
    """
    low, high = ("bare_p10_at", "bare_p90_at") if bare else ("p10_at", "p90_at")
    rows = Forecast.objects.filter(
        as_of__gt=at - YEAR, order_id__in=orders.orders_seen(by).values("pk"), **{f"{high}__lte": at}
    )
    over = rows.filter(models.Q(happened_at__isnull=False) | ~models.Q(order__state__in=[*ENDED, OrderState.INFUSED]))
    columns = ("order__code", "as_of", low, "p50_at", high, "happened_at")
    return [
        Realised(name=code, as_of=as_of, p10=p10, p50=p50, p90=p90, happened_at=happened_at or at)
        for code, as_of, p10, p50, p90, happened_at in over.order_by("as_of", "id").values_list(*columns)
    ]


def calibration(said: list[Realised], bare: list[Realised], next_ones: tuple[Widening, ...] = ()) -> Calibration:
    """Return the calibration of forecasts that can be scored, as they were said and as they were before correction."""
    parts: dict[str, list[Realised]] = defaultdict(list)
    for one in said:
        if one.p50 is not None:
            parts[lead_of(one.as_of, one.p50)].append(one)
    by_lead = tuple((name, score(parts[name])) for _, name in LEADS if parts[name])
    return Calibration(score(said), by_lead, score(bare), next_ones)


def something_happened_since(at: datetime) -> bool:
    """Say whether anything but forecasts was journalled after a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT recorded_at FROM journal_entry WHERE fact NOT LIKE 'forecasting.%%' ORDER BY id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return row is not None and row[0] > at


def newest_model() -> ModelVersion | None:
    """Return the model of the last forecasts, or None."""
    row = Forecast.objects.select_related("model").order_by("-as_of").first()
    return None if row is None else row.model


def may_see_chain(coi_id: UUID, by: Actor) -> bool:
    """Say whether the actor may see a chain's course."""
    return orders.orders_seen(by).filter(coi_id=CoiId(coi_id)).exists()


def get_study(study_id: UUID) -> Study:
    """Return a study, or raise `NotFound`."""
    found = Study.objects.filter(pk=study_id).first()
    if found is None:
        raise NotFound(
            Blocker("forecasting.no_study", N_("There is no such study"), field="study", value=str(study_id))
        )
    return found


def find_study(code: str) -> Study | None:
    """Return the study of a code, or None."""
    return Study.objects.filter(code=code.strip().upper()).first()


def find_run(study_id: UUID) -> StudyRun | None:
    """Return a study's run, or None."""
    return StudyRun.objects.select_related("study").filter(study_id=study_id).order_by("-asked_at", "-id").first()


def get_run(run_id: UUID) -> StudyRun:
    """Return a run with its study, or raise `NotFound`."""
    found = StudyRun.objects.select_related("study").filter(pk=run_id).first()
    if found is None:
        raise NotFound(Blocker("forecasting.no_run", N_("There is no such run"), field="study", value=str(run_id)))
    return found


def progress_of(run: StudyRun) -> tuple[int, int]:
    """Return how many replications of a run are done, of how many."""
    row = Progress.objects.filter(run_id=run.pk).first()
    return (0, 0) if row is None else (row.done, row.everything)


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study as lists show it: what was asked, by whom, how far it is."""

    id: UUID
    code: str
    name: str
    digest: str
    saved_at: datetime
    saved_by: str
    state: str
    done: int
    everything: int


@read("forecasting.list_studies", roles=PLANT_ROLES)
def list_studies(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[StudyView]:
    """Return the saved studies, newest first."""
    rows = page(Study.objects.defer("document"), limit, after, newest=True)
    return [_study_view(row) for row in rows]


def _study_view(row: Study) -> StudyView:
    run = find_run(row.pk)
    done, everything = (0, 0) if run is None else progress_of(run)
    return StudyView(
        id=row.pk,
        code=row.code,
        name=row.name,
        digest=row.digest[:12],
        saved_at=row.saved_at,
        saved_by=row.saved_by_name,
        state="" if run is None else run.state,
        done=done,
        everything=everything,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a study asks, without its whole model."""

    model: str
    seed: int
    replications: int
    patients_per_year: float
    variants: tuple[tuple[str, int], ...]


def asked_of(study: Study) -> Asked:
    """Return what a study asks: its base's digest and patients, and each variant with its number of changes."""
    raw = parsed(study.document)
    demand = raw["base"].get("demand", [])
    return Asked(
        model=sha256(text_of(raw["base"]).encode()).hexdigest()[:12],
        seed=int(raw.get("seed", 1)),
        replications=int(raw.get("replications", 100)),
        patients_per_year=sum(float(one["patients_per_year"]) for one in demand),
        variants=tuple((str(one["name"]), len(one["changes"])) for one in raw["variants"]),
    )


@read("forecasting.get_study_result", roles=PLANT_ROLES)
def get_study_result(*, study_id: UUID, by: Actor) -> StudyResult:
    """Return what a study found: measures, differences to the base on the same luck, intervals, bottlenecks."""
    run = find_run(get_study(study_id).pk)
    if run is None or not run.result:
        raise NotFound(
            Blocker(
                "forecasting.no_result",
                N_("This study has not been carried out yet"),
                field="study",
                value=str(study_id),
                mend=N_("Carry it out first"),
            )
        )
    return record_of(StudyResult, parsed(run.result))


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure of the model: what it is without learning, whence, what was learned, and what was set.

    `source_zh` is empty for a source that somebody wrote in one language. `mean` is what was learned, with its 95 %
    interval; `before` what it was. Texts are as `rules.shown_value` writes.
    """

    name: str
    unit: str
    value: str
    source: str
    source_zh: str
    seen: int
    before: float | None
    mean: float | None
    low: float | None
    high: float | None
    set_value: str
    set_reason: str
    set_by: str
    set_at: datetime | None


@read("forecasting.list_figures", roles=PLANT_ROLES)
def list_figures(*, limit: int = 500, after: UUID | None = None, by: Actor) -> list[FigureView]:
    """Return every figure of the live base's model that may be edited, by name, with source and what was learned."""
    del after
    base = live_base(clock.now())
    newest = newest_model()
    learnt = {} if newest is None else {str(one["figure"]): one for one in parsed(newest.learnt)}
    standing = {row.name: row for row in FigureSetting.objects.filter(state=SettingState.STANDING)}
    known = {name: one for name, one in base.figures.items() if name in base.model.figures or name in COUNTS}
    rows = [
        _figure(name, one, learnt.get(name), standing.get(name))
        for name, one in sorted(known.items())
        if name not in rules.NOT_SET
    ]
    return rows[: min(max(limit, 1), 500)]


def _figure(name: str, one: Figure, learnt: Mapping[str, Any] | None, standing: FigureSetting | None) -> FigureView:
    told = {} if learnt is None else learnt.get("estimate", {})
    kept = None if standing is None else record_of(Figure, parsed(standing.value) | {"source": ""})
    return FigureView(
        name=name,
        unit=one.unit,
        value=rules.shown_value(one),
        source=one.source,
        source_zh=in_chinese(one.source),
        seen=0 if learnt is None else int(learnt["seen"]),
        before=told.get("before"),
        mean=told.get("mean"),
        low=told.get("low"),
        high=told.get("high"),
        set_value="" if kept is None else rules.shown_value(kept),
        set_reason="" if standing is None else standing.reason,
        set_by="" if standing is None else standing.set_by_name,
        set_at=None if standing is None else standing.set_at,
    )
