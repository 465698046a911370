"""Tables of the thread; what the database itself forbids is in `migrations/0002_one_thread.py`."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.identity import states
from vein2vein.identity.states import (
    IN_FORCE,
    ChainState,
    ContainerKind,
    ContainerState,
    CustodianKind,
    Disposition,
    KitState,
    LabelKind,
    LabelState,
    Occasion,
    Sex,
)

_LABEL_IN_FORCE = [state.value for state in IN_FORCE]


def _one_of(column: str, words: type[StrEnum]) -> Q:
    return Q(**{f"{column}__in": [word.value for word in words]})


class Patient(models.Model):
    """A de-identified patient of one hospital: only what is compared at the bedside.

    Initials and birth date are for labels and wristbands at the patient's own hospital; the journal never carries them.
    """

    journal_excluded = ("initials", "birth_date")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hospital = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    initials = models.TextField()
    birth_date = models.DateField()
    sex = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=_one_of("sex", Sex), name="identity_patient_sex")]


class PatientNumber(models.Model):
    """A number under which the hospital knows a patient: encrypted, and a keyed digest to find it by.

    It may change at each admission; former numbers stay, so that no number ever means two patients.
    """

    journal_excluded = ("number_encrypted", "number_digest")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="numbers")
    hospital = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    number_encrypted = models.TextField()
    number_digest = models.TextField()
    current = models.BooleanField(default=True)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hospital", "number_digest"], name="identity_number_one_patient"),
            models.UniqueConstraint(fields=["patient"], condition=Q(current=True), name="identity_number_one_current"),
        ]


class Chain(models.Model):
    """A chain of identity (COI, 身份链): the thread of one treatment course of one patient.

    What its labels say is put here when it is issued, from definition and order, and never changes.
    """

    transitions: ClassVar[Transitions] = states.CHAIN

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="chains")
    therapy_code = models.TextField()
    order_ref = models.TextField(unique=True)
    issued_at = models.DateTimeField()
    state = models.TextField()
    therapy_name_en = models.TextField(default="", blank=True)
    therapy_name_zh = models.TextField(default="", blank=True)
    product_code = models.TextField(default="", blank=True)
    trial_only = models.BooleanField(default=False)
    protocol = models.TextField(default="", blank=True)
    subject_number = models.TextField(default="", blank=True)
    authorisation_reference = models.TextField(default="", blank=True)
    label_sets = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(condition=_one_of("state", ChainState), name="identity_chain_state")]


class Container(models.Model):
    """A bag, tube, vial or well on exactly one chain of identity, for ever."""

    transitions: ClassVar[Transitions] = states.CONTAINER

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    coi = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="containers")
    code = models.TextField(unique=True)
    kind = models.TextField()
    role = models.TextField()
    state = models.TextField()
    disposition = models.TextField(default=Disposition.QUARANTINED.value)
    volume_ml = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    viable_cells = models.DecimalField(max_digits=20, decimal_places=0, null=True)
    donation_number = models.TextField(default="", blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    label_set = models.TextField(default="", blank=True)
    contents_en = models.TextField(default="", blank=True)
    contents_zh = models.TextField(default="", blank=True)
    storage_en = models.TextField(default="", blank=True)
    storage_zh = models.TextField(default="", blank=True)
    batch_number = models.TextField(default="", blank=True)
    statement_en = models.TextField(default="", blank=True)
    statement_zh = models.TextField(default="", blank=True)
    stated_at = models.DateTimeField(null=True)
    made_by_site = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "coi"], name="identity_container_on_chain"),
            models.CheckConstraint(condition=_one_of("kind", ContainerKind), name="identity_container_kind"),
            models.CheckConstraint(condition=_one_of("state", ContainerState), name="identity_container_state"),
            models.CheckConstraint(
                condition=_one_of("disposition", Disposition), name="identity_container_disposition"
            ),
            models.CheckConstraint(
                condition=Q(volume_ml__isnull=True) | Q(volume_ml__gte=0), name="identity_container_volume"
            ),
            models.CheckConstraint(
                condition=Q(viable_cells__isnull=True) | Q(viable_cells__gte=0), name="identity_container_cells"
            ),
            models.CheckConstraint(
                condition=~Q(state=ContainerState.INFUSED.value) | Q(kind=ContainerKind.FINAL_PRODUCT.value),
                name="identity_only_product_infused",
            ),
            ExclusionConstraint(
                name="identity_donation_one_chain",
                expressions=[("donation_number", RangeOperators.EQUAL), ("coi", RangeOperators.NOT_EQUAL)],
                condition=~Q(donation_number=""),
            ),
        ]


class Parentage(models.Model):
    """A container came from another one of the same chain: both composite foreign keys carry the COI."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    coi = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="parentages")
    parent = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="offspring")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="identity_parentage_once"),
            models.CheckConstraint(condition=~Q(child=F("parent")), name="identity_parentage_not_itself"),
        ]


class Position(models.Model):
    """A storage position (shelf place, canister slot, rack place) that holds one container at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    site = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    equipment = models.ForeignKey("network.Equipment", on_delete=models.PROTECT, related_name="+", null=True)
    name = models.TextField()


class Custody(models.Model):
    """Who or what has a container, and from when until when: never two at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="custodies")
    custodian_kind = models.TextField()
    custodian_ref = models.TextField()
    custodian_name = models.TextField()
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="custodies", null=True)
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_one_of("custodian_kind", CustodianKind), name="identity_custodian_kind"),
            models.CheckConstraint(
                condition=Q(position__isnull=True) | Q(custodian_kind=CustodianKind.LOCATION.value),
                name="identity_custody_position",
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="identity_custody_not_empty"),
            ExclusionConstraint(
                name="identity_one_custodian",
                expressions=[("container", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="identity_one_container_a_position",
                expressions=[("position", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(position__isnull=False),
            ),
        ]


class Kit(models.Model):
    """A collection kit: serialised labels printed together for one chain, reconciled to the last one."""

    transitions: ClassVar[Transitions] = states.KIT

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    coi = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="kits")
    code = models.TextField(unique=True)
    printed_at = models.DateTimeField()
    labels_printed = models.IntegerField()
    state = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "coi"], name="identity_kit_on_chain"),
            models.CheckConstraint(condition=_one_of("state", KitState), name="identity_kit_state"),
            models.CheckConstraint(condition=Q(labels_printed__gte=1), name="identity_kit_labels"),
        ]


class Label(models.Model):
    """One printed label, with a code of its own: bound to its chain for ever, to a container at most once."""

    transitions: ClassVar[Transitions] = states.LABEL

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    coi = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="labels")
    kind = models.TextField(default=LabelKind.CONTAINER.value)
    code = models.TextField(unique=True)
    state = models.TextField()
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="labels", null=True)
    ordinal = models.IntegerField(null=True)
    purpose = models.TextField()
    purpose_zh = models.TextField(default="", blank=True)
    storage_en = models.TextField(default="", blank=True)
    storage_zh = models.TextField(default="", blank=True)
    container_kind = models.TextField(default="", blank=True)
    container_role = models.TextField(default="", blank=True)
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="labels", null=True)
    reprint_of = models.OneToOneField("self", on_delete=models.PROTECT, related_name="reprint", null=True)
    printed_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_one_of("kind", LabelKind), name="identity_label_kind"),
            models.CheckConstraint(condition=_one_of("state", LabelState), name="identity_label_state"),
            models.CheckConstraint(
                condition=Q(kind=LabelKind.WRISTBAND.value, container__isnull=True)
                | Q(kind=LabelKind.CONTAINER.value, state=LabelState.PRINTED.value, container__isnull=True)
                | Q(kind=LabelKind.CONTAINER.value, state__in=_LABEL_IN_FORCE, container__isnull=False)
                | Q(kind=LabelKind.CONTAINER.value, state=LabelState.VOIDED.value),
                name="identity_label_bound_when_in_force",
            ),
            models.UniqueConstraint(fields=["id", "coi"], name="identity_label_on_chain"),
            models.UniqueConstraint(
                fields=["container"], condition=Q(state__in=_LABEL_IN_FORCE), name="identity_one_label_in_force"
            ),
            models.UniqueConstraint(
                fields=["coi"],
                condition=Q(state__in=_LABEL_IN_FORCE, kind=LabelKind.WRISTBAND.value),
                name="identity_one_wristband_in_force",
            ),
        ]


class IdentityCheck(models.Model):
    """Two different people compared patient, container and order, and all agreed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    coi = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="checks")
    occasion = models.TextField()
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="checks", null=True)
    performed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    witnessed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    wristband = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+", null=True)
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+", null=True)
    manual = models.BooleanField(default=False)
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_one_of("occasion", Occasion), name="identity_check_occasion"),
            models.CheckConstraint(condition=~Q(performed_by=F("witnessed_by")), name="identity_check_two_people"),
            models.CheckConstraint(
                condition=Q(occasion__in=[Occasion.WRISTBAND.value, Occasion.COLLECTION.value])
                | Q(container__isnull=False),
                name="identity_check_container",
            ),
            models.CheckConstraint(
                condition=~Q(
                    occasion__in=[Occasion.WRISTBAND.value, Occasion.COLLECTION.value, Occasion.INFUSION.value]
                )
                | Q(wristband__isnull=False),
                name="identity_check_wristband",
            ),
        ]
