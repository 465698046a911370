"""What stands in the way on the thread: pure functions that return blockers."""

from vein2vein.identity.rules.checks import occasion_blockers, witness_blockers
from vein2vein.identity.rules.containers import (
    consume_blockers,
    derive_blockers,
    disposition_blockers,
    hand_over_blockers,
    infuse_blockers,
    position_blockers,
    thaw_blockers,
)
from vein2vein.identity.rules.labels import (
    activation_blockers,
    chain_closed,
    container_ended,
    dual_entry_blockers,
    kit_blockers,
    label_state_blocker,
    reason_blockers,
    reconciliation_blockers,
    reprint_blockers,
    spare_blockers,
    void_blockers,
)
from vein2vein.identity.rules.matching import Bag, Band, Ordered, match
from vein2vein.identity.rules.patients import normal_number, patient_blockers
from vein2vein.identity.rules.records import ContainerView, Custodian, KitLabelWish, LabelCount

__all__ = [
    "Bag",
    "Band",
    "ContainerView",
    "Custodian",
    "KitLabelWish",
    "LabelCount",
    "Ordered",
    "activation_blockers",
    "chain_closed",
    "consume_blockers",
    "container_ended",
    "derive_blockers",
    "disposition_blockers",
    "dual_entry_blockers",
    "hand_over_blockers",
    "infuse_blockers",
    "kit_blockers",
    "label_state_blocker",
    "match",
    "normal_number",
    "occasion_blockers",
    "patient_blockers",
    "position_blockers",
    "reason_blockers",
    "reconciliation_blockers",
    "reprint_blockers",
    "spare_blockers",
    "thaw_blockers",
    "void_blockers",
    "witness_blockers",
]
