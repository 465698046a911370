"""What may be asked of late findings, obligations and exceptional requests; a hospital sees its own patients' only."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from vein2vein.core.actor import HOSPITAL_ROLES, Actor
from vein2vein.core.ids import AlertId, BatchId, ObligationId, OrderId, RequestId
from vein2vein.doors.preparing import Scoped
from vein2vein.doors.reading import page, read
from vein2vein.engines.definitions.model.specification import ReleaseRule
from vein2vein.engines.definitions.vocabulary import Trigger
from vein2vein.laboratory.states import TestState
from vein2vein.manufacturing.reads import definition_of
from vein2vein.quality.models import Alert, Disposition, ExceptionalRequest, Obligation
from vein2vein.quality.reads.records import READERS, missing
from vein2vein.quality.states import AlertMoment, AlertState, ObligationState, RequestState

AlertRow = Alert
RequestRow = ExceptionalRequest
DispositionRow = Disposition
"""Rows as reads return them, for those who only name their type."""

M = TypeVar("M", bound=Model)
CALLED = (*HOSPITAL_ROLES, *READERS)


def _own(rows: QuerySet[M], hospital: str, by: Actor) -> QuerySet[M]:
    return rows if by.sites is None else rows.filter(**{f"{hospital}__in": by.sites})


def _alerts(by: Actor) -> QuerySet[Alert]:
    return _own(Alert.objects.select_related("batch", "order", "coi", "hospital", "result__test"), "hospital_id", by)


def _obligations(by: Actor) -> QuerySet[Obligation]:
    return _own(Obligation.objects.select_related("batch", "order"), "order__hospital_id", by)


def _requests(by: Actor) -> QuerySet[ExceptionalRequest]:
    return _own(ExceptionalRequest.objects.select_related("batch", "order"), "order__hospital_id", by)


@read("quality.get_alert", roles=CALLED)
def get_alert(*, alert_id: AlertId, by: Actor) -> Alert:
    """Return the alert of a late finding, or raise `NotFound`."""
    found = _alerts(by).filter(pk=alert_id).first()
    if found is None:
        raise missing("alert_id", alert_id)
    return found


@read("quality.list_alerts", roles=CALLED)
def list_alerts(
    *,
    state: AlertState | None = None,
    order_id: OrderId | None = None,
    limit: int = 50,
    after: UUID | None = None,
    by: Actor,
) -> list[Alert]:
    """Return alerts of late findings, oldest first."""
    rows = _alerts(by)
    if state is not None:
        rows = rows.filter(state=state)
    if order_id is not None:
        rows = rows.filter(order_id=order_id)
    return page(rows, limit, after)


_OPEN_ALERTS = Scoped[Alert](lambda by, limit: _alerts(by).exclude(state=AlertState.CLOSED).order_by("id")[:limit])


def list_open_alerts(by: Actor, *, limit: int) -> list[Alert]:
    """Return the alerts of late findings that are not closed, oldest first."""
    return _OPEN_ALERTS.of(by, limit)


def finding_stands(alert: Alert) -> bool:
    """Say whether the result that an alert is about counts still: no investigation invalidated it."""
    return alert.result.test.state != TestState.INVALIDATED


def undecided_alerts(coi_id: UUID) -> list[str]:
    """Return the codes of late findings that hold a product about which nobody has decided yet, whoever asks."""
    held = Alert.objects.filter(coi_id=coi_id, moment=AlertMoment.BEFORE_INFUSION, product_decision="")
    return list(held.order_by("id").values_list("code", flat=True))


@read("quality.get_obligation", roles=CALLED)
def get_obligation(*, obligation_id: ObligationId, by: Actor) -> Obligation:
    """Return an obligation of a release, or raise `NotFound`."""
    found = _obligations(by).filter(pk=obligation_id).first()
    if found is None:
        raise missing("obligation_id", obligation_id)
    return found


@read("quality.list_obligations", roles=CALLED)
def list_obligations(
    *,
    state: ObligationState | None = None,
    batch_id: BatchId | None = None,
    limit: int = 50,
    after: UUID | None = None,
    by: Actor,
) -> list[Obligation]:
    """Return obligations of releases, oldest first."""
    rows = _obligations(by)
    if state is not None:
        rows = rows.filter(state=state)
    if batch_id is not None:
        rows = rows.filter(batch_id=batch_id)
    return page(rows, limit, after)


def open_obligations_of(batch_id: UUID, trigger: Trigger) -> list[Obligation]:
    """Return what is still to be done for a batch since `trigger`, whoever asks."""
    rows = Obligation.objects.select_related("batch").filter(batch_id=batch_id, trigger=trigger.value)
    return list(rows.filter(state=ObligationState.OPEN).order_by("id"))


def release_rule_of(final: Disposition) -> ReleaseRule | None:
    """Return the definition's release rule that a batch was released by, or None for a rejected one."""
    releases = definition_of(final.batch).specification.releases
    return next((one for one in releases if one.id == final.release_rule), None)


@read("quality.get_exceptional_request", roles=CALLED)
def get_request(*, request_id: RequestId, by: Actor) -> ExceptionalRequest:
    """Return a request for an exceptional release, or raise `NotFound`."""
    found = _requests(by).filter(pk=request_id).first()
    if found is None:
        raise missing("request_id", request_id)
    return found


@read("quality.list_exceptional_requests", roles=CALLED)
def list_requests(
    *,
    state: RequestState | None = None,
    batch_id: BatchId | None = None,
    limit: int = 50,
    after: UUID | None = None,
    by: Actor,
) -> list[ExceptionalRequest]:
    """Return requests for exceptional releases, oldest first."""
    rows = _requests(by)
    if state is not None:
        rows = rows.filter(state=state)
    if batch_id is not None:
        rows = rows.filter(batch_id=batch_id)
    return page(rows, limit, after)


def standing_request(batch_id: UUID) -> ExceptionalRequest | None:
    """Return the request for a batch that was not declined, or None; for gates and papers."""
    rows = ExceptionalRequest.objects.select_related("batch", "order").filter(batch_id=batch_id)
    return rows.exclude(state=RequestState.DECLINED).first()
