"""The life of a definition's version."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class DefinitionState(StrEnum):
    """Where a version stands: submitted, in force from its date on, or withdrawn."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


DEFINITION = transitions(
    "definition",
    [DefinitionState.DRAFT],
    (DefinitionState.DRAFT, "approve", DefinitionState.APPROVED),
    (DefinitionState.DRAFT, "retire", DefinitionState.RETIRED),
    (DefinitionState.APPROVED, "retire", DefinitionState.RETIRED),
)
