"""What hospital and base tell each other about an order: requests to move a date, documents."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("orders")
class DateRequested(Fact):
    """The hospital asked for another time of the collection."""

    says: ClassVar[str] = N_("Another time asked for: %(wished_at)s instead of %(planned_at)s: %(reason)s")

    order_id: UUID
    order_code: str
    request_id: UUID
    planned_at: datetime
    wished_at: datetime
    reason: str


@fact("orders")
class DateRequestAgreed(Fact):
    """The planner agreed to another time; the collection was moved to it."""

    says: ClassVar[str] = N_("Another time agreed: %(agreed_at)s: %(reason)s")

    order_id: UUID
    order_code: str
    request_id: UUID
    wished_at: datetime
    agreed_at: datetime
    reason: str


@fact("orders")
class DateRequestDeclined(Fact):
    """The planner declined another time."""

    says: ClassVar[str] = N_("Another time declined: %(wished_at)s: %(reason)s")

    order_id: UUID
    order_code: str
    request_id: UUID
    wished_at: datetime
    reason: str


@fact("orders")
class DateRequestWithdrawn(Fact):
    """The hospital took its request for another time back."""

    says: ClassVar[str] = N_("The wish for %(wished_at)s taken back: %(reason)s")

    order_id: UUID
    order_code: str
    request_id: UUID
    wished_at: datetime
    reason: str


@fact("orders")
class DocumentShared(Fact):
    """A document about an order was handed in; the file itself stands beside the journal, its hash within."""

    says: ClassVar[str] = N_("Document handed in: %(kind)s, %(filename)s")

    order_id: UUID
    order_code: str
    document_id: UUID
    kind: str
    filename: str
    size_bytes: int
    sha256: str


@fact("orders")
class DocumentWithdrawn(Fact):
    """A document was taken back: nobody can fetch it any more."""

    says: ClassVar[str] = N_("Document taken back: %(kind)s, %(filename)s: %(reason)s")

    order_id: UUID
    order_code: str
    document_id: UUID
    kind: str
    filename: str
    reason: str
