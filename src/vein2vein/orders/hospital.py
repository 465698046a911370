"""Reading what hospital and base tell each other about an order: requests for another date, documents."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.db.models import Count, Min

from vein2vein.core.actor import Actor
from vein2vein.core.ids import DateRequestId, DocumentId, OrderId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound, Refused
from vein2vein.doors.reading import page, read
from vein2vein.network.reads import begins_of
from vein2vein.orders import reads
from vein2vein.orders.models import DateRequest, Document, FollowUpVisit, Obstacle, Order
from vein2vein.orders.queues import BED
from vein2vein.orders.states import DateRequestState, ObstacleKind, OrderState, VisitState

DateRequestRow = DateRequest
DocumentRow = Document


def _missing(what: str, field: str) -> NotFound:
    return NotFound(
        Blocker(
            "orders.nothing_there",
            N_("There is no such %(what)s, or it is not of your site"),
            field=field,
            mend=N_("Choose one from the order's page"),
            params={"what": what},
        )
    )


def get_date_request(request_id: DateRequestId, *, by: Actor) -> DateRequest:
    """Return a request for another date, with its order; raises `NotFound` for another hospital's."""
    found = DateRequest.objects.select_related("order__coi", "order__hospital").filter(pk=request_id).first()
    if found is None or not by.sees(SiteId(found.order.hospital_id)):
        raise _missing("request", "request_id")
    return found


@read("orders.list_date_requests")
def list_date_requests(
    *, order_id: OrderId | None = None, waiting: bool = False, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[DateRequest]:
    """Return the requests for another date that the actor may see, oldest first; with `waiting` those unanswered."""
    rows = DateRequest.objects.select_related("order__hospital", "order__coi")
    if by.sites is not None:
        rows = rows.filter(order__hospital_id__in=by.sites)
    if order_id is not None:
        rows = rows.filter(order_id=order_id)
    if waiting:
        rows = rows.filter(state=DateRequestState.REQUESTED, order__state=OrderState.ACCEPTED)
    return page(rows, limit, after)


def requests_of(order_ids: Collection[UUID]) -> dict[UUID, DateRequest]:
    """Return the newest request of each of these orders that has one."""
    rows = DateRequest.objects.filter(order_id__in=list(order_ids)).order_by("order_id", "-id").distinct("order_id")
    return {one.order_id: one for one in rows}


def get_document_row(document_id: DocumentId, *, by: Actor) -> Document:
    """Return a document, withdrawn or not; raises `NotFound` for another hospital's."""
    found = Document.objects.select_related("order__coi").filter(pk=document_id).first()
    if found is None or not by.sees(SiteId(found.order.hospital_id)):
        raise _missing("document", "document_id")
    return found


def get_document(document_id: DocumentId, *, by: Actor) -> Document:
    """Return a document to be fetched; raises `NotFound` for one taken back, `Refused` for one that is not whole."""
    found = get_document_row(document_id, by=by)
    if found.withdrawn_at is not None:
        raise _missing("document", "document_id")
    if sha256(found.content).hexdigest() != found.sha256:
        raise Refused(
            Blocker(
                "orders.document_damaged",
                N_("The file is not the one that was handed in: its hash differs"),
                field="document_id",
                value=found.filename,
                mend=N_("Tell the administrator: the store is damaged"),
            )
        )
    return found


@read("orders.list_documents")
def list_documents(*, order_id: OrderId, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Document]:
    """Return the documents of an order, oldest first, without their content."""
    reads.get_order(order_id=order_id, by=by)
    return page(Document.objects.defer("content").filter(order_id=order_id), limit, after)


def beds_of(order_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when the infusion of each of these orders is planned, of those that have a bed."""
    found = begins_of(BED, [f"order:{one}" for one in order_ids])
    return {UUID(holder.partition(":")[2]): at for holder, at in found.items()}


def obstacles_of(order_ids: Collection[UUID]) -> dict[UUID, ObstacleKind]:
    """Return what keeps the hospital from going on with each order for the time being, where something does."""
    standing = Obstacle.objects.filter(order_id__in=list(order_ids), lifted_at__isnull=True).order_by("-reported_at")
    return {one.order_id: ObstacleKind(one.kind) for one in standing}


def without_slot(order_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some orders that are accepted and have no manufacturing slot any more."""
    rows = Order.objects.filter(pk__in=list(order_ids), state=OrderState.ACCEPTED, slot__isnull=True)
    return set(rows.values_list("pk", flat=True))


def next_visits(order_ids: Collection[UUID]) -> dict[UUID, date]:
    """Return the day of each order's next follow-up visit, of those that have one."""
    rows = FollowUpVisit.objects.filter(order_id__in=list(order_ids), state=VisitState.DUE)
    return dict(rows.values_list("order_id").annotate(on=Min("due_on")))


def count_documents(order_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many documents of each of these orders can be fetched, of those that have any."""
    rows = Document.objects.filter(order_id__in=list(order_ids), withdrawn_at__isnull=True)
    return dict(rows.values_list("order_id").annotate(count=Count("id")))
