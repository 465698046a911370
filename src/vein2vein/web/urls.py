"""Every URL: the shared pages, the API, and each context's pages."""

from __future__ import annotations

import importlib
import importlib.util

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from vein2vein.web import (
    acting,
    administration,
    audit_trail,
    control_room,
    health,
    health_page,
    hospital,
    pages,
    papers,
    searching,
    signing_in,
    style_page,
    timeline,
)


def _context_pages() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for context in settings.CONTEXTS:
        name = f"vein2vein.{context}.pages"
        if context != "web" and importlib.util.find_spec(name) is not None:
            found.append(path("", include((importlib.import_module(name).urlpatterns, context))))
    return found


urlpatterns = [
    path("", pages.home, name="home"),
    path("sign-in", signing_in.sign_in, name="sign_in"),
    path("session", signing_in.session, name="session"),
    path("sign-out", signing_in.sign_out, name="sign_out"),
    path("language/", include("django.conf.urls.i18n")),
    path("control-room", control_room.control_room, name="control_room"),
    path("hospital", hospital.hospital, name="hospital"),
    path("papers", papers.reconciliation, name="reconciliation"),
    path("papers/<uuid:coi_id>", papers.papers, name="papers"),
    path("act/<str:action>", acting.act, name="act"),
    path("find", searching.find, name="find"),
    path("timeline/<str:kind>/<uuid:subject>", timeline.timeline, name="timeline"),
    path("timeline/<str:kind>/<uuid:subject>/<int:number>", timeline.entry, name="entry"),
    path("style", style_page.style_page, name="style"),
    path("health", health.health, name="health"),
    path("administration", administration.administration, name="administration"),
    path("administration/audit-trail", audit_trail.audit_trail, name="audit_trail"),
    path("administration/audit-trail.<str:form>", audit_trail.audit_trail_file, name="audit_trail_file"),
    path("administration/health", health_page.health_page, name="health_page"),
    path("api/v1/", include("vein2vein.api.urls")),
    *_context_pages(),
]

handler404 = "vein2vein.doors.middleware.missing"
handler500 = "vein2vein.doors.middleware.failed"
