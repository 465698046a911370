"""What the definitions of some orders call their operations."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language

from vein2vein.orders.reads import OrderRow
from vein2vein.therapies.reads import get_definition


def names_of(orders: Iterable[OrderRow]) -> dict[str, str]:
    """Return the names of operations in the reader's language by their codes, the newest definition's first."""
    language = get_language() or "en"
    found: dict[str, str] = {}
    for definition_id in sorted({one.definition_id for one in orders}):
        for operation in get_definition(definition_id).process.operations:
            found.setdefault(operation.id, operation.name.said_in(language))
    return found
