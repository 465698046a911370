"""`@read`: what may be asked, by whom; pages, API and command line are made from the same list."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_, Blocker, NotAllowed

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class ReadSpec:
    """What a read is: its name, who may ask, and the function."""

    name: str
    run: Callable[..., Any]
    body: Callable[..., Any]
    roles: frozenset[Role] | None

    @property
    def context(self) -> str:
        """Return the context's name."""
        return self.name.partition(".")[0]

    @property
    def verb(self) -> str:
        """Return the name within the context."""
        return self.name.partition(".")[2]


MOST_ROWS = 500
"""The most rows that one page of a list holds."""

READS: dict[str, ReadSpec] = {}
"""Every read that a door offers, by "context.verb_noun"."""


def read(name: str, *, roles: Collection[Role] | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Offer a function as the read `name`; it takes `by: Actor` by keyword. Without `roles` all may ask."""

    def declare(body: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(body)

        @functools.wraps(body)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            by: Actor = signature.bind(*args, **kwargs).arguments["by"]
            if spec.roles is not None and not by.has_any(spec.roles | {Role.SYSTEM}):
                raise NotAllowed(
                    Blocker(
                        code="doors.read_not_allowed",
                        message=N_("Your roles do not allow you to read this; these do: %(roles)s"),
                        field="roles",
                        value=", ".join(sorted(by.roles)),
                        mend=N_("Ask somebody who has the role, or an administrator"),
                        params={"roles": ", ".join(sorted(spec.roles - {Role.SYSTEM}))},
                    )
                )
            return body(*args, **kwargs)

        spec = ReadSpec(name, run, body, None if roles is None else frozenset(roles))
        READS[name] = spec
        return run

    return declare


def page(rows: QuerySet[M], limit: int, after: UUID | None = None, *, newest: bool = False) -> list[M]:
    """Return one page of rows in the order of their ids, behind the one with id `after`; 1 to 500 of them.

    Ids grow with time: with `newest` the order is turned round.
    """
    if after is not None:
        rows = rows.filter(pk__lt=after) if newest else rows.filter(pk__gt=after)
    return first_rows(rows.order_by("-id" if newest else "id"), limit)


def first_rows(rows: QuerySet[M], limit: int) -> list[M]:
    """Return the first rows in the order that they have, 1 to 500 of them."""
    return list(rows[: max(1, min(limit, MOST_ROWS))])
