"""The only writers of lots and their ledger."""

from vein2vein.materials.actions.drawing import (
    consume_lot,
    discard_thawed,
    thaw_vials,
)
from vein2vein.materials.actions.receiving import (
    adjust_lot,
    load_demonstration,
    recall_lot,
    receive_lot,
    reject_lot,
    release_lot,
    release_lot_to_market,
)
from vein2vein.materials.actions.reserving import (
    release_reservation,
    release_reservations,
    reserve_for_slot,
    reserve_lot,
    secure_for_batch,
)

__all__ = [
    "adjust_lot",
    "consume_lot",
    "discard_thawed",
    "load_demonstration",
    "recall_lot",
    "receive_lot",
    "reject_lot",
    "release_lot",
    "release_lot_to_market",
    "release_reservation",
    "release_reservations",
    "reserve_for_slot",
    "reserve_lot",
    "secure_for_batch",
    "thaw_vials",
]
