"""What quality wants of whom: deviations, decisions, late findings, obligations, exceptional requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_
from vein2vein.doors.composed import said_again
from vein2vein.doors.naming import chinese, named, names_within
from vein2vein.doors.work import WorkItem, work
from vein2vein.laboratory.reads import open_tests
from vein2vein.manufacturing.reads import Batch, list_batches
from vein2vein.manufacturing.states import BatchState
from vein2vein.quality import reads, rules
from vein2vein.quality.states import AlertMoment, AlertState, DeviationState, ObligationState, RequestState

QUALITY = frozenset({Role.QA_REVIEWER, Role.QUALIFIED_PERSON})
PHYSICIAN, QA = frozenset({Role.PHYSICIAN}), frozenset({Role.QA_REVIEWER})
QP = frozenset({Role.QUALIFIED_PERSON})
PLANNER = frozenset({Role.PLANNER})
LISTED = 50
"""Of each kind of work the oldest are shown; what is done makes room for the next."""
CALLED = PHYSICIAN | QUALITY | {Role.COORDINATOR, Role.ADMINISTRATOR}


@work("quality.decisions")
def waiting(by: Actor) -> list[WorkItem]:
    """Return what quality wants of this person: deviations to deal with, batches to decide about."""
    found: list[WorkItem] = []
    if not by.has_any(QUALITY):
        return found
    found += [
        WorkItem(
            gettext("Deviation") if one.state == DeviationState.OPEN else gettext("Close the deviation"),
            f"{one.code} {said_again(one.subject, _names(one.batch_id))}",
            reverse("quality:deviation", args=[one.pk]),
            urgent=one.hold_id is not None,
        )
        for one in reads.list_open_deviations(by, limit=LISTED)
    ]
    found += [
        _batch(gettext("Review the batch record"), "quality:review", one, one.completed_at)
        for one in (list_batches(state=BatchState.COMPLETED, limit=LISTED, by=by) if by.has_any(QA) else ())
    ]
    undecided = reads.list_undecided(by, limit=LISTED)
    untested = open_tests(one.pk for one in undecided)
    found += [
        _batch(gettext("Decide about the batch"), "quality:batch", one, one.reviewed_at, untested.get(one.pk, 0))
        for one in undecided
    ]
    found += [
        WorkItem(gettext("Decide about the reserve"), one.number, reverse("quality:batch", args=[one.pk]), urgent=True)
        for one in (reads.batches_with_reserve_wanted(by) if by.has_any(QP) else ())
    ]
    return found


def _batch(title: str, page: str, batch: Batch, since: datetime | None, untested: int = 0) -> WorkItem:
    about, url = named(batch.order.therapy_code), reverse(page, args=[batch.pk])
    if untested:
        about += " · " + ngettext("%(count)d test open", "%(count)d tests open", untested) % {"count": untested}
    return WorkItem(title, batch.number, url, about=about, since=since)


def _names(batch_id: UUID | None) -> Mapping[str, str]:
    return names_within({"batch_id": str(batch_id)}) if batch_id else {}


@work("quality.alerts")
def called(by: Actor) -> list[WorkItem]:
    """Return the late findings that call this person, by the level that each has been escalated to."""
    return [] if not by.has_any(CALLED) else list(_called(by))


def _called(by: Actor) -> Iterator[WorkItem]:
    for one in reads.list_open_alerts(by, limit=LISTED):
        url, subject = (
            reverse("quality:alert", args=[one.pk]),
            f"{one.order.code} {named(one.test_code)}: {named(one.finding)}",
        )
        if one.state == AlertState.RAISED and by.has_any(rules.called_at(one.level)):
            mine = by.has_any(PHYSICIAN)
            title = gettext("Acknowledge the late finding") if mine else gettext("Reach the physician: late finding")
            yield WorkItem(title, subject, url, one.acknowledge_by_at, urgent=True)
        if not by.has_any(QP):
            continue
        if one.moment == AlertMoment.BEFORE_INFUSION and not one.product_decision:
            yield WorkItem(gettext("Decide about the held product"), subject, url, urgent=True)
        if one.state == AlertState.ACKNOWLEDGED:
            yield WorkItem(gettext("Report the late finding"), subject, url, urgent=True)
        if one.state == AlertState.REPORTED:
            yield WorkItem(gettext("Close the late finding"), subject, url)


@work("quality.obligations")
def owed(by: Actor) -> list[WorkItem]:
    """Return what releases oblige this person to, with the time by which it is due."""
    if not by.has_any(QUALITY | PHYSICIAN):
        return []
    return [
        WorkItem(
            one.text_zh if chinese() else one.text_en,
            f"{one.order.code} {one.batch.number}",
            reverse("quality:course", args=[one.order_id]),
            one.due_at,
            urgent=True,
        )
        for one in reads.list_obligations(state=ObligationState.OPEN, limit=LISTED, by=by)
        if one.role in {role.value for role in by.roles}
    ]


@work("quality.nonconforming")
def nonconforming(by: Actor) -> list[WorkItem]:
    """Return the batches that do not conform, to physician, planner and quality, with what each can do."""
    if not by.has_any(PHYSICIAN | PLANNER):
        return []
    planner = by.has_any(PLANNER)
    title = gettext("Product does not conform: another batch may be needed")
    if not planner:
        title = gettext("Product does not conform: decide for your patient")
    return [
        WorkItem(
            title,
            f"{one.order_code} {one.batch_number}",
            reverse("quality:course", args=[one.order_id]),
            urgent=not planner,
        )
        for one in reads.list_nonconforming(limit=LISTED, by=by)
    ]


_NEXT = {
    RequestState.REQUESTED: (PHYSICIAN, N_("Assess the request for an exceptional release")),
    RequestState.SUPPORTED: (QA, N_("Evaluate the risk of an exceptional release")),
    RequestState.EVALUATED: (QP, N_("Decide about an exceptional release")),
}


@work("quality.requests")
def requested(by: Actor) -> list[WorkItem]:
    """Return the requests for an exceptional release whose next step is this person's."""
    found = []
    for state, (roles, title) in _NEXT.items():
        if not by.has_any(roles):
            continue
        for one in reads.list_requests(state=state, limit=200, by=by):
            if state is RequestState.REQUESTED and one.requested_by_id == by.account_id:
                continue
            if reads.final_disposition(one.batch_id) is None:
                url = reverse("quality:course", args=[one.order_id])
                if state is RequestState.EVALUATED:
                    url = reverse("quality:batch", args=[one.batch_id])
                found.append(WorkItem(gettext(title), f"{one.order.code} {one.batch.number}", url))
    return found
