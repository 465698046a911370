"""The executed batch record: batches, operations, steps, what was recorded, workstations held, files and holds."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.manufacturing import states


class Batch(models.Model):
    """One patient's batch: an order, made by one version of one definition, at one site; its COI never changes."""

    transitions: ClassVar[Transitions] = states.BATCH

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField(unique=True)
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    definition = models.ForeignKey("therapies.DefinitionVersion", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    alternative = models.TextField()
    market = models.TextField()
    route = models.TextField()
    ordered_dose_cells = models.DecimalField(max_digits=20, decimal_places=3)
    patient_weight_kg = models.DecimalField(max_digits=6, decimal_places=2)
    collection_ended_at = models.DateTimeField()
    state = models.TextField(default=states.BatchState.OPEN)
    opened_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=list(states.UNDER_WAY)), name="manufacturing_batch_one_an_order"
            ),
            models.UniqueConstraint(fields=["id", "coi"], name="manufacturing_batch_coi"),
            models.CheckConstraint(condition=Q(state__in=list(states.BatchState)), name="manufacturing_batch_state"),
        ]


class BatchOperation(models.Model):
    """An operation of the definition, as executed in a batch."""

    transitions: ClassVar[Transitions] = states.OPERATION

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="operations")
    code = models.TextField()
    ordinal = models.IntegerField()
    state = models.TextField(default=states.OperationState.WAITING)
    workstation = models.ForeignKey("network.Equipment", on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "code"], name="manufacturing_operation_once"),
            models.UniqueConstraint(fields=["batch", "ordinal"], name="manufacturing_operation_in_line"),
        ]


class BatchStep(models.Model):
    """A step of the definition, as executed in a batch; what was entered stands in its recordings."""

    transitions: ClassVar[Transitions] = states.STEP

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="steps")
    operation = models.ForeignKey(BatchOperation, on_delete=models.PROTECT, related_name="steps")
    code = models.TextField()
    ordinal = models.IntegerField()
    kind = models.TextField()
    state = models.TextField(default=states.StepState.WAITING)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "code"], name="manufacturing_step_once"),
            models.UniqueConstraint(fields=["batch", "ordinal"], name="manufacturing_step_in_line"),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=models.F("done_by")),
                name="manufacturing_step_not_own_check",
            ),
        ]


class RawAttachment(models.Model):
    """A file that belongs to the record, as it came; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="attachments")
    kind = models.TextField()
    filename = models.TextField()
    media_type = models.TextField()
    sha256 = models.TextField()
    size_bytes = models.IntegerField()
    content = models.BinaryField()

    journal_excluded = ("content",)


class Recording(models.Model):
    """What was entered at a step; a correction is a further revision with its reason, and the old one stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    step = models.ForeignKey(BatchStep, on_delete=models.PROTECT, related_name="recordings")
    revision = models.IntegerField()
    value = models.DecimalField(max_digits=40, decimal_places=12, null=True)
    unit = models.TextField(default="", blank=True)
    answer = models.TextField(default="", blank=True)
    scanned = models.TextField(default="", blank=True)
    container = models.ForeignKey("identity.Container", on_delete=models.PROTECT, null=True, related_name="+")
    equipment = models.ForeignKey("network.Equipment", on_delete=models.PROTECT, null=True, related_name="+")
    lot = models.ForeignKey("materials.Lot", on_delete=models.PROTECT, null=True, related_name="+")
    attachment = models.ForeignKey(RawAttachment, on_delete=models.PROTECT, null=True, related_name="+")
    made = models.JSONField(default=list)
    named_values = models.JSONField(default=dict)
    verdict = models.TextField(default=states.LimitVerdict.NONE)
    clock_exceeded = models.BooleanField(default=False)
    manual = models.BooleanField(default=False)
    late = models.BooleanField(default=False)
    recomputed = models.BooleanField(default=False)
    comment = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)
    recorded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    recorded_by_name = models.TextField()
    witnessed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    witnessed_by_name = models.TextField(default="", blank=True)
    performed_at = models.DateTimeField()
    signature_meaning = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "revision"], name="manufacturing_recording_in_line"),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""), name="manufacturing_recording_correction_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(witnessed_by__isnull=True) | ~Q(witnessed_by=models.F("recorded_by")),
                name="manufacturing_recording_not_own_witness",
            ),
        ]


class Occupancy(models.Model):
    """A workstation held by one chain of identity, from line clearance to clear-out (N1)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workstation = models.ForeignKey("network.Equipment", on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="occupancies")
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="manufacturing_workstation_one_patient",
                expressions=[("workstation", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__startswith__isnull=False),
                name="manufacturing_occupancy_not_empty",
            ),
        ]


class Hold(models.Model):
    """What keeps a batch from going on, until it is lifted by whoever decides it."""

    transitions: ClassVar[Transitions] = states.HOLD

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    source = models.TextField(default="", blank=True)
    state = models.TextField(default=states.HoldState.OPEN)
    placed_at = models.DateTimeField()
    placed_by = models.TextField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.TextField(default="", blank=True)
    lift_reason = models.TextField(default="", blank=True)


class ClockRuling(models.Model):
    """What a supervisor or QA decided when a hold clock had run out; `subject` is the step or operation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="clock_rulings")
    subject = models.TextField()
    decision = models.TextField()
    reason = models.TextField()
    decided_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "subject"], name="manufacturing_ruling_once")]


class OfflinePack(models.Model):
    """What is left of a record as it was printed and signed for the bench; `journal_entry` is the newest it knew of."""

    transitions: ClassVar[Transitions] = states.PACK

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="offline_packs")
    code = models.TextField(unique=True)
    attachment = models.ForeignKey(RawAttachment, on_delete=models.PROTECT, related_name="+")
    journal_entry = models.BigIntegerField()
    journal_head = models.TextField()
    state = models.TextField(default=states.PackState.ISSUED)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    issued_by_name = models.TextField()
    used = models.BooleanField(null=True)
    late_entries = models.IntegerField(null=True)
    note = models.TextField(default="", blank=True)
    reconciled_at = models.DateTimeField(null=True)
    reconciled_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    reconciled_by_name = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch"], condition=Q(state="issued"), name="manufacturing_pack_one_in_force"
            ),
            models.CheckConstraint(condition=Q(state__in=list(states.PackState)), name="manufacturing_pack_state"),
            models.CheckConstraint(
                condition=~Q(state="reconciled")
                | (Q(reconciled_by__isnull=False) & Q(used=False, late_entries=0))
                | (Q(reconciled_by__isnull=False) & Q(used=True, late_entries__gt=0)),
                name="manufacturing_pack_accounted_for",
            ),
        ]
