"""Deviations, monitoring, assessments, doses, dispositions; alerts, obligations and exceptional requests."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Abs
from django.db.models.lookups import LessThanOrEqual

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.quality import states


class Deviation(models.Model):
    """Something was not as it should be. `source` is what it came from ("step:…:1"): one deviation for each.

    `involved` are the accounts of those who did what it is about: none of them closes it.
    """

    transitions: ClassVar[Transitions] = states.DEVIATION

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    source = models.TextField(unique=True)
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, null=True, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, null=True, related_name="+")
    hold = models.ForeignKey("manufacturing.Hold", on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.TextField()
    description = models.TextField()
    severity = models.TextField(default=states.Severity.UNCLASSIFIED)
    blocks_release = models.BooleanField(default=True)
    involved = models.JSONField(default=list)
    state = models.TextField(default=states.DeviationState.OPEN)
    opened_at = models.DateTimeField()
    opened_by_name = models.TextField()
    classified_at = models.DateTimeField(null=True)
    classified_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    root_cause = models.TextField(default="", blank=True)
    impact = models.TextField(default="", blank=True)
    correction = models.TextField(default="", blank=True)
    investigated_at = models.DateTimeField(null=True)
    investigated_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    closing_reason = models.TextField(default="", blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    closed_by_name = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(states.DeviationState)), name="quality_deviation_state"),
            models.CheckConstraint(condition=Q(severity__in=list(states.Severity)), name="quality_deviation_severity"),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (Q(closed_by__isnull=False) & ~Q(severity="unclassified") & ~Q(root_cause="")),
                name="quality_deviation_closed_properly",
            ),
            models.CheckConstraint(
                condition=Q(blocks_release=True) | Q(severity="minor"), name="quality_only_minor_does_not_block"
            ),
        ]
        indexes = [models.Index(fields=["batch", "state"], name="quality_deviation_batch")]


class EnvironmentRecord(models.Model):
    """What monitoring found in one room while a batch was worked on there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey("network.Room", on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    verdict = models.TextField()
    reference = models.TextField()
    comment = models.TextField(default="", blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    recorded_by_name = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=list(states.EnvironmentVerdict)), name="quality_environment_verdict"
            ),
            models.CheckConstraint(condition=Q(began_at__lt=F("ended_at")), name="quality_environment_window"),
        ]


class Assessment(models.Model):
    """A conformity assessment (符合性判定): the whole case and the verdict, so that anyone can compute it again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    case = models.TextField()
    case_hash = models.TextField()
    verdict = models.TextField()
    overall = models.TextField()
    assessed_on = models.DateField()
    assessed_at = models.DateTimeField()
    assessed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    assessed_by_name = models.TextField()


class DeclaredDose(models.Model):
    """The dose as declared from the result that the definition names; the last one declared counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    result = models.ForeignKey("laboratory.Result", on_delete=models.PROTECT, related_name="+")
    total_cells = models.DecimalField(max_digits=20, decimal_places=0)
    amount = models.DecimalField(max_digits=24, decimal_places=6)
    unit = models.TextField()
    ordered_amount = models.DecimalField(max_digits=20, decimal_places=4)
    weight_kg = models.DecimalField(max_digits=6, decimal_places=2)
    weight_measured_at = models.DateTimeField()
    bags = models.JSONField(default=list)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    declared_by_name = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total_cells__gt=0) & Q(amount__gt=0) & Q(weight_kg__gt=0), name="quality_dose_positive"
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    Abs(
                        Case(
                            When(unit="cell/kg", then=F("amount") * F("weight_kg")),
                            default=F("amount"),
                            output_field=models.DecimalField(),
                        )
                        - F("total_cells")
                    ),
                    F("total_cells") * Value(Decimal("0.00001")),
                ),
                name="quality_dose_adds_up",
            ),
        ]


class Disposition(models.Model):
    """What a qualified person decided about a batch (批处置), on whose behalf, and what it rests on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey("quality.ExceptionalRequest", on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.TextField()
    final = models.BooleanField()
    market = models.TextField()
    route = models.TextField()
    release_rule = models.TextField(default="", blank=True)
    release_type = models.TextField(default="", blank=True)
    open_tests = models.JSONField(default=list)
    authorisation_reference = models.TextField(default="", blank=True)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, related_name="+")
    dose = models.ForeignKey(DeclaredDose, on_delete=models.PROTECT, null=True, related_name="+")
    gates = models.JSONField(default=list)
    reason = models.TextField()
    certificate_number = models.TextField(default="", blank=True)
    dose_report_number = models.TextField(default="", blank=True)
    rfi_number = models.TextField(default="", blank=True)
    merkle_root = models.TextField(default="", blank=True)
    sealed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    decided_by_name = models.TextField()
    delegated_from = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "decision"],
                condition=~Q(decision__in=["release_reserve", "reject_reserve"]),
                name="quality_disposition_once",
            ),
            models.UniqueConstraint(fields=["batch"], condition=Q(final=True), name="quality_disposition_one_final"),
            models.CheckConstraint(
                condition=Q(decision__in=list(states.Decision)), name="quality_disposition_decision"
            ),
            models.CheckConstraint(
                condition=~Q(decision="release_reserve") | ~Q(rfi_number=""), name="quality_reserve_has_rfi"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["reject", "reject_reserve"])
                | (Q(assessment__isnull=False) & Q(dose__isnull=False)),
                name="quality_release_rests_on_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(final=True) | Q(decision="reject") | ~Q(rfi_number=""), name="quality_release_has_rfi"
            ),
            models.CheckConstraint(
                condition=~Q(decision__startswith="exceptional_") | Q(request__isnull=False),
                name="quality_exceptional_was_requested",
            ),
        ]


class Alert(models.Model):
    """A late finding on a released product, of which the treating physician must know (N17): one for each result.

    It is escalated while nobody acknowledges it by `acknowledge_by_at`; `level` counts how often.
    """

    transitions: ClassVar[Transitions] = states.ALERT

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, related_name="+")
    hospital = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    result = models.OneToOneField("laboratory.Result", on_delete=models.PROTECT, related_name="+")
    test_code = models.TextField()
    finding = models.TextField()
    limit = models.TextField(default="", blank=True)
    moment = models.TextField()
    state = models.TextField(default=states.AlertState.RAISED)
    raised_at = models.DateTimeField()
    acknowledge_by_at = models.DateTimeField()
    level = models.IntegerField(default=0)
    escalated_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_by_name = models.TextField(default="", blank=True)
    treatment = models.TextField(default="", blank=True)
    reported_at = models.DateTimeField(null=True)
    reported_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    reported_by_name = models.TextField(default="", blank=True)
    report_reference = models.TextField(default="", blank=True)
    held_containers = models.JSONField(default=list)
    product_decision = models.TextField(default="", blank=True)
    product_decided_at = models.DateTimeField(null=True)
    product_decided_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    closing_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(states.AlertState)), name="quality_alert_state"),
            models.CheckConstraint(condition=Q(moment__in=list(states.AlertMoment)), name="quality_alert_moment"),
            models.CheckConstraint(
                condition=Q(state="raised")
                | (Q(acknowledged_by__isnull=False) & Q(acknowledged_at__isnull=False) & ~Q(treatment="")),
                name="quality_alert_reached_the_physician",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["raised", "acknowledged"])
                | (Q(reported_by__isnull=False) & ~Q(report_reference="")),
                name="quality_alert_reported",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(moment="before_infusion") | ~Q(product_decision=""),
                name="quality_alert_product_decided",
            ),
        ]
        indexes = [models.Index(fields=["state", "acknowledge_by_at"], name="quality_alert_due")]


class Obligation(models.Model):
    """What a release obliges somebody to do by a time, as the definition's release rule says."""

    transitions: ClassVar[Transitions] = states.OBLIGATION

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.TextField(unique=True)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    code = models.TextField()
    trigger = models.TextField()
    text_en = models.TextField()
    text_zh = models.TextField()
    role = models.TextField()
    state = models.TextField(default=states.ObligationState.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    fulfilled_at = models.DateTimeField(null=True)
    fulfilled_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    fulfilled_by_name = models.TextField(default="", blank=True)
    reference = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | (Q(fulfilled_by__isnull=False) & ~Q(reference="")),
                name="quality_obligation_fulfilled",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(states.ObligationState)), name="quality_obligation_state"
            ),
        ]


class ExceptionalRequest(models.Model):
    """A physician's request for a product that does not conform, where the route knows such a release (例外放行)."""

    transitions: ClassVar[Transitions] = states.REQUEST

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    batch = models.ForeignKey("manufacturing.Batch", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    release_rule = models.TextField()
    case_hash = models.TextField()
    failed = models.JSONField(default=list)
    statement_en = models.TextField()
    statement_zh = models.TextField()
    state = models.TextField(default=states.RequestState.REQUESTED)
    reason = models.TextField()
    alternatives = models.TextField()
    consent_reference = models.TextField()
    consent_signed_on = models.DateField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    requested_by_name = models.TextField()
    medical_assessment = models.TextField(default="", blank=True)
    supported_at = models.DateTimeField(null=True)
    supported_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    supported_by_name = models.TextField(default="", blank=True)
    risk_evaluation = models.TextField(default="", blank=True)
    evaluated_at = models.DateTimeField(null=True)
    evaluated_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    evaluated_by_name = models.TextField(default="", blank=True)
    declined_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    declined_by_name = models.TextField(default="", blank=True)
    declined_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(states.RequestState)), name="quality_request_state"),
            models.UniqueConstraint(
                fields=["batch"], condition=~Q(state="declined"), name="quality_request_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(supported_by__isnull=True) | ~Q(supported_by=F("requested_by")),
                name="quality_request_second_physician",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "declined"])
                | (Q(supported_by__isnull=False) & ~Q(medical_assessment="")),
                name="quality_request_supported",
            ),
            models.CheckConstraint(
                condition=~Q(state="evaluated") | (Q(evaluated_by__isnull=False) & ~Q(risk_evaluation="")),
                name="quality_request_evaluated",
            ),
        ]


class AuditReview(models.Model):
    """A signed review of a part of the audit trail: which span and filter, how many entries, and what fixes which.

    `digest` is SHA-256 over the hashes of the entries, in the order in which they were written; `root` that of the
    newest seal.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    what = models.TextField(default="", blank=True)
    subject = models.TextField(default="", blank=True)
    entries = models.IntegerField()
    digest = models.TextField()
    root = models.TextField(default="", blank=True)
    conclusion = models.TextField()
    comment = models.TextField(default="", blank=True)
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    reviewed_by_name = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(conclusion__in=list(states.AuditConclusion)), name="quality_audit_conclusion"
            ),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("since_at")) & Q(until_at__lte=F("reviewed_at")), name="quality_audit_span"
            ),
            models.CheckConstraint(condition=Q(entries__gt=0), name="quality_audit_of_something"),
            models.CheckConstraint(
                condition=Q(account__isnull=True) | ~Q(account=F("reviewed_by")), name="quality_audit_not_own"
            ),
            models.CheckConstraint(
                condition=~Q(conclusion="findings") | ~Q(comment=""), name="quality_audit_findings_told"
            ),
        ]
