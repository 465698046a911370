"""Template tags of quality: what a deviation is about, in the reader's language."""

from __future__ import annotations

from uuid import UUID

from django import template

from vein2vein.doors.composed import said_again
from vein2vein.doors.naming import names_within

register = template.Library()


@register.filter
def about(text: str, batch_id: UUID | None) -> str:
    """Return a deviation's subject or description as people read it; what somebody typed stays as it was typed."""
    return said_again(text, names_within({"batch_id": str(batch_id)}) if batch_id else {})
