"""How forecasts and figures are written on pages."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from vein2vein.engines.twin.outcomes import BASE
from vein2vein.forecasting.drawing import CHARTS
from vein2vein.forecasting.naming import RELEASE_TESTS, operation_name, resource_name

register = template.Library()
_TITLES = frozenset(title for _, title, *_ in CHARTS)


@register.filter
def day(value: datetime | None) -> str:
    """Return the day of a time in the zone of the page; a dash for none."""
    return "–" if value is None else timezone.localtime(value).strftime("%Y-%m-%d")


@register.filter
def shortday(value: datetime | None) -> str:
    """Return month and day of a time; a dash for none."""
    return "–" if value is None else timezone.localtime(value).strftime("%m-%d")


@register.filter
def percent(value: float | None) -> str:
    """Return a share in per cent; a dash for none."""
    return "–" if value is None else f"{100.0 * value:.0f} %"


@register.filter
def signed_percent(value: float) -> str:
    """Return a change in per cent, with its sign."""
    return f"{100.0 * value:+.0f} %"


@register.filter
def standing(stage: str) -> str:
    """Return where a course stands, in words."""
    places = stage.split("+")
    return gettext(RELEASE_TESTS) if len(places) > 1 else gettext(operation_name(places[0]))


@register.filter
def resource(name: str) -> str:
    """Return what people call a resource of the model."""
    return resource_name(name)


@register.filter
def variant(name: str) -> str:
    """Return a variant of a study in the reader's language, where it is one of the usual questions."""
    return gettext("The base as it is") if name == BASE else gettext(name)


@register.filter
def resource_or_title(title: str) -> str:
    """Return a chart's title: a measure's, or a resource's name."""
    return gettext(title) if title in _TITLES else resource_name(title)
