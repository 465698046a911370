"""Who stands behind a request."""

from __future__ import annotations

from django.http import HttpRequest

from vein2vein.core.actor import Actor
from vein2vein.core.ids import AccountId
from vein2vein.people import reads as people


def actor_of_request(request: HttpRequest) -> Actor | None:
    """Return the actor of the signed-in account, read once for each request; None when nobody is signed in."""
    if not request.user.is_authenticated:
        return None
    found: Actor | None = getattr(request, "v2v_actor", None)
    if found is None:
        found = people.actor_for(AccountId(request.user.pk))
        request.v2v_actor = found  # type: ignore[attr-defined]
    return found
