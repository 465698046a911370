"""Copies of a patient's product: never the only one in one place, unless somebody accepted that by name (N19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vein2vein.core.actor import Role
from vein2vein.core.refusals import N_, Blocker


@dataclass(frozen=True, slots=True)
class Copy:
    """A container of product that is there: whether it is of the dose, and in which store ("": not in a store)."""

    code: str
    in_dose: bool
    store: str = ""


def only_copy_blockers(copies: Sequence[Copy], *, accepted: bool) -> list[Blocker]:
    """Return why the dose may not leave: everything that there is of the product would travel in one container."""
    if accepted or any(not one.in_dose for one in copies):
        return []
    return [
        Blocker(
            code="orders.only_copy",
            message=N_("This is the only copy of the patient's product: no reserve stays behind"),
            field="back_up",
            value=", ".join(one.code for one in copies),
            mend=N_("Keep a reserve in another store, or have the single-copy risk accepted by name"),
        )
    ]


def one_store_blockers(copies: Sequence[Copy], *, accepted: bool) -> list[Blocker]:
    """Return why a product is not released: dose and reserve are known to be in one store."""
    stores = {one.store for one in copies}
    reserve = any(not one.in_dose for one in copies)
    if accepted or not reserve or len(stores) != 1 or "" in stores:
        return []
    return [
        Blocker(
            code="orders.copies_in_one_store",
            message=N_("Every copy of the patient's product is in the store %(store)s"),
            field="back_up",
            value=next(iter(stores)),
            mend=N_("Put the reserve into another store"),
            params={"store": next(iter(stores))},
        )
    ]


def acceptance_blockers(*, accepted_by: Role, held: frozenset[Role], accepted: bool) -> list[Blocker]:
    """Return why this person does not accept the single-copy risk: the definition names another, or it was done."""
    found = []
    if accepted_by not in held:
        found.append(
            Blocker(
                code="orders.risk_of_another_role",
                message=N_("The definition has this risk accepted by the role %(role)s"),
                field="by",
                value=", ".join(sorted(held)),
                mend=N_("Ask somebody who holds the role"),
                params={"role": accepted_by.value},
            )
        )
    if accepted:
        found.append(
            Blocker(
                code="orders.risk_accepted",
                message=N_("The single-copy risk was accepted already"),
                field="back_up",
                mend=N_("Nothing is left to do here"),
            )
        )
    return found
