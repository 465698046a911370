"""What the journal says about definitions."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("therapies")
class DefinitionSubmitted(Fact):
    """A clean definition was handed in as a draft."""

    says: ClassVar[str] = N_("Definition %(therapy_code)s %(version)s submitted")

    definition_id: UUID
    therapy_code: str
    version: str
    content_hash: str


@fact("therapies")
class RehearsalAsked(Fact):
    """Somebody asked that virtual patients be carried through a version."""

    says: ClassVar[str] = N_("Rehearsal of %(therapy_code)s %(version)s asked for")

    definition_id: UUID
    therapy_code: str
    version: str


@fact("therapies")
class DefinitionRehearsed(Fact):
    """The twin carried virtual patients through a version, the difficult ones included."""

    says: ClassVar[str] = N_("Definition %(therapy_code)s %(version)s rehearsed with %(patients)s virtual patients")

    definition_id: UUID
    rehearsal_id: UUID
    therapy_code: str
    version: str
    content_hash: str
    passes: bool
    patients: int
    seed: int
    model: str
    blockers: int
    warnings: int


@fact("therapies")
class DefinitionApproved(Fact):
    """A version was approved by signature; `rehearsed`: whether the twin had carried virtual patients through."""

    says: ClassVar[str] = N_("Definition %(therapy_code)s %(version)s approved, in force from %(effective_from_on)s")

    definition_id: UUID
    therapy_code: str
    version: str
    content_hash: str
    effective_from_on: date
    rehearsed: bool


@fact("therapies")
class DefinitionRetired(Fact):
    """A version was withdrawn: no new order may name it; open batches keep it."""

    says: ClassVar[str] = N_("Definition %(therapy_code)s %(version)s retired: %(reason)s")

    definition_id: UUID
    therapy_code: str
    version: str
    reason: str
