"""What touched which course, and the notices of recalls."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.tracing import states


class Link(models.Model):
    """A subject that the journal names on a course: lot, person, equipment, container, batch, shipment, site.

    Apart from the fold: a trigger draws it from the entries, in the transaction that writes them, and it holds
    nothing that is not there.
    """

    journal_apart = True

    id = models.BigAutoField(primary_key=True)
    coi = models.UUIDField()
    kind = models.TextField()
    subject = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject", "coi"], name="tracing_link_once")]
        indexes = [models.Index(fields=["coi", "kind"], name="tracing_link_course")]


class RecallNotice(models.Model):
    """A hospital is to know that a recalled lot touched a course of one of its patients."""

    transitions: ClassVar[Transitions] = states.NOTICE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lot = models.ForeignKey("materials.Lot", on_delete=models.PROTECT, related_name="+")
    coi = models.ForeignKey("identity.Chain", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    hospital = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+")
    batch_number = models.TextField(default="", blank=True)
    standing = models.TextField()
    reason = models.TextField()
    opened_at = models.DateTimeField()
    state = models.TextField(default=states.NoticeState.OPEN)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)
    acknowledged_by_name = models.TextField(default="", blank=True)
    measures = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "coi"], name="tracing_notice_once"),
            models.CheckConstraint(
                condition=Q(standing__in=[one.value for one in states.Standing]), name="tracing_notice_standing"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | (Q(acknowledged_by__isnull=False) & ~Q(measures="")),
                name="tracing_notice_acknowledged",
            ),
        ]
        indexes = [models.Index(fields=["hospital", "state"], name="tracing_notice_hospital")]
