"""Template tags of the doors: offers, states, times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import pgettext

from vein2vein.core.numbers import written
from vein2vein.doors.arranging import arranged
from vein2vein.doors.composed import said_again
from vein2vein.doors.naming import Known, all_named, chinese, named, names_within
from vein2vein.doors.pages import Offer
from vein2vein.doors.spans import away as said_away
from vein2vein.doors.spans import span
from vein2vein.doors.telling import who_acted
from vein2vein.doors.work import Place

register = template.Library()

_CODE_LENGTH = 24
_LONG = 4
"""Significant digits of a number that is shown, not recorded."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_CODE_LIST = re.compile(r"[a-z]+(?:_[a-z]+)*(?:, [a-z]+(?:_[a-z]+)*)+")
_CODES = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")


@register.inclusion_tag("doors/offer.html", takes_context=True)
def offer(context: dict[str, Any], one: Offer, label: str = "", about: Sequence[str] = ()) -> dict[str, Any]:
    """Show an action's form, or its greyed button with the blockers that refuse it or the roles whose act it is."""
    request = context["request"]
    back = context.get("back") or request.get_full_path()
    return {"offer": one, "label": label or one.title, "back": back, "request": request, "about": about}


@register.inclusion_tag("doors/offers.html", takes_context=True)
def offers(context: dict[str, Any], found: Sequence[Offer], due: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Show all that a page offers: what is due first and open, the rest folded under its heading."""
    request = context["request"]
    back = context.get("back") or request.get_full_path()
    return {"acts": arranged(found, due), "back": back, "request": request}


@register.filter
def word(value: object, of: str = "") -> str:
    """Return a state, kind or role in the user's language, and what a definition names by the definition's name.

    `of` says what it is a state of, where the same English word is another one in Chinese.
    """
    plain = str(value or "").replace("_", " ")
    told = pgettext(of, plain) if of else plain
    return named(value) if told == plain else told


_TONES = {
    "good": "released received infused verified reviewed conforms available qualified within reconciled adopted",
    "bad": "rejected lost stopped terminated recalled invalidated action not_conforming out_of_service expired locked "
    "revoked missing broken",
    "warn": "quarantined draft drafted submitted alert incomplete excursion expected cannot_tell",
    "going": "resulted open accepted collecting collected in_transit material_accepted in_manufacture manufactured "
    "dispatched at_site cleared thawed completed planned packed delivered active taken printed activated",
    "over": "closed cancelled consumed destroyed voided used superseded retired done lifted concluded waived withdrawn "
    "revised expired",
}
_TONE_OF = {state: tone for tone, states in _TONES.items() for state in states.split()}


@register.filter
def tone(state: object) -> str:
    """Return what a state means for whoever reads it: `good`, `bad`, `warn`, `going`, `over`, or nothing."""
    return _TONE_OF.get(str(state or ""), "")


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], places: Sequence[Place]) -> bool:
    """Say whether the page that is open is one of these."""
    path = context["request"].path
    return any(path == reverse(one.url_name) for one in places)


@register.filter
def within(value: object, batch_id: UUID | None) -> str:
    """Return a step, or a text that names one, in the words of the definition that a batch began with."""
    text = "" if value is None else str(value)
    names = names_within({"batch_id": str(batch_id)}) if batch_id else {}
    if _CODE.fullmatch(text):
        return names.get(text) or named(text)
    return _CODES.sub(lambda found: names.get(found[0]) or named(found[0]), said_again(text, names))


@register.filter
def found_in(blocker: Mapping[str, str]) -> str | bool:
    """Return what a blocker found in its field, as people read it: True for the field alone, False where all is said.

    What its sentence says already is not said twice, and evidence is nothing that anybody entered.
    """
    value = blocker.get("value", "")
    if not blocker.get("field") or blocker["field"] == "evidence":
        return False
    if not value:
        return True
    if _TIME.fullmatch(value):
        return stamp(value)
    told = all_named(value) if _CODE_LIST.fullmatch(value) else word(value)
    told = said_again(value) if told == value else told
    return told if told not in blocker.get("message", "") else False


@register.filter
def at(values: Mapping[str, str] | None, key: str) -> str:
    """Return what a form carried under a name that templates cannot spell; "" for nothing."""
    return (values or {}).get(key, "")


@register.filter
def or_chinese(english: str, in_chinese: str) -> str:
    """Return the one of two names that the reader reads; the English one where there is no Chinese one."""
    return in_chinese if in_chinese and chinese() else english


@register.filter
def unbroken(text: str) -> str:
    """Return a text of words and codes in which a line breaks between words, and never within a code."""
    words = (
        format_html('<span class="whole">{}</span>', one) if "-" in one and len(one) <= _CODE_LENGTH else one
        for one in str(text).split(" ")
    )
    return format_html_join(" ", "{}", ((one,) for one in words))


@register.filter
def who(name: str) -> str:
    """Return who acted, as a timeline tells it: of the system itself, what it does of its own."""
    return who_acted(name)


@register.filter
def again(value: object) -> str:
    """Return a stored text in the reader's language where the system composed it; what a person wrote as it is."""
    return said_again("" if value is None else str(value))


@register.filter
def number(value: Decimal | str | None, unit: str = "1") -> str:
    """Return a number as people read it, with its unit: `3×10⁵ cell/kg`; to four significant digits where longer."""
    if value is None or value == "":
        return ""
    found = Decimal(value)
    return written(found, unit, digits=None if len(found.normalize().as_tuple().digits) <= _LONG else _LONG)


@register.filter
def stamp(value: datetime | str | None) -> str:
    """Return a time to the minute, in the zone of the page."""
    return _local(value, "%Y-%m-%d %H:%M")


@register.filter
def away(value: datetime, now: datetime) -> str:
    """Return how far a moment is away from `now`, as people say it."""
    return said_away(value, now)


@register.filter
def waited(value: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in its two largest units."""
    return span(now - value)


@register.filter
def instant(value: datetime | str | None) -> str:
    """Return a time to the second with its zone, as an audit trail shows it."""
    return _local(value, "%Y-%m-%d %H:%M:%S %z")


def _local(value: datetime | str | None, form: str) -> str:
    if value is None or value == "":
        return ""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return timezone.localtime(found).strftime(form)


@register.filter
def reference(value: object, known: Mapping[UUID, Known]) -> str:
    """Return what a reference ("batch:UUID") stands for as a link to its timeline; other text as it is."""
    kind, _, subject = str(value).partition(":")
    try:
        found = UUID(subject)
    except ValueError:
        return str(value)
    told = known.get(found)
    words = f"{named(kind)} {told.code}" if told is not None else named(kind)
    return format_html('<a class="code" href="/timeline/{}/{}">{}</a>', kind, found, words)
