"""Who stands behind a request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from vein2vein.core.actor import Actor
from vein2vein.core.ids import AccountId
from vein2vein.people import reads as people


def actor_of_request(request: HttpRequest) -> Actor | None:
    """Return the actor of the signed-in account, read once for each request; None when nobody is signed in."""
    if not request.user.is_authenticated:
        return None
    kept: dict[str, Any] = vars(request)
    if "v2v_actor" not in kept:
        kept["v2v_actor"] = people.actor_for(AccountId(request.user.pk))
    actor: Actor = kept["v2v_actor"]
    return actor
