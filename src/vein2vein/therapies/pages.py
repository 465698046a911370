"""Pages of definitions: the versions, one version with what it changes, and handing one in."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from vein2vein.core import clock
from vein2vein.core.ids import DefinitionId, new_id
from vein2vein.core.refusals import N_
from vein2vein.core.uploads import LARGEST_BYTES, Upload
from vein2vein.doors.arranging import END, fold
from vein2vein.doors.pages import actor_of, offer
from vein2vein.doors.parsing import parse_form
from vein2vein.doors.performing import perform, spec_of
from vein2vein.doors.presenting import shown
from vein2vein.doors.work import Menu, place
from vein2vein.therapies import reads, rules
from vein2vein.therapies.states import DefinitionState

place("therapies:definitions", N_("Definitions"), Menu.BASE)
fold(END, "therapies.retire_definition")


@require_GET
def definitions(request: HttpRequest) -> HttpResponse:
    """List the versions of all definitions, and the form to hand one in."""
    by = actor_of(request)
    context = {
        "versions": reads.list_definitions(limit=200, by=by),
        "may_submit": by.has_any(spec_of("therapies.submit_definition").roles),
        "key": str(new_id()),
    }
    return render(request, "therapies/definitions.html", context)


@require_GET
def definition(request: HttpRequest, definition_id: UUID) -> HttpResponse:
    """Show one version: what it is, what it changes, its files, and what its rehearsal found."""
    by = actor_of(request)
    version = reads.get_version(definition_id)
    content, today = reads.content_of(version), clock.now().date()
    blockers = rules.approval_blockers(
        state=version.state,
        submitted_by=version.submitted_by,
        approver=by.account_id,
        effective_from_on=today,
        today=today,
    )
    rehearsal = reads.find_rehearsal(version.pk)
    blockers += rules.rehearsal_blockers(None if rehearsal is None else rehearsal.passes)
    given = {"definition_id": version.pk}
    offers = []
    if version.state == DefinitionState.DRAFT:
        offers.append(offer("therapies.approve_definition", by=by, given=given, blockers=blockers))
    if version.state != DefinitionState.RETIRED:
        offers.append(offer("therapies.rehearse_definition", by=by, given=given))
        offers.append(offer("therapies.retire_definition", by=by, given=given))
    language = get_language() or "en"
    context = {
        "version": version,
        "statement": content.therapy.statement.said_in(language),
        "name": content.therapy.name.said_in(language),
        "comparison": reads.compare_definition(definition_id=DefinitionId(version.pk), on=today, by=by),
        "operations": [(one.id, one.name.said_in(language), len(one.steps)) for one in content.process.operations],
        "tests": [(one.id, one.name.said_in(language)) for one in content.specification.tests],
        "files": sorted(version.files.items()),
        "others": [
            one
            for one in reads.list_definitions(therapy_code=version.therapy_code, limit=200, by=by)
            if one.id != version.pk
        ],
        "offers": offers,
        "rehearsal": None if rehearsal is None else reads.rehearsal_view(rehearsal),
        "found": [] if rehearsal is None else _said(reads.rehearsal_view(rehearsal)),
    }
    return render(request, "therapies/definition.html", context)


@require_GET
def comparison(request: HttpRequest, definition_id: UUID, other_id: UUID) -> HttpResponse:
    """Show what changed from one version of a definition to another."""
    by = actor_of(request)
    was, became = reads.get_version(other_id), reads.get_version(definition_id)
    if was.therapy_code != became.therapy_code:
        raise reads.no_definition(other_id)
    versions = reads.list_definitions(therapy_code=became.therapy_code, limit=200, by=by)
    context = {
        "was": was,
        "became": became,
        "versions": versions,
        "differences": reads.differences(reads.content_of(was), reads.content_of(became)),
    }
    return render(request, "therapies/comparison.html", context)


def _said(view: reads.RehearsalView) -> list[tuple[bool, dict[str, str]]]:
    """Return what a rehearsal found in the reader's language: blockers (True) before warnings."""
    return [(True, shown(one)) for one in view.blockers] + [(False, shown(one)) for one in view.warnings]


@require_POST
def submit(request: HttpRequest) -> HttpResponse:
    """Hand in a definition: one zip archive, or its five files."""
    by = actor_of(request)
    files = [
        Upload(str(one.name), one.read(LARGEST_BYTES + 1))
        for one in request.FILES.getlist("files")
        if one.name is not None
    ]
    arguments = parse_form(spec_of("therapies.submit_definition").body, {"files": files})
    answer = perform("therapies.submit_definition", arguments, by=by, key=request.POST.get("_key") or None)
    return redirect("therapies:definition", answer.body["id"])


urlpatterns = [
    path("definitions", definitions, name="definitions"),
    path("definitions/submit", submit, name="submit"),
    path("definitions/<uuid:definition_id>", definition, name="definition"),
    path("definitions/<uuid:definition_id>/against/<uuid:other_id>", comparison, name="comparison"),
]
