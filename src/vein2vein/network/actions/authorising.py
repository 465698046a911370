"""Markets and routes: an authorisation entered when the agency gave it, and ended when it ends."""

from __future__ import annotations

from datetime import date

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AuthorisationId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.network import facts, reads, rules
from vein2vein.network.models import Authorisation
from vein2vein.network.states import Route

_KEEPERS = {Role.QA_REVIEWER, Role.QUALIFIED_PERSON}

journal.explain(
    "network_authorisation_overlap",
    Blocker(
        "network.authorised_already",
        N_("The same therapy, market, indication and route are authorised for a part of this time already"),
        field="valid_from_on",
        mend=N_("End the other one first, or begin this one after it"),
    ),
)


@journal.action("network.record_authorisation", roles=_KEEPERS, signed=N_("authorisation entered"))
def record_authorisation(
    *,
    therapy_code: str,
    market_code: str,
    indication_code: str,
    route: Route,
    reference: str,
    holder_code: str,
    valid_from_on: date,
    valid_to_on: date | None = None,
    by: Actor,
) -> Authorisation:
    """Enter by whose permission, under which reference, a therapy may be given in a market on a route."""
    market, holder = reads.get_market(market_code), reads.get_site(holder_code)
    refuse_any(
        rules.authorisation_blockers(
            therapy_code, indication_code, route, reference, valid_from_on=valid_from_on, valid_to_on=valid_to_on
        )
    )
    row = Authorisation(
        therapy_code=therapy_code.strip(),
        market=market,
        indication_code=indication_code.strip(),
        route=route.value,
        valid_from_on=valid_from_on,
        valid_to_on=valid_to_on,
        reference=reference.strip(),
        holder=holder,
    )
    journal.record(
        facts.AuthorisationEntered(
            authorisation_id=row.pk,
            therapy_code=row.therapy_code,
            market=market.code,
            indication_code=row.indication_code,
            route=row.route,
            valid_from_on=valid_from_on,
            valid_to_on=valid_to_on,
        ),
        stream=f"authorisation:{row.pk}",
        refs=[f"site:{holder.pk}"],
        inserts=[row],
    )
    return row


@journal.action("network.end_authorisation", roles=_KEEPERS, signed=N_("authorisation ended"))
def end_authorisation(*, authorisation_id: AuthorisationId, valid_to_on: date, reason: str, by: Actor) -> Authorisation:
    """End an authorisation on its last good day, today or later: nothing is ordered or released under it afterwards."""
    row = reads.get_authorisation(authorisation_id)
    today = clock.now().date()
    refuse_any(
        rules.ending_blockers(
            valid_to_on, reason, valid_from_on=row.valid_from_on, standing_to_on=row.valid_to_on, today=today
        )
    )
    journal.record(
        facts.AuthorisationEnded(
            authorisation_id=row.pk,
            therapy_code=row.therapy_code,
            market=row.market.code,
            indication_code=row.indication_code,
            route=row.route,
            valid_to_on=valid_to_on,
            reason=reason.strip(),
        ),
        stream=f"authorisation:{row.pk}",
        refs=[f"site:{row.holder_id}"],
        changes=[(row, {"valid_to_on": valid_to_on})],
    )
    return row
