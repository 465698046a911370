"""Template tags of quality: what a deviation is about, in the reader's language."""

from __future__ import annotations

from uuid import UUID

from django import template
from django.utils.translation import gettext

from vein2vein.core.refusals import N_
from vein2vein.doors.templatetags.doors import within

register = template.Library()

_SUBJECTS = {
    "Step ": N_("Step “%(what)s”"),
    "Hold time at ": N_("Hold time at “%(what)s”"),
    "Result of ": N_("Result of %(what)s"),
    "Infusion of ": N_("Infusion of %(what)s"),
}


@register.filter
def about(subject: str, batch_id: UUID | None) -> str:
    """Return a deviation's subject as people read it; one that somebody typed stays as it was typed."""
    for prefix, told in _SUBJECTS.items():
        if subject.startswith(prefix):
            return gettext(told) % {"what": within(subject.removeprefix(prefix), batch_id)}
    return gettext(subject) if subject else ""
