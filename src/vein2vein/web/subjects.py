"""What a form is about, by the codes that people know it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from vein2vein.core.actor import Actor
from vein2vein.core.ids import OrderId
from vein2vein.core.refusals import Refusal
from vein2vein.doors.naming import Known, known_of
from vein2vein.orders.reads import get_order


def subjects_of(given: Mapping[str, Any], by: Actor) -> list[Known]:
    """Return what the ids among an act's arguments stand for, as far as this person may know.

    Whoever sees every site may know all of them; of a hospital's people only the order is told, after their own read.
    """
    ids = {name: UUID(str(value)) for name, value in given.items() if _is_uuid(value)}
    if by.sites is None:
        found = known_of(set(ids.values()))
        return [found[one] for one in dict.fromkeys(ids.values()) if one in found]
    if "order_id" not in ids:
        return []
    try:
        return [Known("order", get_order(order_id=OrderId(ids["order_id"]), by=by).code)]
    except Refusal:
        return []


def _is_uuid(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
