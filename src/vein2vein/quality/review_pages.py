"""Review by exception (part of the disposition): what is not as it should be, and exactly what a signature is for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core.ids import BatchId
from vein2vein.doors.naming import chinese, named
from vein2vein.doors.pages import actor_of
from vein2vein.doors.showing import version_of
from vein2vein.manufacturing.offering import batch_offers
from vein2vein.manufacturing.reads import get_batch
from vein2vein.quality.reads.review import SECTIONS, Finding, Review, get_review


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A heading with what stands under it."""

    code: str
    title: str
    findings: tuple[Finding, ...]
    still_open: int


@dataclass(frozen=True, slots=True)
class ConformShown:
    """What is as it should be: how much of what, and each of it by name."""

    title: str
    items: tuple[str, ...]


@require_GET
def review(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show a batch by its exceptions, each with a link to its evidence, and what the reviewer signs."""
    by = actor_of(request)
    found = get_batch(BatchId(batch_id), by=by)
    seen = get_review(found, by=by)
    sections = [_section(code.value, title, seen.of(code)) for code, title in SECTIONS.items()]
    context = {
        "batch": found,
        "sections": [one for one in sections if one.findings],
        "clean": [one.title for one in sections if not one.findings],
        "conform": _conform(seen),
        "checks": seen.checks.most_common(),
        "entries": seen.entries,
        "version": version_of(f"coi:{found.coi_id}"),
        "offers": [one for one in batch_offers(found, by) if one.action == "manufacturing.review_batch"],
    }
    return render(request, "quality/review.html", context)


def _section(code: str, title: str, findings: list[Finding]) -> SectionShown:
    ordered = sorted(findings, key=lambda one: (not one.still_open, not one.grave))
    said = tuple(replace(one, what=gettext(one.what)) if code in ("things", "unchecked") else one for one in ordered)
    return SectionShown(code, gettext(title), said, sum(one.still_open for one in findings))


def _conform(seen: Review) -> list[ConformShown]:
    good = [one for one in seen.used if not one.why]
    names = {one.code: one.name_zh if chinese() else one.name_en for one in good}
    lots = tuple(f"{one.code} {names[one.code]}" for one in good if one.kind == "lot")
    equipment = tuple(f"{one.code} {names[one.code]}" for one in good if one.kind == "equipment")
    listed = [
        (gettext("steps within limits, in time, as they should be"), tuple(seen.steps)),
        (gettext("lots released and in date when used"), lots),
        (gettext("pieces of equipment in service and calibrated"), equipment),
        (gettext("rooms within their limits"), tuple(dict.fromkeys(seen.rooms))),
        (gettext("results reviewed by a second analyst"), tuple(named(one) for one in dict.fromkeys(seen.results))),
    ]
    return [ConformShown(title, items) for title, items in listed if items]
