"""The style page: every piece that pages are made of, to be looked at in both languages, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from vein2vein.core import clock
from vein2vein.core.actor import Role
from vein2vein.core.refusals import N_, Blocker
from vein2vein.doors.naming import roles_said
from vein2vein.doors.pages import FormField, Offer
from vein2vein.doors.presenting import shown
from vein2vein.doors.work import WorkItem, grouped
from vein2vein.web.access import signed_in
from vein2vein.web.style_pieces import pieces, rows_that_wait

COLOURS = (
    ("ink", N_("Text")),
    ("quiet", N_("Text that may be passed over")),
    ("vein", N_("What may be done, and where one is")),
    ("good", N_("Released, received, within limits")),
    ("warn", N_("Waits, or soon due")),
    ("blood", N_("Refused, overdue, out of limits")),
)
STATES = ("released", "in_transit", "quarantined", "rejected", "closed", "planned")
FIELDS = (
    FormField("scanned_bag", N_("Scanned bag"), "scan", required=True),
    FormField("volume_ml", N_("Volume (mL)"), "number", required=True, value="48.5"),
    FormField(
        "decision", N_("Decision"), "choice", required=True, choices=(("release", "release"), ("reject", "reject"))
    ),
    FormField("reason", N_("Reason"), "paragraph", required=False),
    FormField("seal_intact", N_("Seal intact"), "tick", required=False, value="true"),
)
REFUSED = (
    Blocker(
        "style.example",
        N_("This bag belongs to another patient"),
        field="scanned_bag",
        value="CTN-4F2K-9Q7D-1",
        mend=N_("Put it back, and scan the bag that the order names"),
    ),
)


def _form(
    *, fields: Sequence[FormField] = (), signed: str = "", refused: Sequence[Blocker] = (), allowed: bool = True
) -> Offer:
    """Return a form that leads nowhere."""
    return Offer(
        action="style.example",
        title=gettext("Release the batch"),
        given=(),
        fields=tuple(replace(one, label=gettext(one.label)) for one in fields),
        blockers=tuple(shown(one) for one in refused),
        signed=signed,
        witnessed=signed,
        key="",
        allowed=allowed,
        allowed_to=roles_said({Role.QUALIFIED_PERSON, Role.QA_REVIEWER}),
    )


@signed_in
def style_page(request: HttpRequest) -> HttpResponse:
    """Show the design system; nothing on this page can be sent."""
    now = clock.now()
    items = [
        WorkItem(
            gettext("Release the batch"), "BAT-7K2M-44QX", "/style", now - timedelta(hours=2, minutes=10), urgent=True
        ),
        WorkItem(gettext("Release the batch"), "BAT-1B8R-90TZ", "/style", now + timedelta(hours=19)),
        WorkItem(gettext("Plan the shipment"), "ORD-5VBH-KC37", "/style", now + timedelta(days=2, hours=4)),
    ]
    made = pieces(now)
    return render(
        request,
        "web/style.html",
        {
            "colours": COLOURS,
            "states": STATES,
            "groups": grouped([*items, *rows_that_wait(now)]),
            "now": now,
            "form": _form(fields=FIELDS, signed=gettext("release")),
            "blocked": _form(refused=REFUSED),
            "not_yours": _form(allowed=False),
            "acts": [_form(fields=FIELDS[:1]), _form(refused=REFUSED), _form(allowed=False)],
            **made,
        },
    )
