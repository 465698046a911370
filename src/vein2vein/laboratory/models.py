"""Samples in the laboratory, planned tests, their results with raw data, and investigations."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.laboratory import states


class Sample(models.Model):
    """A sample container as the laboratory knows it; `culture_until` is when a satellite culture may be tested."""

    transitions: ClassVar[Transitions] = states.SAMPLE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    container = models.OneToOneField("identity.Container", on_delete=models.PROTECT, related_name="+")
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    sample_code = models.TextField()
    condition = models.TextField(default="", blank=True)
    taken_at = models.DateTimeField()
    culture_until = models.DateTimeField(null=True)
    state = models.TextField(default=states.SampleState.TAKEN)
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(states.SampleState)), name="laboratory_sample_state"),
            models.CheckConstraint(
                condition=Q(state="taken") | Q(received_at__isnull=False), name="laboratory_sample_received_when"
            ),
        ]


class Test(models.Model):
    """A test of the specification planned for a batch; `attempt` 2 and more are repeats that the retest rule allows."""

    __test__ = False
    transitions: ClassVar[Transitions] = states.TEST

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, related_name="+")
    definition = models.ForeignKey("therapies.DefinitionVersion", on_delete=models.PROTECT, related_name="+")
    code = models.TextField()
    attempt = models.IntegerField(default=1)
    name_en = models.TextField()
    name_zh = models.TextField()
    stage = models.TextField()
    sample_code = models.TextField()
    method_code = models.TextField()
    method_version = models.TextField()
    equipment_class = models.TextField(default="", blank=True)
    result_type = models.TextField()
    unit = models.TextField(default="", blank=True)
    replicates = models.IntegerField(default=1)
    computed = models.BooleanField(default=False)
    criterion = models.TextField(default="", blank=True)
    state = models.TextField(default=states.TestState.PLANNED)
    planned_at = models.DateTimeField()
    cancel_reason = models.TextField(default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""), name="laboratory_test_cancelled_why"
            ),
            models.UniqueConstraint(fields=["batch", "code", "attempt"], name="laboratory_test_in_line"),
            models.UniqueConstraint(
                fields=["batch", "code"], condition=~Q(state="invalidated"), name="laboratory_test_one_stands"
            ),
            models.CheckConstraint(condition=Q(state__in=list(states.TestState)), name="laboratory_test_state"),
            models.CheckConstraint(condition=Q(attempt__gte=1), name="laboratory_test_attempt"),
        ]


class RawFile(models.Model):
    """A file as an instrument or a person gave it; never changed, found again by its hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    filename = models.TextField()
    sha256 = models.TextField()
    size_bytes = models.IntegerField()
    content = models.BinaryField()

    journal_excluded = ("content",)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "sha256"], name="laboratory_raw_file_once"),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="laboratory_raw_file_not_empty"),
        ]


class Result(models.Model):
    """What a test gave; a correction is a further revision from the same raw file, and the old one stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    test = models.ForeignKey(Test, on_delete=models.PROTECT, related_name="results")
    revision = models.IntegerField(default=1)
    value = models.DecimalField(max_digits=40, decimal_places=12, null=True)
    unit = models.TextField(default="", blank=True)
    outcome = models.TextField(default="", blank=True)
    replicate_values = models.JSONField(default=list)
    computed = models.BooleanField(default=False)
    inputs = models.JSONField(default=dict)
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, null=True, related_name="+")
    instrument = models.ForeignKey("network.Equipment", on_delete=models.PROTECT, null=True, related_name="+")
    kit = models.ForeignKey("materials.Lot", on_delete=models.PROTECT, null=True, related_name="+")
    method_version = models.TextField()
    measured_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    recorded_by_name = models.TextField()
    comment = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_by_name = models.TextField(default="", blank=True)
    raw_file = models.ForeignKey(RawFile, on_delete=models.PROTECT, null=True, related_name="+")
    second_raw_file = models.ForeignKey(RawFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["test", "revision"], name="laboratory_result_in_line"),
            models.CheckConstraint(
                condition=Q(computed=True) | Q(raw_file__isnull=False), name="laboratory_result_has_raw_data"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False, outcome="") | (Q(value__isnull=True) & ~Q(outcome="")),
                name="laboratory_result_value_or_outcome",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("recorded_by")),
                name="laboratory_result_not_own_review",
            ),
            models.CheckConstraint(condition=Q(revision=1) | ~Q(reason=""), name="laboratory_correction_has_reason"),
        ]


class Investigation(models.Model):
    """A laboratory investigation of a suspect result; without one no result is invalidated (N16)."""

    transitions: ClassVar[Transitions] = states.INVESTIGATION

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    test = models.ForeignKey(Test, on_delete=models.PROTECT, related_name="investigations")
    suspicion = models.TextField()
    state = models.TextField(default=states.InvestigationState.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    conclusion = models.TextField(default="", blank=True)
    finding = models.TextField(default="", blank=True)
    concluded_at = models.DateTimeField(null=True)
    concluded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["test"], condition=Q(state="open"), name="laboratory_investigation_one"),
            models.CheckConstraint(
                condition=Q(state="open") | (~Q(conclusion="") & ~Q(finding="")),
                name="laboratory_investigation_concluded",
            ),
        ]
