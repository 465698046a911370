"""What stands in the way of a container (N2, N5, N6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from vein2vein.core.refusals import N_, Blocker
from vein2vein.identity.rules.labels import chain_closed, container_ended
from vein2vein.identity.rules.records import ContainerView
from vein2vein.identity.states import DISPOSITIONS, ENDED, ContainerKind, ContainerState, Disposition


def derive_blockers(parents: Sequence[ContainerView], *, kind: ContainerKind, chain_open: bool) -> list[Blocker]:
    """Return why a container may not be made from `parents` (N2): one chain, nothing rejected, nothing gone."""
    found = [] if chain_open else [chain_closed()]
    if not parents:
        found.append(
            Blocker(
                "identity.no_parent",
                N_("A container comes from at least one other"),
                field="parent_ids",
                mend=N_("Scan the container that it is made from"),
            )
        )
    if len({parent.coi_id for parent in parents}) > 1:
        found.append(
            Blocker(
                "identity.two_chains",
                N_("These containers belong to different treatment courses: they must never meet"),
                field="parent_ids",
                mend=N_("Stop. Take the other container away and call the supervisor"),
            )
        )
    if kind is ContainerKind.STARTING_MATERIAL:
        found.append(
            Blocker(
                "identity.starting_material_derived",
                N_("Starting material comes from the patient, by a kit label"),
                field="kind",
                value=kind.value,
                mend=N_("Name it an intermediate, a sample or a retain"),
            )
        )
    usable = (ContainerState.ACTIVE, ContainerState.THAWED, ContainerState.CONSUMED)
    found += [
        Blocker(
            "identity.parent_state",
            N_("Nothing is made from a container that is %(state)s"),
            field="parent_ids",
            value=parent.state,
            mend=N_("Scan the container that is in your hands"),
            params={"state": parent.state},
        )
        for parent in parents
        if parent.state not in usable
    ]
    if kind is not ContainerKind.SAMPLE and any(parent.disposition == Disposition.REJECTED for parent in parents):
        found.append(rejected())
    return found


def rejected() -> Blocker:
    """Return the blocker of what was rejected (拒收)."""
    return Blocker(
        "identity.rejected",
        N_("The container was rejected"),
        field="container",
        value=Disposition.REJECTED.value,
        mend=N_("It may be sampled or destroyed, nothing else"),
    )


def disposition_blockers(container: ContainerView, disposition: Disposition) -> list[Blocker]:
    """Return why a decision may not follow the present one."""
    if container.state in (ContainerState.INFUSED, ContainerState.DESTROYED):
        return [container_ended(container.state)]
    fits = {
        Disposition.RELEASED: container.kind == ContainerKind.FINAL_PRODUCT,
        Disposition.ACCEPTED: container.kind != ContainerKind.FINAL_PRODUCT,
    }.get(disposition, True)
    if disposition in DISPOSITIONS[Disposition(container.disposition)] and fits:
        return []
    return [
        Blocker(
            "identity.disposition",
            N_("A %(kind)s that is %(was)s does not become %(became)s"),
            field="disposition",
            value=disposition.value,
            mend=N_("Product is released, everything else is accepted; a rejection is final"),
            params={"kind": container.kind, "was": container.disposition, "became": disposition.value},
        )
    ]


def consume_blockers(container: ContainerView) -> list[Blocker]:
    """Return why a container may not be used up: only accepted starting material goes into the process."""
    found = []
    if container.disposition == Disposition.REJECTED and container.kind != ContainerKind.SAMPLE:
        found.append(rejected())
    if container.kind == ContainerKind.STARTING_MATERIAL and container.disposition == Disposition.QUARANTINED:
        found.append(
            Blocker(
                "identity.not_accepted",
                N_("The starting material is in quarantine"),
                field="container",
                value=container.disposition,
                mend=N_("It is accepted at the receipt gate first"),
            )
        )
    if container.kind == ContainerKind.FINAL_PRODUCT:
        found.append(
            Blocker(
                "identity.product_consumed",
                N_("Product is infused or destroyed, not consumed"),
                field="container",
                value=container.kind,
                mend=N_("Scan the sample or the retain"),
            )
        )
    return found


def thaw_blockers(container: ContainerView, at: datetime) -> list[Blocker]:
    """Return why a container may not be thawed (N6): product only when released and in date; samples may be."""
    if container.kind == ContainerKind.FINAL_PRODUCT:
        return released_blockers(container) + in_date_blockers(container, at)
    if container.kind == ContainerKind.STARTING_MATERIAL:
        return consume_blockers(container) + in_date_blockers(container, at)
    return []


def infuse_blockers(container: ContainerView, *, checked: bool, at: datetime) -> list[Blocker]:
    """Return why a container may not be marked infused (N5, N6)."""
    found = product_blockers(container) + released_blockers(container) + in_date_blockers(container, at)
    if container.state != ContainerState.THAWED:
        found.append(state_blocker(container))
    if not checked:
        found.append(
            Blocker(
                "identity.not_matched",
                N_("Two people have not matched wristband, bag and order for this bag"),
                field="container",
                mend=N_("Match at the bedside first"),
            )
        )
    return found


def product_blockers(container: ContainerView) -> list[Blocker]:
    """Return the blocker of a container that is not a product bag."""
    if container.kind == ContainerKind.FINAL_PRODUCT:
        return []
    return [
        Blocker(
            "identity.not_product",
            N_("This is not a product bag but: %(kind)s"),
            field="scanned_label",
            value=container.kind,
            mend=N_("Stop. Scan the product bag"),
            params={"kind": container.kind.replace("_", " ")},
        )
    ]


def released_blockers(container: ContainerView) -> list[Blocker]:
    """Return the blocker of a product that is not released (N6)."""
    if container.disposition == Disposition.RELEASED:
        return []
    return [
        Blocker(
            "identity.not_released",
            N_("The product is not released: it is %(disposition)s"),
            field="scanned_label",
            value=container.disposition,
            mend=N_("Stop. Keep it where it is and call the manufacturer"),
            params={"disposition": container.disposition},
        )
    ]


def in_date_blockers(container: ContainerView, at: datetime) -> list[Blocker]:
    """Return the blocker of a container that is past its expiry at `at`."""
    if container.expires_at is None or at < container.expires_at:
        return []
    return [
        Blocker(
            "identity.expired",
            N_("The container expired at %(expiry)s"),
            field="scanned_label",
            value=container.expires_at.isoformat(timespec="minutes"),
            mend=N_("Stop. Do not use it; call quality assurance"),
            params={"expiry": container.expires_at.isoformat(timespec="minutes")},
        )
    ]


def state_blocker(container: ContainerView) -> Blocker:
    """Return the blocker of a container in the wrong state."""
    return Blocker(
        "identity.container_state",
        N_("The container is %(state)s"),
        field="scanned_label",
        value=container.state,
        mend=N_("Scan the container that is in your hands, or record the step that is missing"),
        params={"state": container.state},
    )


def hand_over_blockers(states: Iterable[str]) -> list[Blocker]:
    """Return why containers may not change hands: what is gone cannot."""
    return [container_ended(state) for state in states if state in ENDED]


def position_blockers(serial: str, name: str, *, sees: bool) -> list[Blocker]:
    """Return why a storage position may not be added."""
    found = []
    if not sees:
        found.append(
            Blocker(
                "identity.other_site",
                N_("This is another site's store"),
                field="site_id",
                mend=N_("Choose a site that you belong to"),
            )
        )
    for field, value in (("serial", serial), ("name", name)):
        if not value.strip():
            found.append(Blocker("identity.empty", N_("This is empty"), field=field, mend=N_("Give a value")))
    return found
