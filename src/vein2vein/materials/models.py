"""Lots, the markets they are released to, and the ledger of what became of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.materials import states


class Lot(models.Model):
    """A lot of a material at a site, counted in `unit`; a vial (or bag, or bottle) holds `vial_quantity` of it.

    `on_hand` and `reserved` are what the ledger's rows add up to; neither can fall below nothing.
    """

    transitions: ClassVar[Transitions] = states.LOT

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    material_code = models.TextField()
    kind = models.TextField(null=True)  # noqa: DJ001 - lots received before kinds were told have none
    number = models.TextField()
    state = models.TextField(default=states.LotState.QUARANTINED)
    site = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    supplier = models.TextField()
    unit = models.TextField()
    vial_quantity = models.DecimalField(max_digits=30, decimal_places=9)
    values = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    certificate_filename = models.TextField()
    certificate_sha256 = models.TextField()
    certificate = models.BinaryField()
    on_hand = models.DecimalField(max_digits=30, decimal_places=9, default=0)
    reserved = models.DecimalField(max_digits=30, decimal_places=9, default=0)

    journal_excluded = ("certificate",)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["material_code", "number"], name="materials_lot_number"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="materials_lot_never_negative"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")), name="materials_lot_reserved_within_stock"
            ),
            models.CheckConstraint(condition=Q(vial_quantity__gt=0), name="materials_lot_vial_holds_something"),
            models.CheckConstraint(condition=Q(state__in=list(states.LotState)), name="materials_lot_state"),
        ]
        indexes = [models.Index(fields=["material_code", "expires_at"], name="materials_lot_first_expiry")]


class LotMarket(models.Model):
    """A market that a lot is released to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="markets")
    market = models.TextField()
    released_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "market"], name="materials_lotmarket_once")]


class LotParentage(models.Model):
    """A lot was made from another one: a vector from its plasmids; told when it is received, and never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="parentages")
    parent = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="offspring")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="materials_lotparentage_once"),
            models.CheckConstraint(condition=~Q(child=F("parent")), name="materials_lotparentage_not_itself"),
        ]


class Holding(models.Model):
    """A quantity kept for a holder ("order:…" or "batch:…") until its manufacturing slot ends (`needed_until_at`)."""

    transitions: ClassVar[Transitions] = states.HOLDING

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="holdings")
    holder = models.TextField()
    quantity = models.DecimalField(max_digits=30, decimal_places=9)
    needed_until_at = models.DateTimeField(null=True)
    state = models.TextField(default=states.HoldingState.HELD)

    class Meta:
        indexes = [models.Index(fields=["holder", "state"], name="materials_holding_holder")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="materials_holding_something"),
            models.UniqueConstraint(
                fields=["lot", "holder"], condition=Q(state="held"), name="materials_holding_once_a_holder"
            ),
        ]


class Thaw(models.Model):
    """Whole vials thawed for a holder; they are used or discarded, never put back."""

    transitions: ClassVar[Transitions] = states.THAW

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="thaws")
    holder = models.TextField()
    vials = models.IntegerField()
    thawed_at = models.DateTimeField()
    state = models.TextField(default=states.ThawState.THAWED)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(vials__gt=0), name="materials_thaw_something"),
            models.UniqueConstraint(
                fields=["lot", "holder"], condition=Q(state="thawed"), name="materials_thaw_once_a_holder"
            ),
        ]


class Movement(models.Model):
    """One row of the ledger: the signed change of stock and of reserve, what they came to, who and why; never changed.

    `moved_by` is the account; `reason` is what was said for it, or the act that it was part of.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="movements")
    kind = models.TextField()
    ordinal = models.IntegerField()
    quantity = models.DecimalField(max_digits=30, decimal_places=9)
    reserved = models.DecimalField(max_digits=30, decimal_places=9, default=0)
    on_hand_after = models.DecimalField(max_digits=30, decimal_places=9)
    reserved_after = models.DecimalField(max_digits=30, decimal_places=9)
    used = models.DecimalField(max_digits=30, decimal_places=9, default=0)
    holder = models.TextField(default="", blank=True)
    market = models.TextField(default="", blank=True)
    moved_at = models.DateTimeField()
    moved_by = models.UUIDField(null=True)
    moved_by_name = models.TextField(null=True)  # noqa: DJ001 - rows written before names were kept have none
    reason = models.TextField(null=True)  # noqa: DJ001 - as above

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "ordinal"], name="materials_movement_in_line"),
            models.CheckConstraint(condition=Q(on_hand_after__gte=0), name="materials_movement_never_negative"),
            models.CheckConstraint(
                condition=Q(reserved_after__gte=0, reserved_after__lte=F("on_hand_after")),
                name="materials_movement_reserved_within_stock",
            ),
        ]
        indexes = [models.Index(fields=["holder"], name="materials_movement_holder")]
