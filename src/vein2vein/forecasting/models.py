"""Figures that were set, models by their digest, forecasts, studies and their runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.forecasting import states


class FigureSetting(models.Model):
    """A figure of the model as somebody set it, in place of what is assumed or learned; `value` is JSON text."""

    transitions: ClassVar[Transitions] = states.SETTING

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    value = models.TextField()
    unit = models.TextField()
    reason = models.TextField()
    state = models.TextField(default=states.SettingState.STANDING)
    set_at = models.DateTimeField()
    set_by = models.UUIDField()
    set_by_name = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(state="standing"), name="forecasting_setting_one_stands"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="forecasting_setting_reasoned"),
        ]


class ModelVersion(models.Model):
    """A model that forecasts follow from, as JSON text, with what was learned for it.

    Apart from the fold: it follows from journal, definitions and settings; its digest proves it.
    """

    journal_apart = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.TextField(unique=True)
    document = models.TextField()
    learnt = models.TextField()
    observations = models.IntegerField()
    made_at = models.DateTimeField()


class Forecast(models.Model):
    """What was said of one course's infusion at one time; of each day and stage the last is kept.

    A time is None when it lies beyond the days simulated. `bare_p10_at` and `bare_p90_at` are what the futures gave:
    both halves of the interval were lengthened by `widened_by` of themselves, learned from the forecasts of
    `widened_from` courses that were scored by then. Apart from the fold: it follows from model, seed, the journal up to
    `as_of` and the forecasts before it; the entry of its run carries the digest of all that was said.
    """

    journal_apart = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateTimeField()
    day = models.DateField()
    stage = models.TextField()
    chance = models.FloatField()
    p10_at = models.DateTimeField(null=True)
    p50_at = models.DateTimeField(null=True)
    p90_at = models.DateTimeField(null=True)
    bare_p10_at = models.DateTimeField(null=True)
    bare_p90_at = models.DateTimeField(null=True)
    widened_by = models.FloatField(default=0.0)
    widened_from = models.IntegerField(default=0)
    seed = models.BigIntegerField()
    replications = models.IntegerField()
    happened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "stage", "day"], name="forecasting_forecast_once_a_day"),
            models.CheckConstraint(condition=Q(chance__gte=0.0, chance__lte=1.0), name="forecasting_forecast_chance"),
            models.CheckConstraint(
                condition=Q(p50_at__isnull=True) | Q(p50_at__gte=F("p10_at")), name="forecasting_forecast_ordered"
            ),
        ]
        indexes = [models.Index(fields=["order", "as_of"], name="forecasting_forecast_order")]


class Study(models.Model):
    """A what-if study as it was saved: `document` is its whole JSON text, `digest` that of what follows from it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    name = models.TextField()
    document = models.TextField()
    digest = models.TextField()
    saved_at = models.DateTimeField()
    saved_by = models.UUIDField()
    saved_by_name = models.TextField()


class StudyRun(models.Model):
    """One carrying-out of a study; `result` is its JSON text once it is finished."""

    transitions: ClassVar[Transitions] = states.RUN

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="runs")
    state = models.TextField(default=states.RunState.QUEUED)
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    result = models.TextField(default="", blank=True)
    fault = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study"], condition=Q(state__in=["queued", "running"]), name="forecasting_run_one_under_way"
            ),
            models.CheckConstraint(
                condition=~Q(state="finished") | ~Q(result=""), name="forecasting_run_finished_has_result"
            ),
        ]


class FinishedBlock(models.Model):
    """The bytes of a block of replications by the digest of all that they depend on: what a resumed run need not do.

    Apart from the fold: it holds nothing that cannot be computed again.
    """

    journal_apart = True

    key = models.TextField(primary_key=True)
    made = models.BinaryField()
    made_at = models.DateTimeField()


class Progress(models.Model):
    """How many replications of a run are done; apart from the fold, since it says nothing once the run has ended."""

    journal_apart = True

    run = models.OneToOneField(StudyRun, on_delete=models.PROTECT, related_name="progress", primary_key=True)
    done = models.IntegerField()
    everything = models.IntegerField()
    told_at = models.DateTimeField()
