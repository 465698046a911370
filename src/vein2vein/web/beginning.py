"""What a person may begin out of nothing: the actions that hang on no row that a page would have to give."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any, get_args, get_type_hints
from uuid import UUID

from django.utils.translation import gettext

from vein2vein.core.actor import Actor
from vein2vein.doors.labels import title
from vein2vein.journal import ACTIONS, ActionSpec

HAVE_PAGES = frozenset(
    {
        "exchange.receive_order_bundle",
        "orders.draft_order",
        "therapies.submit_definition",
        "materials.receive_lot",
        "quality.open_deviation",
    }
)
"""Begun on a page of their own, where there is more help than in the plain form."""


def beginnings_of(by: Actor) -> list[tuple[str, str]]:
    """Return name and title of each action that `by` may begin from the work list; one's account has its own page."""
    found = [
        (spec.name, gettext(title(spec.verb)))
        for spec in ACTIONS.values()
        if not spec.internal
        and spec.name not in HAVE_PAGES
        and not spec.name.startswith("people.")
        and by.has_any(spec.roles)
        and not _hangs(spec)
    ]
    return sorted(found, key=lambda one: one[1])


@cache
def _hangs(spec: ActionSpec) -> bool:
    hints = get_type_hints(spec.body)
    names = [name for name in inspect.signature(spec.body).parameters if name not in ("by", "witness")]
    return any(is_id(hints[name]) for name in names)


def is_id(hint: Any) -> bool:
    """Say whether an argument of this type is the id of a row, which a page gives and nobody types."""
    return any(getattr(one, "__supertype__", one) is UUID for one in (hint, *get_args(hint)))
