"""Bundles that were received."""

from __future__ import annotations

from django.db import models

from vein2vein.core.ids import new_id


class ReceivedBundle(models.Model):
    """A bundle that became an order: its identifier and the SHA-256 of its bytes, each at most once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hospital_code = models.TextField()
    identifier = models.TextField()
    digest = models.TextField()
    filename = models.TextField()
    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hospital_code", "identifier"], name="exchange_bundle_once"),
        ]
