"""Jobs of therapies: the rehearsal of a definition, on the twin's own worker."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from vein2vein.core.ids import DefinitionId


@app.task(name="therapies.rehearse", queue="twin")
def rehearse(definition_id: str) -> None:
    """Carry virtual patients through a version, and keep what was found."""
    from vein2vein.therapies.carrying import carry_through

    carry_through(DefinitionId(UUID(definition_id)))
