"""What stands in the way of a label (N3, N4)."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions.vocabulary import LabelField
from vein2vein.identity.rules.records import KitLabelWish, LabelCount
from vein2vein.identity.states import ENDED, ContainerKind, LabelKind, LabelState

MOST_LABELS = 200


def dual_entry_blockers(
    *, manual: bool, entered: Sequence[str], again: Sequence[str], witnessed: bool
) -> list[Blocker]:
    """Return what the manual path lacks: each code entered a second time, alike, and a witness who signed."""
    if not manual:
        return []
    found = []
    if [_bare(one) for one in entered] != [_bare(one) for one in again]:
        found.append(
            Blocker(
                "identity.entered_differently",
                N_("The two entries of the code differ, or the second one is missing"),
                field="entered_again",
                mend=N_("Enter each code a second time, in the same order, from the label and not from the screen"),
            )
        )
    if not witnessed:
        found.append(
            Blocker(
                "identity.manual_unwitnessed",
                N_("A code that is typed needs a second person who compares it and signs"),
                field="witness",
                mend=N_("Scan the code, or ask a second person to witness"),
            )
        )
    return found


def _bare(code: str) -> str:
    return code.strip().upper()


def kit_blockers(wishes: Sequence[KitLabelWish], *, chain_open: bool, unreconciled: bool) -> list[Blocker]:
    """Return why a kit may not be printed."""
    found = []
    if not chain_open:
        found.append(chain_closed())
    if unreconciled:
        found.append(
            Blocker(
                "identity.kit_unreconciled",
                N_("An earlier kit of this treatment course is not reconciled"),
                field="kit",
                mend=N_("Void its spare labels and reconcile it first"),
            )
        )
    total = sum(wish.quantity for wish in wishes)
    if any(wish.quantity < 1 for wish in wishes) or not 1 <= total <= MOST_LABELS:
        found.append(
            Blocker(
                "identity.kit_quantity",
                N_("A kit has from 1 to %(most)s labels, at least one of each purpose"),
                field="labels",
                value=str(total),
                mend=N_("Correct the quantities"),
                params={"most": str(MOST_LABELS)},
            )
        )
    if any(not wish.purpose.strip() or not wish.container_role.strip() for wish in wishes):
        found.append(
            Blocker(
                "identity.kit_purpose",
                N_("Each label needs a purpose and a container role"),
                field="labels",
                mend=N_("Take them from the therapy's definition"),
            )
        )
    if any(wish.container_kind is not ContainerKind.STARTING_MATERIAL for wish in wishes):
        found.append(
            Blocker(
                "identity.kit_kind",
                N_("Only starting material comes without a parent; everything else is labelled in its step"),
                field="labels",
                mend=N_("Leave this label out of the kit"),
            )
        )
    return found


def chain_closed() -> Blocker:
    """Return the blocker of a closed chain."""
    return Blocker(
        "identity.chain_closed",
        N_("This chain of identity is closed: nothing more is tied to it"),
        field="coi",
        mend=N_("A new treatment course has a chain of its own"),
    )


def activation_blockers(
    *, label_state: str, label_coi: UUID, wristband_coi: UUID, coi_id: UUID, chain_open: bool, checked: bool
) -> list[Blocker]:
    """Return why a kit label may not be activated at this bedside (N2, N3)."""
    found = [] if chain_open else [chain_closed()]
    if wristband_coi != coi_id:
        found.append(
            Blocker(
                "identity.wristband_other_course",
                N_("The wristband is not that of this treatment course"),
                field="scanned_wristband",
                mend=N_("Stop. This may be another patient: identify the patient again"),
            )
        )
    if label_coi != coi_id:
        found.append(
            Blocker(
                "identity.label_other_course",
                N_("The label was printed for another treatment course"),
                field="scanned_label",
                mend=N_("Stop. Take the kit away from this bedside and use the patient's own"),
            )
        )
    if label_state != LabelState.PRINTED:
        found.append(label_state_blocker(label_state))
    if not checked:
        found.append(
            Blocker(
                "identity.not_checked",
                N_("Two people have not yet identified the patient for this collection"),
                field="coi",
                mend=N_("Record the identity check of the collection first"),
            )
        )
    return found


def label_state_blocker(state: str) -> Blocker:
    """Return the blocker of a label that cannot be used as it is (N3)."""
    said = {
        LabelState.PRINTED: (N_("This label was never activated at the bedside"), N_("It is a spare: void it")),
        LabelState.VOIDED: (N_("This label is void"), N_("Use the label that was printed in its place")),
    }.get(LabelState(state), (N_("This label is in use already"), N_("Take a fresh label of the kit")))
    return Blocker("identity.label_state", said[0], field="scanned_label", value=state, mend=said[1])


def void_blockers(*, label_state: str, container_state: str | None) -> list[Blocker]:
    """Return why a label may not be voided: a container that still exists keeps its label in force."""
    if label_state == LabelState.VOIDED:
        return [label_state_blocker(label_state)]
    if container_state is not None and container_state not in ENDED:
        return [
            Blocker(
                "identity.label_needed",
                N_("The label is in force on a container"),
                field="scanned_label",
                value=label_state,
                mend=N_("Print it again with a second person: that voids this one"),
            )
        ]
    return []


def reprint_blockers(*, label_kind: str, label_state: str, container_state: str | None) -> list[Blocker]:
    """Return why a label may not be printed again."""
    if label_kind == LabelKind.WRISTBAND:
        return [
            Blocker(
                "identity.wristband_reprint",
                N_("A wristband is not printed again"),
                field="label_id",
                value=label_kind,
                mend=N_("Identify the patient again and issue a new wristband"),
            )
        ]
    if label_state == LabelState.VOIDED:
        return [label_state_blocker(label_state)]
    if container_state in ENDED:
        return [container_ended(str(container_state))]
    return []


def container_ended(state: str) -> Blocker:
    """Return the blocker of a container that is no more."""
    return Blocker(
        "identity.container_ended",
        N_("The container is %(state)s already"),
        field="container",
        value=state,
        mend=N_("Scan the container that is in your hands"),
        params={"state": state},
    )


def reconciliation_blockers(count: LabelCount, *, counted_used: int, counted_voided: int) -> list[Blocker]:
    """Return why a kit does not reconcile: printed = used + voided, by the records and by hand (N3)."""
    found = []
    if count.difference:
        found.append(
            Blocker(
                "identity.labels_astray",
                N_("%(printed)s labels were printed, %(used)s used and %(voided)s voided: %(difference)s are missing"),
                field="kit",
                value=str(count.difference),
                mend=N_("Find each label: void the spare ones, fill or destroy what was activated"),
                params={
                    "printed": str(count.printed),
                    "used": str(count.used),
                    "voided": str(count.voided),
                    "difference": str(count.difference),
                },
            )
        )
    for field, counted, recorded in (
        ("counted_used", counted_used, count.used),
        ("counted_voided", counted_voided, count.voided),
    ):
        if counted != recorded:
            found.append(
                Blocker(
                    "identity.labels_miscounted",
                    N_("%(counted)s labels were counted, and the record says %(recorded)s"),
                    field=field,
                    value=str(counted),
                    mend=N_("Count the labels in your hands again; open a deviation if it stays so"),
                    params={"counted": str(counted), "recorded": str(recorded)},
                )
            )
    return found


def reason_blockers(reason: str) -> list[Blocker]:
    """Return the blocker of a missing reason."""
    if reason.strip():
        return []
    return [Blocker("identity.no_reason", N_("A reason is needed"), field="reason", mend=N_("Say why this is done"))]


def spare_blockers(spare: int) -> list[Blocker]:
    """Return the blocker of a kit without spare labels."""
    if spare:
        return []
    return [
        Blocker(
            "identity.no_spare_labels",
            N_("This kit has no spare labels"),
            field="kit_id",
            value="0",
            mend=N_("Reconcile it"),
        )
    ]


def printable_blockers(*, label_state: str, code: str) -> list[Blocker]:
    """Return why a label is not printed: it is void (N3)."""
    found = []
    if label_state == LabelState.VOIDED:
        found.append(
            Blocker(
                "identity.label_void",
                N_("A void label is not printed"),
                field="label",
                value=code,
                mend=N_("Print the label that is in force"),
            )
        )
    return found


_ON_A_TRIAL_ONLY = frozenset({LabelField.PROTOCOL, LabelField.SUBJECT_NUMBER})


def field_blockers(demanded: AbstractSet[str], present: AbstractSet[str], *, trial_only: bool) -> list[Blocker]:
    """Return one blocker for each field that the definition demands and the label cannot show.

    A donation number is demanded only where the hospital gave one; protocol and subject only on a trial.
    """
    waived = {LabelField.DONATION_NUMBER} | (frozenset() if trial_only else _ON_A_TRIAL_ONLY)
    return [
        Blocker(
            "identity.label_incomplete",
            N_("The label must show “%(field)s” and it is not known"),
            field=field,
            mend=N_("Record it first; a label without it is not printed"),
            params={"field": field.replace("_", " ")},
        )
        for field in sorted(demanded - present - waived)
    ]
