"""Treatment orders and what hangs on them: eligibility pack, collection, dose, infusion, follow-up."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.orders.states import (
    DATE_REQUEST,
    ORDER,
    VISIT,
    DateRequestState,
    DocumentKind,
    ObstacleKind,
    OrderRoute,
    OrderState,
    StopCause,
    VisitState,
)


class Order(models.Model):
    """One treatment course: from prescription to the last follow-up visit.

    `dose_amount` is in `dose_unit`, per kg of body weight where `dose_basis` says so; the ordered total is
    computed from it and `weight_kg`. `coi` is issued with the acceptance.
    """

    transitions: ClassVar[Transitions] = ORDER

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    state = models.TextField(default=OrderState.DRAFTED)
    patient = models.ForeignKey("identity.Patient", on_delete=models.PROTECT, related_name="+")
    hospital = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    coi = models.OneToOneField("identity.Chain", on_delete=models.PROTECT, related_name="+", null=True)
    definition = models.ForeignKey("therapies.DefinitionVersion", on_delete=models.PROTECT, related_name="+")
    therapy_code = models.TextField()
    indication_code = models.TextField()
    market = models.TextField()
    route = models.TextField()
    authorisation_reference = models.TextField(default="", blank=True)
    protocol = models.TextField(default="", blank=True)
    subject_number = models.TextField(default="", blank=True)
    arm = models.TextField(default="", blank=True)
    trial_only = models.BooleanField()
    dose_amount = models.DecimalField(max_digits=20, decimal_places=4)
    dose_unit = models.TextField()
    dose_basis = models.TextField()
    weight_kg = models.DecimalField(max_digits=6, decimal_places=2)
    weight_measured_at = models.DateTimeField()
    consent_version = models.TextField()
    consent_signed_on = models.DateField()
    starting_material = models.TextField()
    collection_planned_at = models.DateTimeField()
    drafted_at = models.DateTimeField()
    drafted_by = models.UUIDField()
    prescribed_at = models.DateTimeField(null=True)
    prescribed_by = models.UUIDField(null=True)
    accepted_at = models.DateTimeField(null=True)
    manufacturing_site = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+", null=True)
    slot = models.OneToOneField("network.Reservation", on_delete=models.PROTECT, related_name="+", null=True)
    rfi_number = models.TextField(default="", blank=True)
    released_at = models.DateTimeField(null=True)
    at_site_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    lymphodepletion_started_at = models.DateTimeField(null=True)
    clearance_kept_at = models.DateTimeField(null=True)
    dose_confirmed_at = models.DateTimeField(null=True)
    dose_confirmed_by = models.UUIDField(null=True)
    dose_confirmed_total = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    dose_confirmed_weight_kg = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    reduced_dose = models.BooleanField(default=False)
    single_copy_accepted_at = models.DateTimeField(null=True)
    single_copy_accepted_by = models.UUIDField(null=True)
    end_cause = models.TextField(default="", blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in OrderState]), name="orders_order_state"),
            models.CheckConstraint(condition=Q(route__in=[r.value for r in OrderRoute]), name="orders_order_route"),
            models.CheckConstraint(
                condition=Q(state__in=["drafted", "submitted", "cancelled"]) | Q(coi__isnull=False),
                name="orders_order_accepted_has_coi",
            ),
            models.CheckConstraint(
                condition=~Q(route="clinical_trial") | (~Q(protocol="") & ~Q(subject_number="")),
                name="orders_order_trial_named",
            ),
            models.CheckConstraint(condition=Q(weight_kg__gt=0) & Q(dose_amount__gt=0), name="orders_order_positive"),
            models.CheckConstraint(
                condition=~Q(state__in=["released", "dispatched", "at_site", "cleared", "thawed", "infused", "closed"])
                | ~Q(rfi_number=""),
                name="orders_order_release_recorded",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["thawed", "infused", "closed"])
                | (Q(cleared_at__isnull=False) & Q(dose_confirmed_at__isnull=False)),
                name="orders_order_infusion_gated",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True) | (Q(at_site_at__isnull=False) & ~Q(rfi_number="")),
                name="orders_order_cleared_when_secured",
            ),
        ]
        indexes = [
            models.Index(fields=["hospital", "state"], name="orders_order_hospital"),
            models.Index(fields=["subject_number"], opclasses=["text_pattern_ops"], name="orders_order_subject"),
            models.Index(fields=["rfi_number"], name="orders_order_rfi"),
        ]

    def __str__(self) -> str:
        """Return the order's code."""
        return self.code

    @property
    def stream(self) -> str:
        """Return the journal stream: the COI's once it is issued, the order's own before."""
        return f"order:{self.pk}" if self.coi_id is None else f"coi:{self.coi_id}"

    @property
    def collection(self) -> Collection | None:
        """Return the course's latest collection, or None before the first began."""
        return self.collections.select_related("container").order_by("-ordinal").first()

    @property
    def dose_bags(self) -> models.QuerySet[DoseBag]:
        """Return the bags that make up the dose now: those of a release that were not withdrawn since."""
        return self.bags.select_related("container").filter(withdrawn_at__isnull=True).order_by("id")

    @property
    def released_batch(self) -> str:
        """Return the number of the batch whose product was released last; "" where none was."""
        last = self.bags.select_related("container").order_by("-id").first()
        return "" if last is None else str(last.container.batch_number)

    @property
    def refs(self) -> list[str]:
        """Return what every entry about this order refers to."""
        return [f"order:{self.pk}", f"patient:{self.patient_id}", f"site:{self.hospital_id}"]


class Virology(models.Model):
    """One marker's result in the eligibility pack."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="virology")
    marker = models.TextField()
    result = models.TextField()
    tested_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "marker"], name="orders_virology_marker_once")]


class PriorTherapy(models.Model):
    """A drug that the patient had, by class, and when it ended (None: it goes on)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="prior_therapies")
    drug_class = models.TextField()
    drug = models.TextField(default="", blank=True)
    ended_on = models.DateField(null=True)


class Reconfirmation(models.Model):
    """The site said again that the course goes on, before a moment."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="reconfirmations")
    moment = models.TextField()
    role = models.TextField()
    confirmed_at = models.DateTimeField()
    confirmed_by = models.UUIDField()


class Collection(models.Model):
    """An apheresis (单采): when, which label was activated at the bedside, its outcome. A course may have several."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="collections")
    ordinal = models.IntegerField(default=1)
    started_at = models.DateTimeField()
    started_by = models.UUIDField()
    container = models.OneToOneField("identity.Container", on_delete=models.PROTECT, related_name="+", null=True)
    donation_number = models.TextField(default="", blank=True)
    alternative = models.TextField(default="", blank=True)
    ended_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    volume_ml = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | (Q(ended_at__gte=F("started_at")) & Q(container__isnull=False)),
                name="orders_collection_ended",
            ),
            models.UniqueConstraint(fields=["order", "ordinal"], name="orders_collection_in_line"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(ended_at__isnull=True, failed_at__isnull=True),
                name="orders_collection_one_running",
            ),
        ]


class DoseBag(models.Model):
    """A product container that belongs to this order's released dose; what is not here is never infused.

    `cells` are its CAR+ cells as declared at the disposition. Matching at the bedside, thaw and infusion each
    leave their time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="bags")
    container = models.OneToOneField("identity.Container", on_delete=models.PROTECT, related_name="+")
    cells = models.DecimalField(max_digits=20, decimal_places=4)
    volume_ml = models.DecimalField(max_digits=8, decimal_places=2)
    thawed_at = models.DateTimeField(null=True)
    thawed_by = models.UUIDField(null=True)
    matched_at = models.DateTimeField(null=True)
    matched_by = models.UUIDField(null=True)
    witnessed_by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cells__gt=0) & Q(volume_ml__gt=0), name="orders_dose_bag_positive"),
            models.CheckConstraint(
                condition=Q(matched_at__isnull=True)
                | (Q(thawed_at__isnull=False) & Q(witnessed_by__isnull=False) & ~Q(witnessed_by=F("matched_by"))),
                name="orders_dose_bag_matched_by_two",
            ),
        ]


class Infusion(models.Model):
    """The infusion (回输) of one bag: one row per bag, begun only after its match."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="infusions")
    bag = models.OneToOneField(DoseBag, on_delete=models.PROTECT, related_name="infusion")
    started_at = models.DateTimeField()
    started_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    end = models.TextField(default="", blank=True)
    volume_ml = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    remark = models.TextField(default="", blank=True)
    interrupted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="orders_infusion_ended"
            ),
        ]


class Interruption(models.Model):
    """A stop of a course: what stopped it, from which state, and what its physician decided then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="interruptions")
    cause = models.TextField()
    reason = models.TextField()
    from_state = models.TextField()
    stopped_at = models.DateTimeField()
    decision = models.TextField(default="", blank=True)
    decision_reason = models.TextField(default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(decided_at__isnull=True), name="orders_one_open_interruption"
            ),
            models.CheckConstraint(condition=Q(cause__in=[c.value for c in StopCause]), name="orders_stop_cause"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | ~Q(decision=""),
                name="orders_interruption_decided",
            ),
        ]


class Obstacle(models.Model):
    """What keeps the hospital from going on for the time being: the patient is unfit, or the site is not ready."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="obstacles")
    kind = models.TextField()
    reason = models.TextField()
    reported_at = models.DateTimeField()
    reported_by = models.UUIDField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.UUIDField(null=True)
    lift_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind"], condition=Q(lifted_at__isnull=True), name="orders_obstacle_once_a_kind"
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ObstacleKind]), name="orders_obstacle_kind"),
        ]


class FollowUpVisit(models.Model):
    """A follow-up visit that the definition's schedule asks for, with its window."""

    transitions: ClassVar[Transitions] = VISIT

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="visits")
    code = models.TextField()
    name_en = models.TextField()
    name_zh = models.TextField()
    day = models.IntegerField()
    due_on = models.DateField()
    window_from_on = models.DateField()
    window_to_on = models.DateField()
    state = models.TextField(default=VisitState.DUE)
    held_on = models.DateField(null=True)
    remark = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "code"], name="orders_visit_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in VisitState]), name="orders_visit_state"),
            models.CheckConstraint(condition=~Q(state="held") | Q(held_on__isnull=False), name="orders_visit_held"),
        ]


class DateRequest(models.Model):
    """A hospital's request for another time of its collection, and the planner's answer."""

    transitions: ClassVar[Transitions] = DATE_REQUEST

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="date_requests")
    planned_at = models.DateTimeField()
    wished_at = models.DateTimeField()
    reason = models.TextField()
    state = models.TextField(default=DateRequestState.REQUESTED)
    requested_at = models.DateTimeField()
    requested_by = models.UUIDField()
    requested_by_name = models.TextField()
    answer = models.TextField(default="", blank=True)
    agreed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    answered_by_name = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(DateRequestState)), name="orders_date_request_state"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="requested"), name="orders_one_open_date_request"
            ),
            models.CheckConstraint(
                condition=Q(state="requested") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="orders_date_request_answered",
            ),
        ]


class Document(models.Model):
    """A file that hospital and base exchange about an order; found whole by its hash, never changed."""

    journal_excluded = ("content",)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="documents")
    kind = models.TextField()
    filename = models.TextField()
    format = models.TextField()
    sha256 = models.TextField()
    size_bytes = models.IntegerField()
    content = models.BinaryField()
    comment = models.TextField(default="", blank=True)
    of_hospital = models.BooleanField()
    shared_at = models.DateTimeField()
    shared_by = models.UUIDField()
    shared_by_name = models.TextField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(DocumentKind)), name="orders_document_kind"),
            models.CheckConstraint(condition=Q(format__in=["pdf", "png", "jpg"]), name="orders_document_format"),
            models.CheckConstraint(
                condition=Q(size_bytes__gt=0) & Q(size_bytes__lte=5 * 1024 * 1024), name="orders_document_size"
            ),
            models.UniqueConstraint(
                fields=["order", "sha256"], condition=Q(withdrawn_at__isnull=True), name="orders_document_once"
            ),
        ]
