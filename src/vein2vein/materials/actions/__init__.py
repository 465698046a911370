"""The only writers of lots and their ledger."""

from vein2vein.materials.actions.drawing import (
    consume_lot,
    discard_thawed,
    release_reservation,
    reserve_lot,
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
    "reserve_lot",
    "thaw_vials",
]
