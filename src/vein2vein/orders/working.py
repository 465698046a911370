"""What orders want of people now: the work list's items, straight or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.refusals import N_
from vein2vein.doors.naming import named
from vein2vein.doors.work import WorkItem, work
from vein2vein.orders import hospital, queues, reads
from vein2vein.orders.courses import dues_of
from vein2vein.orders.states import OrderState

_S = OrderState
_WORK: tuple[tuple[Role, OrderState, str], ...] = (
    (Role.PHYSICIAN, _S.DRAFTED, N_("Prescribe")),
    (Role.PLANNER, _S.SUBMITTED, N_("Accept order")),
    (Role.COORDINATOR, _S.ACCEPTED, N_("Prepare the collection")),
    (Role.APHERESIS_NURSE, _S.ACCEPTED, N_("Start collection")),
    (Role.APHERESIS_NURSE, _S.COLLECTING, N_("Finish collection")),
    (Role.PHYSICIAN, _S.RELEASED, N_("Reconfirm before the product is shipped")),
    (Role.PHYSICIAN, _S.AT_SITE, N_("Clear to lymphodeplete")),
    (Role.PHYSICIAN, _S.CLEARED, N_("Confirm the dose")),
    (Role.CELL_LAB, _S.CLEARED, N_("Thaw product")),
    (Role.INFUSION_NURSE, _S.THAWED, N_("Match at the bedside and infuse")),
)


@work("orders")
def work_here(by: Actor) -> list[WorkItem]:
    """List the courses that wait for this person."""
    if not by.has_any(HOSPITAL_ROLES | {Role.PLANNER}):
        return []
    found = []
    for role, state, title in _WORK:
        if role in by.roles:
            waiting = reads.list_orders(state=state, limit=50, by=by)
            if state is _S.ACCEPTED:
                timeless = {one.pk for one in queues.without_time(by)}
                waiting = [one for one in waiting if one.pk not in timeless]
            dues = dues_of(one.pk for one in waiting)
            found += [
                WorkItem(
                    title=gettext(title),
                    subject=_subject(one),
                    url=reverse("orders:order", args=[one.pk]),
                    due_at=dues.get(one.pk),
                    urgent=state in (_S.COLLECTING, _S.THAWED),
                    about=_about(one),
                    since=_since(one),
                )
                for one in waiting
            ]
    return found


def _about(order: reads.OrderRow) -> str:
    """Return what else tells an order apart on a work list: the patient's number at the hospital, and the therapy."""
    return " · ".join(filter(None, (order.subject_number, named(order.therapy_code))))


def _since(order: reads.OrderRow) -> datetime | None:
    """Return since when an order is in its state, as far as the order itself tells."""
    return {
        _S.DRAFTED: order.drafted_at,
        _S.SUBMITTED: order.prescribed_at,
        _S.ACCEPTED: order.accepted_at,
        _S.RELEASED: order.released_at,
        _S.AT_SITE: order.at_site_at,
        _S.CLEARED: order.cleared_at,
    }.get(OrderState(order.state))


_ALERT = N_("ALERT: lymphodepletion without clearance")
_ASIDE: tuple[tuple[Role, Callable[[Actor], list[reads.OrderRow]], str, bool], ...] = (
    *((role, queues.early, _ALERT, True) for role in (Role.PHYSICIAN, Role.COORDINATOR, Role.PLANNER)),
    *((role, queues.early, _ALERT, True) for role in (Role.QA_REVIEWER, Role.QUALIFIED_PERSON)),
    (Role.PHYSICIAN, queues.stopped, N_("Decide how the course goes on"), True),
    (Role.COORDINATOR, queues.stopped, N_("The course stands still: the physician decides"), True),
    (Role.PLANNER, queues.stopped, N_("The course stands still: the physician decides"), False),
    (Role.QA_REVIEWER, queues.stopped, N_("The course stands still: the physician decides"), False),
    (Role.PLANNER, queues.without_time, N_("Give the collection another time"), True),
    (Role.COORDINATOR, queues.lapsed, N_("Eligibility lapsed: bring it up to date"), True),
    (Role.PHYSICIAN, queues.lapsed, N_("Eligibility lapsed: renew it, or cancel the order"), True),
)


@work("orders.aside")
def work_aside(by: Actor) -> list[WorkItem]:
    """List the courses that do not go straight and wait for this person."""
    return [
        WorkItem(gettext(title), _subject(one), reverse("orders:order", args=[one.pk]), urgent=urgent)
        for role, find, title, urgent in _ASIDE
        if role in by.roles
        for one in find(by)
    ]


@work("orders.dates")
def work_dates(by: Actor) -> list[WorkItem]:
    """List the hospitals' requests for another date, for the planner to answer."""
    found = hospital.list_date_requests(waiting=True, limit=queues.LISTED, by=by) if Role.PLANNER in by.roles else []
    return [
        WorkItem(
            gettext("Answer the hospital: another date"),
            f"{_subject(one.order)} · {one.order.hospital.code}",
            reverse("orders:order", args=[one.order_id]) + "#dates",
            due_at=one.planned_at,
        )
        for one in found
    ]


_DECIDERS = frozenset({Role.QA_REVIEWER, Role.QUALIFIED_PERSON})
_DESTROYERS = frozenset({Role.CELL_LAB, Role.WAREHOUSE})


@work("orders.unused")
def work_unused(by: Actor) -> list[WorkItem]:
    """List what is not used any more: for quality to decide on, for the stores to destroy."""
    found = queues.unused(by) if by.has_any(_DECIDERS | _DESTROYERS) else []
    mine = [one for one in found if by.has_any(_DESTROYERS if one.to_destroy else _DECIDERS)]
    return [
        WorkItem(
            gettext("Destroy the rejected container")
            if one.to_destroy
            else gettext("Decide about the unused container"),
            f"{one.container.code} · {_subject(one.order)}",
            reverse("orders:order", args=[one.order.pk]),
        )
        for one in mine
    ]


def _subject(order: reads.OrderRow) -> str:
    return order.code if order.coi is None else f"{order.code} · {order.coi.code}"
