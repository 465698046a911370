"""Template tags of the doors: offers, states, times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from vein2vein.doors.pages import Offer

register = template.Library()


@register.inclusion_tag("doors/offer.html", takes_context=True)
def offer(context: dict[str, Any], one: Offer, label: str = "") -> dict[str, Any]:
    """Show an action's form, or its greyed button with the blockers that refuse it."""
    request = context["request"]
    return {"offer": one, "label": label or one.title, "back": request.get_full_path(), "request": request}


@register.filter
def word(value: object) -> str:
    """Return a state, kind or role in the user's language."""
    return gettext(str(value).replace("_", " ")) if value not in (None, "") else ""


@register.filter
def stamp(value: datetime | str | None) -> str:
    """Return a time with its zone, to the second, in the zone of the page."""
    if value is None or value == "":
        return ""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return timezone.localtime(found).strftime("%Y-%m-%d %H:%M:%S %z")
