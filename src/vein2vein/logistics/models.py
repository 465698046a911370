"""Shipments and what belongs to them: contents, permits, milestones, temperature traces, receipt decisions."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.engines.codes import Kind, make
from vein2vein.logistics.states import (
    ON_THE_WAY,
    SHIPMENT,
    UNDER_WAY,
    IncidentKind,
    MilestoneKind,
    ReviewDecision,
    ShipmentKind,
    ShipmentState,
    TraceVerdict,
)


class Shipment(models.Model):
    """One journey of one order's cells: on one lane, in one shipping container (运输容器), with one logger and seal.

    `arrive_by` and `hold_ends_at` count from the packing: the lane's longest time, the container's hold time.
    """

    transitions: ClassVar[Transitions] = SHIPMENT

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    sscc = models.TextField(unique=True)
    kind = models.TextField()
    state = models.TextField(default=ShipmentState.PLANNED)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, related_name="+")
    lane = models.ForeignKey("network.Lane", on_delete=models.PROTECT, related_name="+")
    shipper = models.ForeignKey("network.Equipment", on_delete=models.PROTECT, related_name="+")
    logger = models.ForeignKey("network.Equipment", on_delete=models.PROTECT, related_name="+")
    logger_serial = models.TextField()
    condition = models.TextField()
    planned_at = models.DateTimeField()
    planned_by = models.UUIDField()
    seal = models.TextField(default="", blank=True)
    packed_at = models.DateTimeField(null=True)
    arrive_by = models.DateTimeField(null=True)
    hold_ends_at = models.DateTimeField(null=True)
    departed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    seal_intact = models.BooleanField(null=True)
    findings = ArrayField(models.TextField(), default=list, blank=True)
    review = models.TextField(default="", blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ShipmentKind]), name="logistics_kind"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ShipmentState]), name="logistics_state"),
            models.UniqueConstraint(fields=["id", "coi"], name="logistics_shipment_on_chain"),
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=Q(state__in=[s.value for s in UNDER_WAY]),
                name="logistics_one_shipment_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["shipper"],
                condition=Q(state__in=[s.value for s in ON_THE_WAY]),
                name="logistics_shipper_taken",
            ),
            models.UniqueConstraint(
                fields=["logger"],
                condition=Q(state__in=[s.value for s in ON_THE_WAY]),
                name="logistics_logger_taken",
            ),
            models.UniqueConstraint(fields=["seal"], condition=~Q(seal=""), name="logistics_seal_once"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "cancelled"]) | (~Q(seal="") & Q(packed_at__isnull=False)),
                name="logistics_packed_and_sealed",
            ),
            models.CheckConstraint(
                condition=~Q(state="received")
                | Q(findings=[])
                | (Q(review=ReviewDecision.ACCEPTED.value) & Q(reviewed_by__isnull=False)),
                name="logistics_excursion_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(review__in=["", *(d.value for d in ReviewDecision)]), name="logistics_review"
            ),
        ]
        indexes = [models.Index(fields=["state"], name="logistics_shipment_state")]

    def __str__(self) -> str:
        """Return the shipment's code."""
        return self.code

    @property
    def stream(self) -> str:
        """Return the journal stream: the chain of identity's."""
        return f"coi:{self.coi_id}"

    @property
    def refs(self) -> list[str]:
        """Return what every entry about this shipment refers to."""
        return [
            f"shipment:{self.pk}",
            f"order:{self.order_id}",
            f"equipment:{self.shipper_id}",
            f"equipment:{self.logger_id}",
        ]

    @property
    def shipper_code(self) -> str:
        """Return the code on the shipping container, as it is scanned."""
        return make(Kind.SHIPPER, self.shipper.code)

    @property
    def logger_code(self) -> str:
        """Return the code on the temperature logger (温度记录仪), as it is scanned."""
        return make(Kind.LOGGER, self.logger.code)


class ShipmentItem(models.Model):
    """A container inside a shipment; both composite foreign keys carry the COI, so nothing foreign can be packed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="items")
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, related_name="+")
    container = models.ForeignKey("identity.Container", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "container"], name="logistics_item_once")]


class Permit(models.Model):
    """A paper without which the shipment may not cross a border."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="permits")
    name = models.TextField()
    number = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "name"], name="logistics_permit_once"),
            models.CheckConstraint(condition=~Q(number=""), name="logistics_permit_number"),
        ]


class Milestone(models.Model):
    """One thing that happened on the way: who had the shipment before and after, when, where."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="milestones")
    kind = models.TextField()
    from_custodian = models.TextField(default="", blank=True)
    to_custodian = models.TextField()
    place = models.TextField()
    at = models.DateTimeField()
    recorded_by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in MilestoneKind]), name="logistics_milestone"),
        ]


class Trace(models.Model):
    """The logger's file of a journey as it came, and what the definition's excursion rule says of it.

    `coverage` is a share of 0 to 1; `excursions` and `gaps` list spans with their worst reading (°C) and minutes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.OneToOneField(Shipment, on_delete=models.PROTECT, related_name="trace")
    logger_serial = models.TextField()
    filename = models.TextField(default="", blank=True)
    sha256 = models.TextField(default="", blank=True)
    content = models.BinaryField(default=b"")
    verdict = models.TextField()
    window_from_at = models.DateTimeField()
    window_to_at = models.DateTimeField()
    minutes_outside = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    coverage = models.DecimalField(max_digits=6, decimal_places=4, default=0)
    warmest_c = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    coldest_c = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    mean_kinetic_c = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    excursions = models.IntegerField(default=0)
    gaps = models.IntegerField(default=0)
    missing_reason = models.TextField(default="", blank=True)
    recorded_at = models.DateTimeField()

    journal_excluded = ("content",)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in TraceVerdict]), name="logistics_trace_verdict"
            ),
            models.CheckConstraint(
                condition=Q(verdict="missing", sha256="") | (~Q(verdict="missing") & ~Q(sha256="")),
                name="logistics_trace_file",
            ),
            models.CheckConstraint(condition=Q(window_from_at__lt=F("window_to_at")), name="logistics_trace_window"),
        ]


class Incident(models.Model):
    """Something that went wrong on the way: a delay, a shipping container tipped over or damaged."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="incidents")
    kind = models.TextField()
    description = models.TextField()
    expected_at = models.DateTimeField(null=True)
    too_late = models.BooleanField(default=False)
    reported_at = models.DateTimeField()
    reported_by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in IncidentKind]), name="logistics_incident_kind"
            ),
        ]


class AgePermission(models.Model):
    """QA's documented decision that starting material past its limit may still be used, up to an age in h (N8)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="age_permissions")
    maximum_age_h = models.DecimalField(max_digits=10, decimal_places=2)
    reason = models.TextField()
    decided_at = models.DateTimeField()
    decided_by = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(maximum_age_h__gt=0), name="logistics_age_permission")]


class MaterialReceipt(models.Model):
    """The count on which starting material (供者材料) was accepted, with the counter's file as it came.

    `missed` are the limits that it missed, where it was accepted under a deviation all the same.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="receipts")
    missed = ArrayField(models.TextField(), default=list, blank=True)
    container = models.OneToOneField("identity.Container", on_delete=models.PROTECT, related_name="+")
    age_h = models.DecimalField(max_digits=10, decimal_places=2)
    volume_ml = models.DecimalField(max_digits=12, decimal_places=3)
    viability_percent = models.DecimalField(max_digits=5, decimal_places=2)
    total_cells = models.DecimalField(max_digits=20, decimal_places=0)
    viable_cells = models.DecimalField(max_digits=20, decimal_places=0)
    counter_serial = models.TextField()
    counted_at = models.DateTimeField()
    filename = models.TextField()
    sha256 = models.TextField()
    content = models.BinaryField()
    accepted_at = models.DateTimeField()
    accepted_by = models.UUIDField()

    journal_excluded = ("content",)


class MaterialReferral(models.Model):
    """A count that misses the definition's limits, referred to the treating physician and to quality.

    Accepted only when both accept it; rejected when one of them rejects it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="referrals")
    container = models.OneToOneField("identity.Container", on_delete=models.PROTECT, related_name="+")
    missed = ArrayField(models.TextField())
    age_h = models.DecimalField(max_digits=10, decimal_places=2)
    volume_ml = models.DecimalField(max_digits=12, decimal_places=3)
    viability_percent = models.DecimalField(max_digits=5, decimal_places=2)
    total_cells = models.DecimalField(max_digits=20, decimal_places=0)
    viable_cells = models.DecimalField(max_digits=20, decimal_places=0)
    counter_serial = models.TextField()
    counted_at = models.DateTimeField()
    filename = models.TextField()
    sha256 = models.TextField()
    content = models.BinaryField()
    referred_at = models.DateTimeField()
    referred_by = models.UUIDField()
    medical = models.TextField(default="", blank=True)
    medical_reason = models.TextField(default="", blank=True)
    medical_by = models.UUIDField(null=True)
    quality = models.TextField(default="", blank=True)
    quality_reason = models.TextField(default="", blank=True)
    quality_by = models.UUIDField(null=True)

    journal_excluded = ("content",)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(medical__in=["", *(d.value for d in ReviewDecision)])
                & Q(quality__in=["", *(d.value for d in ReviewDecision)]),
                name="logistics_referral_words",
            ),
            models.CheckConstraint(
                condition=Q(medical_by__isnull=True) | Q(quality_by__isnull=True) | ~Q(medical_by=F("quality_by")),
                name="logistics_referral_two_people",
            ),
        ]
