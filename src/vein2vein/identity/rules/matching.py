"""The three-way match of wristband, bag and order (N5): what differs is named, whose it is is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vein2vein.core.refusals import N_, Blocker
from vein2vein.identity.rules.containers import (
    in_date_blockers,
    product_blockers,
    released_blockers,
    state_blocker,
)
from vein2vein.identity.rules.labels import label_state_blocker
from vein2vein.identity.rules.records import ContainerView
from vein2vein.identity.states import IN_FORCE, ContainerState, Occasion


@dataclass(frozen=True, slots=True)
class Band:
    """The scanned wristband: whose course it names, and whether it is in force."""

    coi_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class Bag:
    """The scanned bag: the container, and the state of the label that was scanned on it."""

    container: ContainerView
    label_state: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the order asks for: the course, and the very containers that may be used; None: any of the course."""

    coi_id: UUID
    container_ids: frozenset[UUID] | None = None


WITH_WRISTBAND = (Occasion.WRISTBAND, Occasion.COLLECTION, Occasion.INFUSION)
"""The occasions at which the patient is there, and the wristband is scanned."""

OF_PRODUCT = (Occasion.THAW, Occasion.INFUSION)
"""The occasions at which only a released product bag of the order may be in hand."""


def match(*, occasion: Occasion, band: Band | None, bag: Bag | None, ordered: Ordered, at: datetime) -> list[Blocker]:
    """Return what differs between wristband, bag and order; of a stranger's bag or band nothing else is said."""
    found = []
    if occasion in WITH_WRISTBAND:
        found += _band_blockers(band, ordered)
    if occasion not in (Occasion.WRISTBAND, Occasion.COLLECTION) and bag is None:
        found.append(
            Blocker(
                "identity.no_bag",
                N_("No bag was scanned"),
                field="scanned_label",
                mend=N_("Scan the label of the bag in your hands"),
            )
        )
    if bag is not None:
        found += _bag_blockers(bag, ordered, occasion, at)
    return found


def _band_blockers(band: Band | None, ordered: Ordered) -> list[Blocker]:
    if band is None:
        return [
            Blocker(
                "identity.no_wristband",
                N_("No wristband was scanned"),
                field="scanned_wristband",
                mend=N_("Scan the wristband on the patient's arm"),
            )
        ]
    if band.coi_id != ordered.coi_id:
        return [
            Blocker(
                "identity.wristband_other_course",
                N_("The wristband is not that of this treatment course"),
                field="scanned_wristband",
                mend=N_("Stop. This may be another patient: identify the patient again"),
            )
        ]
    if band.state not in IN_FORCE:
        return [
            Blocker(
                "identity.wristband_void",
                N_("The wristband is not in force"),
                field="scanned_wristband",
                value=band.state,
                mend=N_("Identify the patient again and issue a wristband"),
            )
        ]
    return []


def _bag_blockers(bag: Bag, ordered: Ordered, occasion: Occasion, at: datetime) -> list[Blocker]:
    container = bag.container
    if container.coi_id != ordered.coi_id:
        return [
            Blocker(
                "identity.bag_other_course",
                N_("The bag belongs to another treatment course"),
                field="scanned_label",
                mend=N_("Stop. Do not use this bag; keep it safe and call the supervisor"),
            )
        ]
    found = [] if bag.label_state in IN_FORCE else [label_state_blocker(bag.label_state)]
    if ordered.container_ids is not None and container.container_id not in ordered.container_ids:
        found.append(
            Blocker(
                "identity.not_the_ordered_bag",
                N_("The bag is of this patient, but it is not the one that was ordered"),
                field="scanned_label",
                mend=N_("Stop. Scan the bag that the release for infusion names"),
            )
        )
    if occasion in OF_PRODUCT:
        found += product_blockers(container) + released_blockers(container) + in_date_blockers(container, at)
        wanted = ContainerState.ACTIVE if occasion is Occasion.THAW else ContainerState.THAWED
        if container.state != wanted:
            found.append(state_blocker(container))
    return found
