"""What a check of identity by two people lacks."""

from __future__ import annotations

from vein2vein.core.refusals import N_, Blocker
from vein2vein.identity.states import Occasion


def witness_blockers(*, present: bool, same: bool, signed: bool, trusted: bool) -> list[Blocker]:
    """Return why an identity check has not got its two people."""
    if not present:
        return [_second(N_("An identity check needs two people"), N_("Ask a second person to compare and sign"))]
    if same:
        return [_second(N_("Nobody checks their own work"), N_("Ask a second person to compare and sign"))]
    if not signed:
        return [_second(N_("The second person has not signed"), N_("The second person signs with their own PIN"))]
    if not trusted:
        return [_second(N_("The second person may not check identities here"), N_("Ask a colleague of this site"))]
    return []


def _second(message: str, mend: str) -> Blocker:
    return Blocker("identity.second_person", message, field="witness", mend=mend)


def occasion_blockers(occasion: Occasion) -> list[Blocker]:
    """Return why a check may not be recorded by itself: what belongs to an order is matched there."""
    if occasion in (Occasion.COLLECTION, Occasion.RECEIPT):
        return []
    return [
        Blocker(
            "identity.matched_elsewhere",
            N_("This check is not recorded by itself"),
            field="occasion",
            value=occasion.value,
            mend=N_("Match thaw and infusion on the order, the wristband when it is put on"),
        )
    ]
