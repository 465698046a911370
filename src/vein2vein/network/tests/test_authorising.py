"""Authorisations are entered and ended by quality, signed; nothing overlaps, nothing ends in the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refused
from vein2vein.journal.reads import list_recent, list_stream
from vein2vein.network.models import Authorisation
from vein2vein.network.reads import find_authorisation
from vein2vein.network.states import Route

Find = Callable[[str], Actor]
Sign = Callable[..., Actor]
STRANGERS = ("physician.rj", "planner", "admin", "supervisor", "carrier.a", "analyst")


def told(**changed: Any) -> dict[str, Any]:
    return {
        "therapy_code": "rapid-bcma-cd19",
        "market_code": "SG",
        "indication_code": "multiple_myeloma",
        "route": Route.COMMERCIAL,
        "reference": "HSA-DEMO-1",
        "holder_code": "CN-MAH-DEMO",
        "valid_from_on": clock.now().date(),
        "valid_to_on": None,
    } | changed


def run(action: str, by: Actor, sign: Sign, **given: Any) -> Any:
    return journal.ACTIONS[action].run(**given, by=sign(by, action, **given))


def left() -> tuple[int, int]:
    return list_recent(limit=1)[0].id, Authorisation.objects.count()


def test_an_authorisation_opens_a_route_and_its_end_closes_it(db: None, actor: Find, sign: Sign) -> None:
    today = clock.now().date()

    def stands(on: date) -> bool:
        asked = {"therapy_code": "rapid-bcma-cd19", "market": "SG", "indication_code": "multiple_myeloma"}
        return find_authorisation(**asked, route=Route.COMMERCIAL, on=on) is not None

    assert not stands(today)
    row = run("network.record_authorisation", actor("qp"), sign, **told())
    entry = list_stream(f"authorisation:{row.pk}")[-1]
    assert (entry.fact, entry.data["market"]) == ("network.AuthorisationEntered", "SG")
    assert entry.payload["signatures"][0]["meaning"] == "authorisation entered"
    assert stands(today)
    before = left()
    with pytest.raises(Conflict, match="authorised for a part of this time already"):
        run("network.record_authorisation", actor("qp"), sign, **told(reference="another"))
    assert left() == before
    last = today + timedelta(days=3)
    given = {"authorisation_id": row.pk, "valid_to_on": last, "reason": "withdrawn by the holder"}
    run("network.end_authorisation", actor("qareviewer"), sign, **given)
    assert list_stream(f"authorisation:{row.pk}")[-1].fact == "network.AuthorisationEnded"
    assert (stands(last), stands(last + timedelta(days=1))) == (True, False)
    before = left()
    with pytest.raises(Refused):
        run("network.end_authorisation", actor("qp"), sign, **(given | {"valid_to_on": last + timedelta(days=9)}))
    assert left() == before


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"route": Route.NONE}, Refused, "network.authorisation_route"),
        ({"reference": " "}, Refused, "network.authorisation_part"),
        ({"valid_to_on": date(2020, 1, 1)}, Refused, "network.authorisation_days"),
        ({"market_code": "XX"}, NotFound, "network.not_found"),
        ({"holder_code": "nobody"}, NotFound, "network.not_found"),
    ],
)
def test_what_is_not_entered(
    db: None, actor: Find, sign: Sign, changed: dict[str, Any], kind: type[Exception], code: str
) -> None:
    before = left()
    with pytest.raises(kind) as caught:
        run("network.record_authorisation", actor("qp"), sign, **told(**changed))
    assert code in [one.code for one in getattr(caught.value, "blockers", ())]
    assert left() == before


def test_others_may_not_and_nobody_unsigned(db: None, actor: Find) -> None:
    before = left()
    first = Authorisation.objects.first()
    assert first is not None
    end = {"authorisation_id": first.pk, "valid_to_on": clock.now().date(), "reason": "x"}
    for who in (*STRANGERS, "qp"):
        with pytest.raises(NotAllowed):
            journal.ACTIONS["network.record_authorisation"].run(**told(), by=actor(who))
        with pytest.raises(NotAllowed):
            journal.ACTIONS["network.end_authorisation"].run(**end, by=actor(who))
    assert left() == before
