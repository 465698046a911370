"""The words of the thread: kinds, states and every way from one state to the next."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class Sex(StrEnum):
    """What the patient's papers say; eligibility and some reference ranges depend on it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class ChainState(StrEnum):
    """A treatment course's thread is open until nothing more is to be tied to it."""

    OPEN = "open"
    CLOSED = "closed"


class ContainerKind(StrEnum):
    """What a container holds, seen from the patient."""

    STARTING_MATERIAL = "starting_material"
    INTERMEDIATE = "intermediate"
    FINAL_PRODUCT = "final_product"
    SAMPLE = "sample"
    RETAIN = "retain"


class ContainerState(StrEnum):
    """What has become of a container."""

    EXPECTED = "expected"
    ACTIVE = "active"
    CONSUMED = "consumed"
    THAWED = "thawed"
    INFUSED = "infused"
    DESTROYED = "destroyed"


class Disposition(StrEnum):
    """What was decided about a container's contents."""

    QUARANTINED = "quarantined"
    ACCEPTED = "accepted"
    RELEASED = "released"
    REJECTED = "rejected"


class LabelKind(StrEnum):
    """What a label is put on: a container, or the patient's wrist."""

    CONTAINER = "container"
    WRISTBAND = "wristband"


class LabelState(StrEnum):
    """A label's life; it is in force while activated or used."""

    PRINTED = "printed"
    ACTIVATED = "activated"
    USED = "used"
    VOIDED = "voided"


class KitState(StrEnum):
    """A kit is printed, then reconciled (标签平衡) with nothing left over."""

    PRINTED = "printed"
    RECONCILED = "reconciled"


class CustodianKind(StrEnum):
    """Who or what has a container: a person, an organisation (a carrier), or a location."""

    PERSON = "person"
    ORGANISATION = "organisation"
    LOCATION = "location"


class Occasion(StrEnum):
    """When two people compare the patient, the container and the order."""

    WRISTBAND = "wristband"
    COLLECTION = "collection"
    RECEIPT = "receipt"
    THAW = "thaw"
    INFUSION = "infusion"


IN_FORCE = (LabelState.ACTIVATED, LabelState.USED)
"""The states in which a label says what is in a container."""

ENDED = (ContainerState.CONSUMED, ContainerState.INFUSED, ContainerState.DESTROYED)
"""The states that a container never leaves."""

CHAIN = transitions("chain", [ChainState.OPEN], (ChainState.OPEN, "close", ChainState.CLOSED))

CONTAINER = transitions(
    "container",
    [ContainerState.EXPECTED, ContainerState.ACTIVE],
    (ContainerState.EXPECTED, "fill", ContainerState.ACTIVE),
    (ContainerState.EXPECTED, "destroy", ContainerState.DESTROYED),
    (ContainerState.ACTIVE, "consume", ContainerState.CONSUMED),
    (ContainerState.ACTIVE, "thaw", ContainerState.THAWED),
    (ContainerState.ACTIVE, "destroy", ContainerState.DESTROYED),
    (ContainerState.THAWED, "consume", ContainerState.CONSUMED),
    (ContainerState.THAWED, "infuse", ContainerState.INFUSED),
    (ContainerState.THAWED, "destroy", ContainerState.DESTROYED),
)

LABEL = transitions(
    "label",
    [LabelState.PRINTED, LabelState.USED],
    (LabelState.PRINTED, "activate", LabelState.ACTIVATED),
    (LabelState.PRINTED, "void", LabelState.VOIDED),
    (LabelState.ACTIVATED, "use", LabelState.USED),
    (LabelState.ACTIVATED, "void", LabelState.VOIDED),
    (LabelState.USED, "void", LabelState.VOIDED),
)

KIT = transitions("kit", [KitState.PRINTED], (KitState.PRINTED, "reconcile", KitState.RECONCILED))

DISPOSITIONS: dict[Disposition, frozenset[Disposition]] = {
    Disposition.QUARANTINED: frozenset({Disposition.ACCEPTED, Disposition.RELEASED, Disposition.REJECTED}),
    Disposition.ACCEPTED: frozenset({Disposition.QUARANTINED, Disposition.REJECTED}),
    Disposition.RELEASED: frozenset({Disposition.QUARANTINED, Disposition.REJECTED}),
    Disposition.REJECTED: frozenset(),
}
"""Which decision may follow which; a rejection (拒收) is final."""
