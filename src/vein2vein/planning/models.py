"""Tables of planning: plans, promised dates and their changes, disruptions, absences."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.planning import states


class Plan(models.Model):
    """A plan of a plant's live courses, checked: the problem it was made for, itself, and what it changes.

    `problem` and `plan` are the engine's texts, named by their digests; minute 0 is `origin_at`. `changes` are the
    moves against what was in force, each with its reason. Cost and bound are in weighted minutes.
    """

    transitions: ClassVar[Transitions] = states.PLAN
    journal_excluded = ("problem", "plan", "changes")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField()
    site = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    state = models.TextField(default=states.PlanState.DRAFT)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.TextField(default="", blank=True)
    origin_at = models.DateTimeField()
    as_of_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    problem = models.TextField()
    plan = models.TextField()
    changes = models.JSONField(default=dict)
    problem_digest = models.TextField()
    plan_digest = models.TextField()
    objective = models.BigIntegerField()
    bound = models.BigIntegerField()
    bound_by = models.TextField()
    courses = models.IntegerField()
    operations = models.IntegerField()
    checked_by = models.TextField()
    adopted_at = models.DateTimeField(null=True)
    adopted_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "number"], name="planning_plan_number"),
            models.UniqueConstraint(fields=["site"], condition=Q(state="draft"), name="planning_one_draft"),
            models.UniqueConstraint(fields=["site"], condition=Q(state="adopted"), name="planning_one_in_force"),
            models.CheckConstraint(condition=Q(state__in=list(states.PlanState)), name="planning_plan_state"),
            models.CheckConstraint(condition=Q(bound__lte=F("objective")), name="planning_plan_bound"),
            models.CheckConstraint(
                condition=~Q(state__in=["adopted", "superseded"]) | Q(adopted_by__isnull=False),
                name="planning_plan_adopted_by_name",
            ),
        ]


class Promise(models.Model):
    """A date that a patient was told: collection and infusion; its slot, and its bed where the hospital has some.

    Before the order is accepted it expires at `expires_at`. `chain` is where all of its operations were placed then.
    """

    transitions: ClassVar[Transitions] = states.PROMISE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    state = models.TextField(default=states.PromiseState.STANDING)
    collection_at = models.DateTimeField()
    infusion_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    promised_by = models.UUIDField()
    expires_at = models.DateTimeField()
    slot = models.ForeignKey("network.Reservation", on_delete=models.PROTECT, related_name="+", null=True)
    bed = models.ForeignKey("network.Reservation", on_delete=models.PROTECT, related_name="+", null=True)
    chain = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="standing"), name="planning_one_promise"),
            models.CheckConstraint(condition=Q(state__in=list(states.PromiseState)), name="planning_promise_state"),
            models.CheckConstraint(condition=Q(infusion_at__gt=F("collection_at")), name="planning_promise_forward"),
        ]


class DateChange(models.Model):
    """A promised date that a plan would not keep: a line of its own that somebody confirms by name.

    The database adopts no plan with one that is not confirmed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="date_changes")
    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="+")
    was_at = models.DateTimeField()
    becomes_at = models.DateTimeField()
    why = models.JSONField(default=dict)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    confirmed_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "promise"], name="planning_date_change_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | (Q(confirmed_by__isnull=False) & ~Q(confirmed_reason="")),
                name="planning_date_change_confirmed_by_name",
            ),
        ]


class Disruption(models.Model):
    """What happened below and touches the plan, until the planner has dealt with it; `source` tells it once."""

    transitions: ClassVar[Transitions] = states.DISRUPTION

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.TextField()
    state = models.TextField(default=states.DisruptionState.OPEN)
    subject = models.TextField()
    told = models.TextField()
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+", null=True)
    source = models.TextField(unique=True)
    happened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.UUIDField(null=True)
    settled_reason = models.TextField(default="", blank=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(states.DisruptionKind)), name="planning_disruption_kind"),
            models.CheckConstraint(
                condition=Q(state__in=list(states.DisruptionState)), name="planning_disruption_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | (Q(settled_by__isnull=False) & ~Q(settled_reason="")),
                name="planning_disruption_settled_by_name",
            ),
        ]


class Absence(models.Model):
    """A time in which a person is off or a unit is closed, by the code that plans call it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.TextField()
    recorded_by = models.UUIDField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="planning_absence_forward"),
        ]
        indexes = [models.Index(fields=["ends_at"], name="planning_absence_ends")]
