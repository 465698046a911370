"""Versions of definitions, each with the files it was written in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.therapies.states import DEFINITION, DefinitionState


class DefinitionVersion(models.Model):
    """One version of a therapy's definition; its content never changes (a trigger sees to it).

    `files` maps each file's name to its UTF-8 text; `content_hash` is over these files, in hex;
    `canonical` is the definition they write, as JSON text.
    """

    transitions: ClassVar[Transitions] = DEFINITION

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapy_code = models.TextField()
    version = models.TextField()
    name_en = models.TextField()
    name_zh = models.TextField()
    content_hash = models.TextField(unique=True)
    canonical = models.TextField()
    files = models.JSONField()
    state = models.TextField(default=DefinitionState.DRAFT)
    effective_from_on = models.DateField(null=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["therapy_code", "version"], name="therapies_definition_version_once"),
            models.UniqueConstraint(
                fields=["therapy_code", "effective_from_on"],
                condition=Q(state="approved"),
                name="therapies_definition_effective_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in DefinitionState]), name="therapies_definition_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(effective_from_on__isnull=False),
                name="therapies_definition_dated",
            ),
        ]

    def __str__(self) -> str:
        """Return therapy and version."""
        return f"{self.therapy_code} {self.version}"


class Rehearsal(models.Model):
    """Virtual patients were carried through a version; `verdict` is what the twin found, as JSON text.

    The newest of a version counts: plant and figures change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    definition = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="rehearsals")
    passes = models.BooleanField()
    patients = models.IntegerField()
    model_digest = models.TextField()
    seed = models.BigIntegerField()
    verdict = models.TextField()
    rehearsed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(passes=False) | Q(patients__gt=0), name="therapies_rehearsal_of_somebody"
            )
        ]
        indexes = [models.Index(fields=["definition", "rehearsed_at"], name="therapies_rehearsal_newest")]
