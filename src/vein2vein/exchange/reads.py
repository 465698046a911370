"""Reading what was received, and answering in FHIR."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from vein2vein.core.refusals import Refusal
from vein2vein.engines.fhir.outcome import operation_outcome
from vein2vein.exchange.models import ReceivedBundle
from vein2vein.orders.reads import load_order


@dataclass(frozen=True, slots=True)
class ReceivedOrder:
    """What became of a bundle: the order, and the FHIRPaths of what was sent and not understood."""

    order_id: UUID
    order_code: str
    state: str
    identifier: str
    digest: str
    unread: tuple[str, ...]
    repeated: bool = False


def find_bundle(hospital_code: str, identifier: str) -> ReceivedBundle | None:
    """Return the bundle that a hospital sent under this order number, or None."""
    return ReceivedBundle.objects.filter(hospital_code=hospital_code, identifier=identifier).first()


def received(row: ReceivedBundle, *, unread: tuple[str, ...], repeated: bool = False) -> ReceivedOrder:
    """Return what became of a bundle."""
    order = load_order(row.order_id)
    return ReceivedOrder(order.pk, order.code, order.state, row.identifier, row.digest, unread, repeated)


def outcome(refusal: Refusal, translate: Callable[[str], str] = str) -> dict[str, Any]:
    """Return a refusal as a FHIR R4 OperationOutcome, its texts through `translate`."""
    return operation_outcome(refusal.blockers, translate)


def answer(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return the FHIR R4 answer to a bundle that became the presented order: an OperationOutcome of information."""
    diagnostics = f"order {order['order_code']} ({order['state']})"
    if order["unread"]:
        diagnostics += "; not read: " + ", ".join(order["unread"])
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "information", "code": "informational", "diagnostics": diagnostics}],
    }
