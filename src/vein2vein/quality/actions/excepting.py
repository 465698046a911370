"""Exceptional release (例外放行): asked for by the physician, assessed by a second one, its risk evaluated by QA."""

from __future__ import annotations

from datetime import date

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, ContainerId, RequestId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, refuse_any
from vein2vein.engines.assays import case_hash
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity import actions as identity
from vein2vein.manufacturing.actions.situation import locked_batch
from vein2vein.orders.reads import get_order, local_day
from vein2vein.quality import facts, reads, rules
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.models import ExceptionalRequest
from vein2vein.quality.states import RequestState

journal.explain(
    "quality_request_one_stands",
    Blocker(
        code="quality.request_stands",
        message=N_("There is a request for this batch already"),
        field="batch_id",
        mend=N_("Go on with that request"),
    ),
)


def _refs(row: ExceptionalRequest) -> list[str]:
    return [f"batch:{row.batch_id}", f"order:{row.order_id}"]


@journal.action(
    "quality.request_exceptional_release",
    roles=[Role.PHYSICIAN],
    signed=N_("product that does not conform requested for my patient"),
)
def request_exceptional_release(
    *,
    batch_id: BatchId,
    reason: str,
    alternatives: str,
    consent_reference: str,
    consent_signed_on: date,
    by: Actor,
) -> ExceptionalRequest:
    """Ask by signature for a product that does not conform: why, which alternatives there are, the patient's consent.

    Only where the definition knows an exceptional release for the market and route; everywhere else it is refused.
    """
    order = get_order(order_id=reads.order_of_batch(batch_id), by=by)
    batch = locked_batch(batch_id, journal.system("quality"))
    at = journal.current().at
    dossier = Dossier(batch, by=journal.system("quality"), at=at, exceptional=True)
    refuse_any(rules.route_blockers(market=batch.market, route=batch.route, rule_found=dossier.rule is not None))
    texts = {"reason": reason, "alternatives": alternatives, "consent_reference": consent_reference}
    refuse_any(
        rules.request_blockers(
            batch_state=batch.state,
            order_state=order.state,
            decided=reads.final_disposition(batch_id) is not None,
            overall=dossier.verdict.overall.value,
            assessed=dossier.assessment is not None,
            texts=texts,
            consent_signed_on=consent_signed_on,
            today=local_day(order, at),
        )
    )
    lines = {line.test: line for line in dossier.verdict.lines}
    failed = list(dossier.verdict.failed)
    told = rules.statement([lines[one].name_en for one in failed], [lines[one].name_zh for one in failed])
    row = ExceptionalRequest(
        code=issue(Kind.DOCUMENT),
        batch=batch,
        order=order,
        release_rule="" if dossier.rule is None else dossier.rule.id,
        case_hash=case_hash(dossier.case),
        failed=failed,
        statement_en=told[0],
        statement_zh=told[1],
        consent_signed_on=consent_signed_on,
        requested_at=at,
        requested_by_id=by.account_id,
        requested_by_name=by.name,
        **texts,
    )
    journal.record(
        facts.ExceptionalReleaseRequested(
            request_id=row.pk,
            request=row.code,
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=order.pk,
            failed=failed,
            requested_by=by.name,
            **texts,
        ),
        stream=f"coi:{batch.coi_id}",
        refs=_refs(row),
        inserts=[row],
    )
    return row


@journal.action(
    "quality.support_exceptional_request",
    roles=[Role.PHYSICIAN],
    signed=N_("medically assessed: the benefit outweighs the risk"),
)
def support_exceptional_request(*, request_id: RequestId, medical_assessment: str, by: Actor) -> ExceptionalRequest:
    """Sign the medical assessment of another physician's request: the benefit for this patient outweighs the risk."""
    row = reads.get_request(request_id=request_id, by=by)
    if own := rules.second_physician_blockers(
        by=str(by.account_id), requested_by=str(row.requested_by_id), name=by.name
    ):
        raise NotAllowed(own)
    refuse_any(
        rules.step_blockers(
            state=row.state, wanted=RequestState.REQUESTED, text=medical_assessment, field="medical_assessment"
        )
    )
    journal.transition(
        row,
        "support",
        facts.ExceptionalRequestSupported(
            request_id=row.pk,
            request=row.code,
            batch_id=row.batch_id,
            order_id=row.order_id,
            medical_assessment=medical_assessment,
            supported_by=by.name,
        ),
        stream=f"coi:{row.batch.coi_id}",
        refs=_refs(row),
        medical_assessment=medical_assessment,
        supported_at=journal.current().at,
        supported_by_id=by.account_id,
        supported_by_name=by.name,
    )
    return row


@journal.action(
    "quality.evaluate_exceptional_risk", roles=[Role.QA_REVIEWER], signed=N_("risk of the exceptional supply evaluated")
)
def evaluate_exceptional_risk(*, request_id: RequestId, risk_evaluation: str, by: Actor) -> ExceptionalRequest:
    """Sign the manufacturer's risk evaluation, for the physician to know; the bags must then bear the statement.

    Their labels are to be printed again: no bag is released whose label does not say that it is out of specification.
    """
    row = reads.get_request(request_id=request_id, by=by)
    refuse_any(
        rules.step_blockers(
            state=row.state, wanted=RequestState.SUPPORTED, text=risk_evaluation, field="risk_evaluation"
        )
    )
    at = journal.current().at
    journal.transition(
        row,
        "evaluate",
        facts.ExceptionalRiskEvaluated(
            request_id=row.pk,
            request=row.code,
            batch_id=row.batch_id,
            order_id=row.order_id,
            risk_evaluation=risk_evaluation,
            evaluated_by=by.name,
            statement_en=row.statement_en,
            statement_zh=row.statement_zh,
        ),
        stream=f"coi:{row.batch.coi_id}",
        refs=_refs(row),
        risk_evaluation=risk_evaluation,
        evaluated_at=at,
        evaluated_by_id=by.account_id,
        evaluated_by_name=by.name,
    )
    _state_on_bags(row, row.statement_en, row.statement_zh, by)
    return row


def _state_on_bags(row: ExceptionalRequest, english: str, chinese: str, by: Actor) -> None:
    dossier = Dossier(row.batch, by=by, at=journal.current().at, exceptional=True)
    for one in dossier.final_containers():
        identity.set_statement(
            container_id=ContainerId(one.pk),
            statement_en=english,
            statement_zh=chinese,
            by=by,
        )


@journal.action(
    "quality.decline_exceptional_request",
    roles=[Role.PHYSICIAN, Role.QA_REVIEWER, Role.QUALIFIED_PERSON],
    signed=N_("exceptional supply declined"),
)
def decline_exceptional_request(*, request_id: RequestId, reason: str, by: Actor) -> ExceptionalRequest:
    """Decline or withdraw a request by signature; the batch stays what it is, and nothing of it is supplied."""
    row = reads.get_request(request_id=request_id, by=by)
    refuse_any(rules.reason_blockers(reason, "reason"))
    stated = row.state == RequestState.EVALUATED
    journal.transition(
        row,
        "decline",
        facts.ExceptionalRequestDeclined(
            request_id=row.pk,
            request=row.code,
            batch_id=row.batch_id,
            order_id=row.order_id,
            reason=reason,
            declined_by=by.name,
        ),
        stream=f"coi:{row.batch.coi_id}",
        refs=_refs(row),
        declined_at=journal.current().at,
        declined_by_id=by.account_id,
        declined_by_name=by.name,
        declined_reason=reason,
    )
    if stated:
        _state_on_bags(row, "", "", journal.system("quality"))
    return row
