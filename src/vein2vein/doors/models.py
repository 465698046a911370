"""Idempotency keys: what was answered to whom, committed with the deed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Answered(models.Model):
    """The answer to one request of one account; the same key gives it again, another body is a conflict."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.UUIDField()
    key = models.TextField()
    digest = models.TextField()
    answer = models.TextField()
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "key"], name="doors_answered_once")]
