"""Documents that hospital and base exchange about an order."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.ids import DocumentId, OrderId
from vein2vein.core.refusals import refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.orders import facts, hospital, reads, rules
from vein2vein.orders.models import Document
from vein2vein.orders.rules.hospital import document_blockers, format_of, withdrawal_blockers
from vein2vein.orders.states import DocumentKind

SHARING = HOSPITAL_ROLES | {Role.PLANNER, Role.QA_REVIEWER, Role.QUALIFIED_PERSON}


@journal.action("orders.share_document", roles=SHARING)
def share_document(
    *, order_id: OrderId, kind: DocumentKind, document: Upload, comment: str = "", by: Actor
) -> Document:
    """Hand a document in for an order: PDF, PNG or JPEG, 5 MiB at most; the hospital and the base can fetch it.

    It bears no name of the patient: the order's code is enough.
    """
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any(document_blockers(document.filename, document.content))
    row = Document(
        order=order,
        kind=kind.value,
        filename=document.filename,
        format=format_of(document.content),
        sha256=document.sha256,
        size_bytes=len(document.content),
        content=document.content,
        comment=comment,
        of_hospital=by.sites is not None,
        shared_at=journal.current().at,
        shared_by=by.account_id,
        shared_by_name=by.name,
    )
    journal.record(
        facts.DocumentShared(
            order_id=order.id,
            order_code=order.code,
            document_id=row.pk,
            kind=kind.value,
            filename=row.filename,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
        ),
        stream=order.stream,
        refs=order.refs,
        inserts=[row],
    )
    return row


@journal.action("orders.withdraw_document", roles=SHARING)
def withdraw_document(*, document_id: DocumentId, reason: str, by: Actor) -> Document:
    """Take back a document that one's own side handed in, by mistake for instance: nobody can fetch it any more."""
    row = hospital.get_document_row(document_id, by=by)
    own = row.of_hospital == (by.sites is not None)
    withdrawn = row.withdrawn_at is not None
    refuse_any([*rules.reason_blockers(reason), *withdrawal_blockers(withdrawn=withdrawn, own=own)])
    order = row.order
    journal.record(
        facts.DocumentWithdrawn(
            order_id=order.id,
            order_code=order.code,
            document_id=row.pk,
            kind=row.kind,
            filename=row.filename,
            reason=reason,
        ),
        stream=order.stream,
        refs=order.refs,
        changes=[(row, {"withdrawn_at": journal.current().at, "withdrawn_reason": reason})],
    )
    return row
